window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "edit_info" : {
        "edit" : {
          "initialTweetId" : "1990000000000000001",
          "editControlInitial" : {
            "editTweetIds" : [ "1990000000000000001", "1990000000100000002" ],
            "editableUntil" : "2026-11-16T09:00:00.000Z"
          }
        }
      },
      "retweeted" : false,
      "entities" : { "hashtags" : [ { "text" : "tulevaisuudenkunta", "indices" : [ "0", "19" ] } ], "urls" : [ ] },
      "favorite_count" : "3",
      "retweet_count" : "1",
      "id_str" : "1990000000100000002",
      "id" : "1990000000100000002",
      "created_at" : "Sun Nov 16 08:47:14 +0000 2025",
      "full_text" : "#tulevaisuudenkunta korjattu viesti",
      "lang" : "fi"
    }
  },
  {
    "tweet" : {
      "id_str" : "1990000000000000003",
      "created_at" : "Sun Nov 16 08:48:14 +0000 2025",
      "full_text" : "Toinen oma viesti",
      "favorite_count" : "0",
      "retweet_count" : "0"
    }
  }
]

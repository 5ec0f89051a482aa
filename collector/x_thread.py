"""The discussion around a post of X: what to search for, and how far its replies are followed.

X answers a conversation flat, whatever its depth: what lies deeper than asked for is left out where the chain of
replies up to the post is known.
"""

from collector.source import Opening


def thread_query(opening: Opening) -> str:
    """Return the search that finds replies and quotes; an edited post has two ids, and people answer either."""
    newest = (opening.url or "").rpartition("/")[2]
    ids = dict.fromkeys([opening.native_id, *([newest] if newest.isdecimal() else [])])
    roots = dict.fromkeys([opening.discussion or opening.native_id, *list(ids)[1:]])
    return " OR ".join([*(f"conversation_id:{one}" for one in roots), *(f"quotes_of_tweet_id:{one}" for one in ids)])

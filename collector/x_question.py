"""What is asked of X: searches for the hashtags, in either naming of fields."""

from collections.abc import Mapping
from dataclasses import dataclass

_QUERY_LIMIT = 512
"""Characters of a query: https://docs.x.com/x-api/posts/search/integrate/build-a-query"""
RECENT = "/2/tweets/search/recent"
ALL = "/2/tweets/search/all"
RECENT_COUNTS = "/2/tweets/counts/recent"
ALL_COUNTS = "/2/tweets/counts/all"
LOOK_UP = "/2/tweets"
USAGE = "/2/usage/tweets"
LARGEST: Mapping[str, int] = {RECENT: 100, ALL: 500, LOOK_UP: 100}
"""Posts of one answer."""
LEAST: Mapping[str, int] = {RECENT: 10, ALL: 10, LOOK_UP: 1}
"""Posts that X lets one ask for at least."""
DIALECTS: Mapping[str, Mapping[str, str]] = {
    "tweet": {
        "tweet.fields": "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,"
        "public_metrics,referenced_tweets,withheld",
        "expansions": "author_id",
        "user.fields": "name,username,withheld",
    },
    "post": {
        "post.fields": "conversation_id,created_at,entities,lang,note_post,public_metrics,withheld",
        "expansions": "author_id,edit_history_post_ids,referenced_posts",
        "user.fields": "name,username,withheld",
    },
}
"""How fields are asked for, in the old naming and in the new; X says 400 to the one that it does not know."""


@dataclass(slots=True, kw_only=True)
class Question:
    """One request; where X does not take it as it is, it is changed and asked again."""

    path: str
    asked: dict[str, str]

    @property
    def shows_posts(self) -> bool:
        """Whether posts are answered, and billed one by one."""
        return self.path in LARGEST

    @property
    def most(self) -> int:
        """Posts that are wanted."""
        return self.asked["ids"].count(",") + 1 if "ids" in self.asked else LARGEST[self.path]

    def sized(self, count: int) -> dict[str, str]:
        """Return the parameters with no more posts asked for than that."""
        if "ids" in self.asked:
            return {**self.asked, "ids": ",".join(self.asked["ids"].split(",")[:count])}
        return {**self.asked, "max_results": str(count)}

    def __str__(self) -> str:
        return f"{self.path} {sorted(self.asked.items())}"


def queries_for(hashtags: tuple[str, ...]) -> tuple[str, ...]:
    """Return as few queries as hold all hashtags, each within X's limit."""
    queries: list[str] = []
    for hashtag in hashtags:
        longer = f"{queries[-1]} OR #{hashtag}" if queries else ""
        if queries and len(longer) <= _QUERY_LIMIT:
            queries[-1] = longer
        else:
            queries.append(f"#{hashtag}")
    return tuple(queries)

"""The search index as a part of the index step."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from corpus.database import Database
from corpus.indexing import IndexedPost
from corpus.search_index import document_id, put
from corpus.vocabulary import PostCodes, Vocabulary


class SearchPart:
    """Lets posts be found by their words, in the forms that a vocabulary knows."""

    name = "search"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.recipe = vocabulary.recipe

    def prepare(self, posts: Sequence[IndexedPost]) -> Mapping[int, tuple[int, PostCodes]]:
        """Return each post's document number and codes."""
        codes = self._vocabulary.of_posts([(post.text, post.hashtags) for post in posts])
        return {
            post.post_id: (document_id(post.created_at, post.post_id), found_by)
            for post, found_by in zip(posts, codes, strict=True)
        }

    def store(self, database: Database, connection: Connection, prepared: Mapping[int, tuple[int, PostCodes]]) -> None:
        """Let the posts be found."""
        put(database, connection, dict(prepared.values()))

"""The rows of the console's people, private to this room: who may enter, how they came in, what they say of it.

A column that is not explained here is explained where the carrier is that it becomes (``corpus.people``,
``corpus.entries``, ``corpus.api_keys``, ``corpus.feedback``).
"""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from corpus.row import KEY as _KEY
from corpus.row import Id, Instant, Json, Key, OptionalInstant, OptionalKey, Row


class PersonRow(Row):
    """Somebody who may enter the console."""

    __tablename__ = "people"
    person_id: Mapped[Id]
    address: Mapped[str] = mapped_column(_KEY, unique=True)
    """Casefolded."""
    name: Mapped[str] = mapped_column(_KEY, unique=True)
    role: Mapped[Key]
    since_at: Mapped[Instant]
    subject: Mapped[OptionalKey]
    """By which an OpenID provider knows the person, from the first login on."""


class SessionRow(Row):
    """A browser that is logged in."""

    __tablename__ = "sessions"
    mark: Mapped[str] = mapped_column(_KEY, primary_key=True)
    """SHA-256 of what the browser holds: who reads the database gets no way in."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.person_id"), index=True)
    begun_at: Mapped[Instant]
    seen_at: Mapped[Instant]


class EntryRow(Row):
    """A login that has begun: a mailed link, or a visit to an OpenID provider."""

    __tablename__ = "entries"
    mark: Mapped[str] = mapped_column(_KEY, primary_key=True)
    """SHA-256 of the link's token, or of the state that the provider hands back."""
    kind: Mapped[Key]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.person_id"), index=True)
    content: Mapped[Json]
    made_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]


class ApiKeyRow(Row):
    """A key of the API."""

    __tablename__ = "api_keys"
    key_id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text())
    mark: Mapped[str] = mapped_column(_KEY, unique=True)
    scopes: Mapped[Json]
    made_by: Mapped[str] = mapped_column(Text())
    made_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]


class FeedbackRow(Row):
    """What somebody said of the console's accessibility."""

    __tablename__ = "feedback"
    feedback_id: Mapped[Id]
    at: Mapped[Instant]
    said: Mapped[str] = mapped_column(Text())
    reply_to: Mapped[str] = mapped_column(Text())
    settled_at: Mapped[OptionalInstant]
    settled_by: Mapped[str | None] = mapped_column(Text())

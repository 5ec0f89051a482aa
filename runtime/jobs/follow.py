"""What coordinators follow from week to week, whether or not it stands out."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.types import UNSURE
from runtime.jobs.topics import known_topics, meant_topic, refuse_idle

if TYPE_CHECKING:
    from runtime.jobs.topics import KnownTopic
    from runtime.wiring import Program
    from trends.decided import Follow


def following(program: "Program") -> "tuple[Follow, ...]":
    """Return what is followed, in the order in which it was taken up."""
    from trends.decided import decided_by

    return decided_by(program.corpus.decisions.all()).follows


def follow(program: "Program", wanted: str, *, who: str) -> "Follow":
    """Follow a topic that an issue told of, by its key or label, else words; a comma parts words of one meaning.

    Raises:
        MisuseError: it is followed already, several topics are meant, or no word of it could be counted.
    """
    from corpus.decisions import Decision

    words = " ".join(wanted.split())
    topic = _topic(known_topics(program), words)
    if topic is None:
        _refuse_unreadable(program, words)
    key = topic.key if topic else blake2b(f"follow {words.casefold()}".encode(), digest_size=8).hexdigest()
    decision = Decision(
        kind="follow",
        topic=key,
        terms={key: topic.terms} if topic else {},
        label=topic.label if topic else {UNSURE: words},
        who=who,
        at=program.clock(),
    )
    refuse_idle(program.corpus.decisions.all(), decision)
    program.corpus.decisions.add(decision)
    return next(one for one in following(program) if one.key == key)


def unfollow(program: "Program", wanted: str, *, who: str) -> "Follow":
    """Follow something no more, named by its key, the beginning of its key, its label or its words.

    Raises:
        MisuseError: it is not followed, or several are meant.
    """
    from corpus.decisions import Decision

    folded, followed = " ".join(wanted.split()).casefold(), following(program)
    named = [one for one in followed if folded in {one.key, *(label.casefold() for label in one.label.values())}]
    found = named or [one for one in followed if folded and one.key.startswith(folded)]
    if len(found) != 1:
        told = "may be several" if found else "is not followed"
        raise MisuseError(f"{wanted!r} {told}.", "See what is followed: kuntakaiku topics")
    program.corpus.decisions.add(Decision(kind="unfollow", topic=found[0].key, who=who, at=program.clock()))
    return found[0]


def _topic(topics: "Sequence[KnownTopic]", wanted: str) -> "KnownTopic | None":
    """Return the topic that is meant; None where the words name none."""
    folded = wanted.casefold()
    exactly = any(folded in {one.key, *(label.casefold() for label in one.label.values())} for one in topics)
    # Words may begin as a key does: only what holds a digit is taken for the beginning of one.
    beginning = any(one.key.startswith(folded) for one in topics) and any(letter.isdigit() for letter in folded)
    return meant_topic(topics, wanted) if exactly or beginning else None


def _refuse_unreadable(program: "Program", words: str) -> None:
    """Raise where no word is ever counted: a word without a subject, the programme's own hashtag, no word at all."""
    from trends.decided import NOTHING, Follow
    from trends.find import reader_for
    from trends.follow import alternatives_of

    programme = program.configuration.programme
    reader = reader_for(programme, program.lemmatiser.lemma)
    asked = Follow(key="", label={}, words=words)
    if not alternatives_of(asked, reader, programme.languages, NOTHING):
        raise MisuseError(
            f"No word of {words!r} is ever counted.",
            "Name a subject: words like “and”, and the programme's own hashtag, are in too many posts.",
        )

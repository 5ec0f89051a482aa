"""An issue as editors let it go out: its numbers, and what they changed in what it shows. Pure; no number changes.

What is left out still counts in every number. The mail says how much was left out, and says nothing that was true only
of the whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.edits import Edits
from digest.inert import one_line
from digest.issue import Issue, Section
from digest.matters import Topic

LONGEST_INTRODUCTION = 1_500
"""Letters of an introduction in one language."""
NO_EDITS = Edits()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """How much of an issue its editors left out of what it shows."""

    posts: int = 0
    discussions: int = 0
    topics: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedIssue:
    """An issue as it is shown."""

    issue: Issue
    """With what is shown alone, in its order."""
    introduction: tuple[str, ...]
    """Paragraphs in the language that was asked for; nothing where there is none in it."""
    left_out: LeftOut
    places: tuple[str, ...]
    """Keys of all posts that the issue names: links of mails name a post by its place here, whatever is edited."""


def edited(issue: Issue, edits: Edits, language: str) -> EditedIssue:
    """Return an issue as its editors changed it, with the introduction in a language."""
    told = tuple(topic for topic in pinned_first(issue.topics, edits) if topic.key not in edits.hidden_topics)
    whole = replace(issue, topics=told)
    shown = replace(
        whole,
        topics=tuple(_topic(topic, edits) for topic in told),
        sections=tuple(_section(section, edits) for section in issue.sections),
        doubts=tuple(doubt for doubt in issue.doubts if doubt.post not in edits.hidden),
    )
    gone = set(edits.hidden).intersection(whole.shown_keys)
    talks = {item.post for section in issue.sections for item in section.items if item.posts > 1}
    return EditedIssue(
        issue=shown,
        introduction=paragraphs(edits.introduction.get(language, "")),
        left_out=LeftOut(posts=len(gone - talks), discussions=len(gone & talks), topics=len(issue.topics) - len(told)),
        places=issue.shown_keys,
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a plain text, each in one line: empty lines part them."""
    parts: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            parts[-1].append(line)
        else:
            parts.append([])
    return tuple(said for part in parts if (said := one_line(" ".join(part))))


def ordered(section: Section, edits: Edits) -> Section:
    """Return a theme's posts in the order that was chosen, those that are left out too."""
    places = {key: place for place, key in enumerate(edits.order)}
    return replace(section, items=tuple(sorted(section.items, key=lambda item: places.get(item.post, len(places)))))


def pinned_first(topics: Iterable[Topic], edits: Edits) -> list[Topic]:
    """Return topics in the order in which they are shown, those that are left out too."""
    places = {key: place for place, key in enumerate(edits.pinned)}
    return sorted(topics, key=lambda topic: places.get(topic.key, len(places)))


def posts_of(issue: Issue) -> frozenset[str]:
    """Return the keys of the posts that can be left out."""
    return frozenset(issue.shown_keys)


def introduced(edits: Edits, language: str, text: str) -> Edits:
    """Return edits with an introduction in a language; without one where the text is empty."""
    others = {code: said for code, said in edits.introduction.items() if code != language}
    said = "\n\n".join(paragraphs(text))
    return replace(edits, introduction=others | ({language: said} if said else {}))


def hidden(edits: Edits, post: str) -> Edits:
    """Return edits by which a post is left out."""
    return replace(edits, hidden=_with(edits.hidden, post))


def shown(edits: Edits, post: str) -> Edits:
    """Return edits by which a post is left out no more."""
    return replace(edits, hidden=_without(edits.hidden, post))


def pinned(edits: Edits, topic: str) -> Edits:
    """Return edits by which a topic comes first, and is not left out."""
    return replace(
        edits,
        pinned=(topic, *_without(edits.pinned, topic)),
        hidden_topics=_without(edits.hidden_topics, topic),
    )


def unpinned(edits: Edits, topic: str) -> Edits:
    """Return edits by which a topic stands where its strength puts it."""
    return replace(edits, pinned=_without(edits.pinned, topic))


def topic_hidden(edits: Edits, topic: str) -> Edits:
    """Return edits by which a topic is left out."""
    return replace(edits, pinned=_without(edits.pinned, topic), hidden_topics=_with(edits.hidden_topics, topic))


def topic_shown(edits: Edits, topic: str) -> Edits:
    """Return edits by which a topic is left out no more."""
    return replace(edits, hidden_topics=_without(edits.hidden_topics, topic))


def moved(edits: Edits, section: Section, post: str, step: int) -> Edits:
    """Return edits by which a post of a theme stands so many places further down; a negative step leads up."""
    keys = [item.post for item in ordered(section, edits).items]
    if post not in keys:
        return edits
    place = max(0, min(keys.index(post) + step, len(keys) - 1))
    others = [key for key in keys if key != post]
    turned = (*others[:place], post, *others[place:])
    if list(turned) == keys:
        return edits
    return replace(edits, order=(*(key for key in edits.order if key not in keys), *turned))


def _section(section: Section, edits: Edits) -> Section:
    found = ordered(section, edits)
    return replace(found, items=tuple(item for item in found.items if item.post not in edits.hidden))


def _topic(topic: Topic, edits: Edits) -> Topic:
    # No other example takes its place: then nobody could tell what was left out.
    return replace(topic, examples=()) if topic.examples and topic.examples[0] in edits.hidden else topic


def _with(keys: Sequence[str], key: str) -> tuple[str, ...]:
    return (*keys, key) if key not in keys else tuple(keys)


def _without(keys: Sequence[str], key: str) -> tuple[str, ...]:
    return tuple(one for one in keys if one != key)

"""What can be changed in the week's digest, as its page shows it: words, posts, topics, and what was changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from console.address import discussion_path, named_post
from console.paper import Face, Shelf
from console.views.shown import language_of, text_of
from digest.edits import LONGEST_INTRODUCTION, edited, ordered, pinned_first
from digest.inert import one_line, shorten
from digest.issue import Issue
from digest.talk import left_out

if TYPE_CHECKING:
    from corpus.edits import Edits, StoredEdits
    from corpus.issues import StoredIssue
    from corpus.post import ClassifiedPost

_EXCERPT = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A post or a topic that the draft shows, or leaves out."""

    key: str
    anchor: str
    said: str
    """The beginning of its text; a topic's name."""
    language: str
    note: str
    """That it is a discussion, and of how many posts; else nothing."""
    is_out: bool
    is_pinned: bool = False
    can_rise: bool = False
    can_sink: bool = False
    path: str = ""
    """Of its discussion; empty of a topic."""
    theme: str = ""
    """Its standing today; empty where there is no text to judge."""
    labels: int = 0
    """Judgements that people have given of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The posts of one theme, in the order in which they are shown; those of no theme are unclear."""

    theme: Shelf | None
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The introduction in one language."""

    language: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What can be changed, and what was."""

    words: tuple[Words, ...]
    longest: int
    topics: tuple[Choice, ...]
    groups: tuple[Group, ...]
    themes: tuple[Shelf, ...]
    changes: tuple[tuple[bool, str], ...]
    """Each with whether it is as it should be."""
    last: str
    """Who changed it last, and when; empty where nobody has."""
    fixed: str
    """How many themes were judged since the draft was made; empty where none was."""

    @property
    def anchors(self) -> frozenset[str]:
        """Where the page can be told of a change."""
        choices = [*self.topics, *(one for group in self.groups for one in group.choices)]
        return frozenset({"introduction", *(one.anchor for one in choices)})


def anchor_of(key: str) -> str:
    """Return where on the page a post or topic stands; its own key may hold anything."""
    return f"e-{sha256(key.encode()).hexdigest()[:12]}"


def desk(face: Face, stored: "StoredIssue", standing: "StoredEdits") -> Desk:
    """Return what can be changed in an issue."""
    issue, edits = Issue.from_json(stored.numbers), standing.edits
    fixed = face.house.corpus.reviews.given_since(stored.drafted_at)
    return Desk(
        words=tuple(
            Words(language=code, name=face.own_name(code), text=edits.introduction.get(code, ""))
            for code in face.house.configuration.programme.languages
        ),
        longest=LONGEST_INTRODUCTION,
        topics=tuple(_topics(face, issue, edits)),
        groups=tuple(_groups(face, issue, edits)),
        themes=tuple(face.themes[:-1]),
        changes=tuple(_changes(face, issue, edits)),
        last=face.t("week.edit.last", when=face.moment(standing.edited_at), who=one_line(standing.edited_by or "")[:40])
        if standing.edited_at
        else "",
        fixed=face.n("week.edit.fixed", fixed) if fixed and stored.state == "draft" else "",
    )


def _topics(face: Face, issue: Issue, edits: "Edits") -> list[Choice]:
    return [
        Choice(
            key=topic.key,
            anchor=anchor_of(topic.key),
            said=_name(face, topic.label, topic.language),
            language=face.language if face.language in topic.label else topic.language,
            note=face.t(f"topics.state.{topic.state}"),
            is_out=topic.key in edits.hidden_topics,
            is_pinned=topic.key in edits.pinned,
        )
        for topic in pinned_first(issue.topics, edits)
    ]


def _groups(face: Face, issue: Issue, edits: "Edits") -> list[Group]:
    found = []
    for section in issue.sections:
        items = ordered(section, edits).items
        choices = [
            _choice(face, item.post, edits, posts=item.posts, place=place, of=len(items))
            for place, item in enumerate(items)
        ]
        if choices:
            found.append(Group(theme=face.theme(section.slug), choices=tuple(choices)))
    # A discussion may begin with a post that is unclear: it has one place here, that of its theme.
    told = {item.post for section in issue.sections for item in section.items}
    unclear = [_choice(face, doubt.post, edits) for doubt in issue.doubts if doubt.post not in told]
    return [*found, *([Group(theme=None, choices=tuple(unclear))] if unclear else [])]


def _choice(face: Face, key: str, edits: "Edits", *, posts: int = 1, place: int = 0, of: int = 1) -> Choice:
    name = named_post(key)
    found = face.house.corpus.posts.by_native_id(*name) if name else None
    text = one_line(text_of(found)) if found else ""
    return Choice(
        key=key,
        anchor=anchor_of(key),
        said=shorten(text, _EXCERPT) or face.t("week.edit.no_text"),
        language=language_of(face, found) if found and text else face.language,
        note=face.n("week.edit.discussion", posts) if posts > 1 else "",
        is_out=key in edits.hidden,
        can_rise=place > 0,
        can_sink=place < of - 1,
        path=discussion_path(*name) if name else "",
        theme=_standing(found) if found and text else "",
        labels=len(found.labels) if found else 0,
    )


def _standing(post: "ClassifiedPost") -> str:
    return post.standing if post.standing != "unclassified" else "unsure"


def _changes(face: Face, issue: Issue, edits: "Edits") -> list[tuple[bool, str]]:
    languages = face.house.configuration.programme.languages
    given = [code for code in languages if code in edits.introduction]
    found: list[tuple[bool, str]] = []
    if given:
        found.append((True, face.t("week.edit.introduced", languages=_listed(face, given))))
        if lacking := [code for code in languages if code not in given]:
            found.append((False, face.t("week.edit.lacks", languages=_listed(face, lacking))))
    if gone := left_out(face.speak, edited(issue, edits, "").left_out, "posts", "discussions", "topics"):
        found.append((True, gone))
    names = {topic.key: _name(face, topic.label, topic.language) for topic in issue.topics}
    if pinned := [face.speak.quoted(names[key]) for key in edits.pinned if key in names]:
        found.append((True, face.t("week.edit.pinned_topics", topics=face.speak.listed(pinned))))
    moved = [face.theme(one.slug).name for one in issue.sections if ordered(one, edits).items != one.items]
    if moved:
        found.append((True, face.t("week.edit.moved", themes=face.speak.listed([face.speak.quoted(n) for n in moved]))))
    return found


def _name(face: Face, names: Mapping[str, str], language: str) -> str:
    return shorten(one_line(names.get(face.language) or names.get(language) or next(iter(names.values()), "")), 60)


def _listed(face: Face, codes: Sequence[str]) -> str:
    return face.speak.listed([face.speak.language_name(code) for code in codes])

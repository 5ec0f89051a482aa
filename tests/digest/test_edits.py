"""What editors change in an issue: what it shows and in which order, and no number of it."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.edits import Edits
from digest import edits as editing
from digest.edits import LeftOut, edited
from digest.issue import Issue, Item, Section
from digest.recompute import numbers
from tests.digest.conftest import invented

ISSUE = invented()
POSTS = [*ISSUE.shown_keys, "mastodon:elsewhere"]
TOPICS = [*(topic.key for topic in ISSUE.topics), "elsewhere"]
EDITS = st.builds(
    Edits,
    introduction=st.dictionaries(st.sampled_from(["fi", "sv"]), st.text(max_size=40)),
    hidden=st.lists(st.sampled_from(POSTS), unique=True).map(tuple),
    order=st.lists(st.sampled_from(POSTS), unique=True).map(tuple),
    pinned=st.lists(st.sampled_from(TOPICS), unique=True).map(tuple),
    hidden_topics=st.lists(st.sampled_from(TOPICS), unique=True).map(tuple),
)
_SHOWN = ("topics.", "sections.", "doubts.")


def items_of(issue: Issue) -> list[list[Item]]:
    """Return the items of each theme."""
    return [list(section.items) for section in issue.sections]


@settings(max_examples=50)
@given(EDITS)
def test_no_edit_changes_a_number(edits: Edits) -> None:
    """Whatever is left out or moved, every number of the issue stays, and so does every number of what is shown."""
    found = edited(ISSUE, edits, "fi").issue
    before, after = numbers(ISSUE), numbers(found)
    assert {path: n for path, n in after.items() if not path.startswith(_SHOWN)} == {
        path: n for path, n in before.items() if not path.startswith(_SHOWN)
    }
    assert found.counted == ISSUE.counted
    kept = {topic.key: replace(topic, examples=()) for topic in found.topics}
    assert kept == {topic.key: replace(topic, examples=()) for topic in ISSUE.topics if topic.key in kept}


@given(EDITS)
def test_what_is_missing_is_counted_as_left_out(edits: Edits) -> None:
    """Nothing that is hidden is shown, and what is shown and what is left out make up the whole."""
    found = edited(ISSUE, edits, "fi")
    assert not set(found.issue.shown_keys) & set(edits.hidden)
    assert editing.posts_of(found.issue) <= editing.posts_of(ISSUE)
    told = replace(ISSUE, topics=tuple(one for one in ISSUE.topics if one.key not in edits.hidden_topics))
    left_out = found.left_out
    assert left_out.posts + left_out.discussions == len(told.shown_keys) - len(found.issue.shown_keys)
    assert left_out.topics == len(ISSUE.topics) - len(found.issue.topics)
    assert found.places == ISSUE.shown_keys


@given(EDITS)
def test_order_is_of_all_that_is_shown(edits: Edits) -> None:
    """Moving and pinning lose nothing and invent nothing; what was chosen comes first, in the chosen order."""
    shown = edited(ISSUE, replace(edits, hidden=(), hidden_topics=()), "fi").issue
    for before, after in zip(items_of(ISSUE), items_of(shown), strict=True):
        assert sorted(before, key=lambda one: one.post) == sorted(after, key=lambda one: one.post)
        chosen = [item.post for item in after if item.post in edits.order]
        assert chosen == [key for key in edits.order if key in chosen]
        assert [item.post for item in after][: len(chosen)] == chosen
    keys = [topic.key for topic in shown.topics]
    assert sorted(keys) == sorted(topic.key for topic in ISSUE.topics)
    pinned = [key for key in edits.pinned if key in keys]
    assert keys[: len(pinned)] == pinned


def test_discussion_that_is_left_out_is_told_as_one() -> None:
    """A discussion counts as a discussion, a post as a post, once however often the issue names it."""
    hidden = ("mastodon:121", "mastodon:141", "mastodon:151")
    assert edited(ISSUE, Edits(hidden=hidden), "fi").left_out == LeftOut(posts=2, discussions=1)


def test_example_of_a_topic_that_is_left_out_has_no_successor() -> None:
    """Where the post under a topic is left out, no other takes its place: else it would not be missed."""
    first = ISSUE.topics[0]
    found = edited(ISSUE, Edits(hidden=first.examples[:1]), "fi")
    assert found.issue.topics[0].examples == ()
    assert found.left_out.posts == 1


def test_post_is_moved_within_its_theme_and_not_beyond() -> None:
    """A step moves it by one; beyond the ends, and in a theme that does not show it, nothing changes."""
    section = Section(slug="a", items=tuple(Item(post=f"m:{n}") for n in (1, 2, 3)))

    def order(edits: Edits) -> list[str]:
        return [item.post for item in editing.ordered(section, edits).items]

    down = editing.moved(Edits(order=("m:9",)), section, "m:1", 1)
    assert order(down) == ["m:2", "m:1", "m:3"]
    assert down.order[0] == "m:9"
    assert order(editing.moved(down, section, "m:3", -1_000)) == ["m:3", "m:2", "m:1"]
    assert editing.moved(down, section, "m:3", 1) == down
    assert editing.moved(down, section, "m:8", 1) == down


def turned(*acts: Callable[[Edits, str], Edits]) -> Edits:
    """Return the edits after some acts on one topic."""
    edits = Edits()
    for act in acts:
        edits = act(edits, "k")
    return edits


def test_acts_undo_one_another() -> None:
    """Each act has its opposite; twice the same is once; what is pinned is shown, what is left out is not pinned."""
    assert turned(editing.hidden, editing.hidden) == Edits(hidden=("k",))
    assert turned(editing.hidden, editing.shown) == Edits()
    assert turned(editing.pinned, editing.pinned) == Edits(pinned=("k",))
    assert turned(editing.pinned, editing.unpinned) == Edits()
    assert turned(editing.topic_hidden, editing.pinned) == Edits(pinned=("k",))
    assert turned(editing.pinned, editing.topic_hidden) == Edits(hidden_topics=("k",))
    assert turned(editing.topic_hidden, editing.topic_shown) == Edits()


def test_introduction_is_kept_by_paragraphs_and_language() -> None:
    """Empty lines part paragraphs, other line ends are blanks; an empty text takes the introduction away."""
    edits = editing.introduced(Edits(), "fi", "  Hyvää\r\nhuomenta! \n \n\n\nViikko oli\x00 pitkä.\n")
    edits = editing.introduced(edits, "sv", "God morgon!")
    assert edits.introduction == {"fi": "Hyvää huomenta!\n\nViikko oli pitkä.", "sv": "God morgon!"}
    assert edited(ISSUE, edits, "fi").introduction == ("Hyvää huomenta!", "Viikko oli pitkä.")
    assert edited(ISSUE, edits, "en").introduction == ()
    assert editing.introduced(edits, "fi", " \n ").introduction == {"sv": "God morgon!"}

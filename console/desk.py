"""What editors do with the week's digest: the functions that the command line calls too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from programme.week import Week

if TYPE_CHECKING:
    from corpus.edits import Seen, StoredEdits
    from corpus.ledger import Run
    from corpus.reviews import Outcome

PostAct = Literal["hide", "show", "up", "down"]
TopicAct = Literal["pin", "unpin", "hide_topic", "show_topic"]
Decided = Literal["sent", "again", "give_up"]
"""It arrived; it did not, and is sent again with the same Message-ID; nobody knows, and it is left."""


class Introducer(Protocol):
    """Puts words above a draft, by language."""

    def __call__(self, week: Week, said: Mapping[str, str], *, who: str, seen: "Seen | None" = None) -> "StoredEdits":
        """Return the edits as they stand.

        Raises:
            IssueStateError: the issue is no draft.
            DraftChangedError: it is not the one that the editor looked at.
            MisuseError: a text is too long, or its language none of the programme's.
        """


class PostEditor(Protocol):
    """Leaves a post out of a draft, shows it again, or moves it within its theme."""

    def __call__(self, week: Week, act: PostAct, post: str, *, who: str, seen: "Seen | None" = None) -> "StoredEdits":
        """Return the edits as they stand.

        Raises:
            IssueStateError, DraftChangedError: as ``Introducer``.
            MisuseError: the draft does not show the post.
        """


class TopicEditor(Protocol):
    """Puts a topic first in a draft or back, leaves it out or shows it again."""

    def __call__(self, week: Week, act: TopicAct, topic: str, *, who: str, seen: "Seen | None" = None) -> "StoredEdits":
        """Return the edits as they stand.

        Raises:
            IssueStateError, DraftChangedError: as ``Introducer``.
            MisuseError: the draft does not tell of the topic.
        """


class Fixer(Protocol):
    """Stores an editor's judgement of a post that a draft shows."""

    def __call__(self, week: Week, post: str, theme: str, *, labels: int, who: str) -> "Outcome":
        """Return what became of it; ``labels`` is how many judgements its judge knew of.

        Raises:
            MisuseError: the draft does not show the post, or the programme has no such theme.
        """


class Settler(Protocol):
    """Records what a person decided on a delivery in doubt."""

    def __call__(self, key: str, recipient: str, decided: Decided, *, who: str, attempts: int | None = None) -> bool:
        """Return whether it was in doubt, after as many attempts as the person knew of."""


class Beginner(Protocol):
    """Notes that an approved issue is sent now."""

    def __call__(self, week: Week, *, who: str, seen: "Seen | None" = None) -> "Run":
        """Return what ``Desk.send_on`` goes on with.

        Raises:
            IssueStateError: it is not approved.
            DraftChangedError: it is not the one that was looked at.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What editors do with the week's digest."""

    introduce: Introducer
    edit_post: PostEditor
    edit_topic: TopicEditor
    fix_theme: Fixer
    draft_again: Callable[[Week, str], None]
    """Draft a week's issue anew, or its correction; second, who does it; edits stay.

    Raises:
        IssueStateError: it is no draft any more.
    """
    withdraw: Callable[[Week, str], None]
    """Make an approved issue a draft again.

    Raises:
        IssueStateError: it is not approved, or was sent to somebody.
    """
    begin_sending: Beginner
    send_on: "Callable[[Week, Run], None]"
    """Send what was begun; how it ended stands in the run ledger."""
    last_sending: "Callable[[str], Run | None]"
    """The last sending of an issue, by its key, that somebody began here."""
    settle: Settler

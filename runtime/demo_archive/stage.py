"""The stage of the demonstration: posts are put on it one by one."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from programme.week import Week
from runtime.demo_archive.cast import NETWORKS, Cast, Writer
from runtime.demo_archive.script import ORIGINS, Line
from runtime.demo_archive.timing import X_REFUSED, collectable, moment, native_id

ROOM_ON_X = 255
"""Characters that a text may have beside its hashtag on the network with the shortest posts."""
_KINDS = {
    ORIGINS["kunta_strategiat"]: {"o": 45, "c": 25, "s": 20, "e": 10},
    ORIGINS["vkk_ministry_fi"]: {"e": 55, "c": 20, "m": 25},
    ORIGINS["yso_municipal_themes"]: {"e": 80, "s": 20},
}
"""Who could have said a text of each open set."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staged:
    """One post on the stage."""

    line: Line
    writer: Writer
    at: datetime
    native_id: str
    week: Week
    reply_to: "Staged | None" = None
    root: "Staged | None" = None
    """First post of its thread; None where it stands alone or is the first itself."""
    quote_of: "Staged | None" = None
    repost_of: "Staged | None" = None
    hashtag: bool = True
    link: str | None = None


@dataclass(slots=True, kw_only=True)
class Stage:
    """Collects the posts while the scenes are played."""

    chance: Random
    cast: Cast
    posts: list[Staged] = field(default_factory=list)

    def say(
        self,
        line: Line,
        week: Week,
        *,
        at: datetime | None = None,
        networks: Collection[str] = (),
        but: Collection[Writer] = (),
        writer: Writer | None = None,
        reply_to: Staged | None = None,
        quote_of: Staged | None = None,
        repost_of: Staged | None = None,
        link: str | None = None,
        hashtag: bool = True,
    ) -> Staged:
        """Add one post and return it: by the given writer, else by one of the line's language and kind."""
        kind = line.kind or self._kind_of(line)
        writer = writer or self.cast.choose(
            self.chance, lang=line.lang, kind=kind, networks=networks or self._networks(line, kind, week), but=but
        )
        at = collectable(at or moment(self.chance, week, kind), writer.network)
        post = Staged(
            line=line,
            writer=writer,
            at=at,
            native_id=native_id(self.chance, writer, at),
            week=week,
            reply_to=reply_to,
            root=(reply_to.root or reply_to) if reply_to else None,
            quote_of=quote_of,
            repost_of=repost_of,
            hashtag=hashtag and not line.bare and writer.network != "feed",
            link=link,
        )
        self.posts.append(post)
        return post

    def _kind_of(self, line: Line) -> str:
        kinds = _KINDS[line.origin]
        return self.chance.choices(list(kinds), list(kinds.values()))[0]

    def _networks(self, line: Line, kind: str, week: Week) -> set[str]:
        if kind == "m":
            return {"feed"}
        if len(line.text) > ROOM_ON_X:
            return {"mastodon"}
        open_now = set(NETWORKS) - ({"x"} if week == X_REFUSED else set())
        return {"feed"} if kind == "o" and self.chance.random() < 0.1 else open_now  # noqa: PLR2004 -- one in ten

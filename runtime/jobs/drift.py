"""Whether people write otherwise than when the classifier was trained: in other languages, or of what it does not know.

Looked at with the daily upkeep, over the last four whole weeks; a training starts the comparison anew, also one whose
classifier was found worse: asked again the same night it would end the same way.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from programme.types import UNSURE
from programme.week import Week
from runtime.jobs.audit import WEEKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.wiring import Program

_FACT = "drift"
_ENOUGH = 200
"""Posts, then and now, from which their mix tells more than chance: a share's 95 % interval is then at most ±.07."""
_MOVED = 0.2
"""Share of the posts that would have to be in another language for the mix to be as before."""
_ABSTAINED = 0.15
"""Difference in the share of posts that stay unclear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What the classified posts of the last four whole weeks are like."""

    posts: int
    languages: "Mapping[str, float]"
    """Share of each, most first."""
    abstained: float | None
    """Share of those that stayed unclear; None without posts."""


def mix_of(program: "Program") -> Mix:
    """Return what the classified posts of the last four whole weeks are like."""
    zone = program.configuration.programme.zone
    last = Week.of(program.clock(), zone).plus(-1)
    languages: Counter[str] = Counter()
    abstained = 0
    for post in program.corpus.posts.classified_between(last.plus(1 - WEEKS).start_at(zone), last.end_at(zone)):
        if post.prediction is not None:
            languages[post.prediction.lang] += 1
            abstained += post.prediction.theme is None and post.standing == UNSURE
    total = languages.total()
    return Mix(
        posts=total,
        languages={code: count / total for code, count in languages.most_common()},
        abstained=abstained / total if total else None,
    )


def note(program: "Program", *, trained: bool) -> None:
    """Remember what posts are like now; after a training, and as long as there were too few, also as the measure."""
    fact = program.corpus.facts.get(_FACT) or {}
    found = mix_of(program)
    now = {"posts": found.posts, "languages": dict(found.languages), "abstained": found.abstained}
    then = fact.get("then")
    if trained or then is None or then["posts"] < _ENOUGH:
        then = now
    program.corpus.facts.put(_FACT, {"then": then, "now": now}, now=program.clock())


def has_drifted(program: "Program") -> bool:
    """Return whether posts of late are other ones than at the last training, as far as was noted."""
    fact = program.corpus.facts.get(_FACT)
    if fact is None or min(fact["then"]["posts"], fact["now"]["posts"]) < _ENOUGH:
        return False
    then, now = fact["then"], fact["now"]
    languages = {*then["languages"], *now["languages"]}
    apart = sum(abs(then["languages"].get(one, 0.0) - now["languages"].get(one, 0.0)) for one in languages) / 2
    return bool(apart >= _MOVED or abs(then["abstained"] - now["abstained"]) >= _ABSTAINED)

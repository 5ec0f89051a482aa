"""The model card: what the classifier in use learnt from, how good it is and on what that was measured; pure.

After M. Mitchell et al., *Model Cards for Model Reporting* (2019), written for communications staff.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from classifier import charts
from corpus.export.pages import Block, Heading, Listing, Paragraph, Picture, grid
from programme.messages import Messages
from programme.types import NONE, UNSURE, Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """All that a card tells."""

    version: str
    manifest: Mapping[str, Any]
    """Of the model directory; empty for a cold start."""
    accuracy: Mapping[str, Any]
    """What the audit sample says, as JSON."""
    languages: Mapping[str, float] = field(default_factory=dict)
    """Share of each language among the posts of the last four weeks."""
    abstained: float | None = None
    """Share of these posts that the classifier left unclear; None where there are none."""
    posts: int = 0
    """Of these weeks."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        kept = {name: value for name, value in self.manifest.items() if name not in ("guesses", "sha256")}
        drift = {"posts": self.posts, "languages": dict(self.languages), "abstained": self.abstained}
        return {"version": self.version, "manifest": kept, "accuracy": dict(self.accuracy), "drift": drift}


def card(
    facts: CardFacts, programme: Programme, messages: Messages, language: str, *, name_of: Callable[[str], str] = str
) -> tuple[str, list[Block]]:
    """Return the title and the blocks of a card in a language; ``name_of`` says what a code is called."""
    say = _Words(programme, messages, language, name_of)
    title = say("title", programme=programme.name[language])
    report = facts.manifest.get("report") or {}
    blocks: list[Block] = [Heading(level=1, text=title), *_short(facts, report, say), *_learnt(facts, say)]
    blocks += _audit(facts.accuracy, say)
    if report.get("n"):
        blocks += [*_measured(report, say), *_curves(facts.manifest.get("curves") or {}, say)]
    return title, [*blocks, *_drift(facts, report, say), *_unknown(report, say)]


class _Words:
    """The catalogue's words of cards in one language, and the programme's names."""

    def __init__(self, programme: Programme, messages: Messages, language: str, name_of: Callable[[str], str]) -> None:
        self._messages, self.language, self._name_of = messages, language, name_of
        self.point = "." if language == "en" else ","
        """Between whole and part of a number."""
        self._names = {theme.slug: theme.short_name[language] or theme.slug for theme in programme.themes}

    def __call__(self, key: str, **values: object) -> str:
        return self._messages.translate(f"card.{key}", self.language, **values)

    def head(self, *names: str) -> list[str]:
        return [self(f"head.{name}") for name in names]

    def theme(self, slug: str) -> str:
        return self(slug) if slug in (NONE, UNSURE) else self._names.get(slug, slug)

    def code(self, code: str) -> str:
        return self(f"language.{code}") if code in ("other", UNSURE) else self._name_of(code)

    def number(self, share: float) -> str:
        return f"{share:.2f}".replace(".", self.point)

    def date(self, instant: str) -> str:
        """Return the day of an instant in ISO 8601."""
        year, _, rest = instant[:10].partition("-")
        month, _, day = rest.partition("-")
        if not day:
            return "–"
        return instant[:10] if self.language == "en" else f"{int(day)}.{int(month)}.{year}"

    def percent(self, share: float) -> str:
        return f"{round(100 * share)} %"


def _short(facts: CardFacts, report: Mapping[str, Any], say: _Words) -> Iterator[Block]:
    labels = sum((facts.manifest.get("labels") or {}).values())
    trained = say.date(str(facts.manifest.get("trained_at") or ""))
    key = "trained" if labels else "cold"
    yield Paragraph(text=say(key, version=facts.version, date=trained, labels=labels))
    if not report.get("n") or report.get("provisional"):
        yield Paragraph(text=say("provisional"))


def _learnt(facts: CardFacts, say: _Words) -> Iterator[Block]:
    labels: Mapping[str, int] = facts.manifest.get("labels") or {}
    yield Heading(level=2, text=say("heading.learnt"))
    yield Paragraph(
        text=say("pool", pool=facts.manifest.get("pool", 0), taught=facts.manifest.get("taught_by_pool", 0))
    )
    if labels:
        yield grid(say.head("theme", "labels"), [(say.theme(slug), str(n)) for slug, n in sorted(labels.items())])
        shares: Mapping[str, float] = facts.manifest.get("label_languages") or {}
        yield grid(say.head("language", "share"), [(say.code(code), say.percent(one)) for code, one in shares.items()])


def _audit(accuracy: Mapping[str, Any], say: _Words) -> Iterator[Block]:
    yield Heading(level=2, text=say("heading.audit"))
    share = accuracy.get("share")
    if not share:
        yield Paragraph(text=say("audit_provisional", n=accuracy.get("labelled_ever", 0)))
        return
    told = {"first": accuracy["first"], "last": accuracy["last"], "n": accuracy["n"], "right": accuracy["right"]}
    value, low, high = (say.percent(share[name]) for name in ("value", "low", "high"))
    yield Paragraph(text=say("audit", share=value, low=low, high=high, **told))
    rows = [
        (say.theme(slug), str(one["n"]), say.number(one["f1"]["value"]), _range(one["f1"], say))
        for slug, one in accuracy["per_theme"].items()
        if one["f1"]
    ]
    yield grid([*say.head("theme", "n"), "F1", "95 %"], rows)


def _range(share: Mapping[str, float], say: _Words) -> str:
    return f"{say.number(share['low'])}–{say.number(share['high'])}"


def _measured(report: Mapping[str, Any], say: _Words) -> Iterator[Block]:
    low, high = report["intervals"]["macro_f1"]
    yield Heading(level=2, text=say("heading.measured"))
    yield Paragraph(
        text=say(
            "measured", n=report["n"], f1=say.number(report["macro_f1"]), low=say.number(low), high=say.number(high)
        )
    )
    yield grid(
        [*say.head("theme", "n", "precision", "recall"), "F1"],
        [
            (say.theme(slug), str(one["n"]), *(say.number(one[name]) for name in ("precision", "recall", "f1")))
            for slug, one in report["per_theme"].items()
        ],
    )
    yield grid(
        say.head("language", "n", "accuracy"),
        [(say.code(code), str(one["n"]), say.number(one["accuracy"])) for code, one in report["per_language"].items()],
    )


def _curves(curves: Mapping[str, Any], say: _Words) -> Iterator[Block]:
    if not curves:
        return
    points = [(one["confidence"], one["right"]) for one in curves["calibration"]]
    across, up = say("axis.confidence"), say("axis.right")
    yield Heading(level=2, text=say("heading.calibration"))
    yield Paragraph(text=say("calibration"))
    yield Picture(
        svg=charts.calibration(points, across=across, up=up, title=say("heading.calibration"), point=say.point)
    )
    yield grid(
        [across, up, "n"], [(say.number(x), say.number(y), str(one["n"])) for (x, y), one in _with(points, curves)]
    )
    kept = [(one["share"], one["right"]) for one in curves["coverage"]]
    across = say("axis.coverage")
    yield Heading(level=2, text=say("heading.coverage"))
    yield Paragraph(text=say("coverage"))
    yield Picture(svg=charts.coverage(kept, across=across, up=up, title=say("heading.coverage"), point=say.point))
    yield grid([across, up], [(say.number(x), say.number(y)) for x, y in kept[1::2]])
    names = [say.theme(slug) for slug in curves["classes"]]
    yield Heading(level=2, text=say("heading.confusion"))
    yield Paragraph(text=say("confusion"))
    yield grid(["", *names], [(name, *map(str, row)) for name, row in zip(names, curves["confusion"], strict=True)])


def _with(
    points: list[tuple[float, float]], curves: Mapping[str, Any]
) -> Iterator[tuple[tuple[float, float], Mapping[str, Any]]]:
    return zip(points, curves["calibration"], strict=True)


def _drift(facts: CardFacts, report: Mapping[str, Any], say: _Words) -> Iterator[Block]:
    yield Heading(level=2, text=say("heading.drift"))
    if not facts.posts or facts.abstained is None:
        yield Paragraph(text=say("no_drift"))
        return
    then: Mapping[str, float] = facts.manifest.get("pool_languages") or facts.manifest.get("label_languages") or {}
    yield Paragraph(text=say("drift", posts=facts.posts))
    codes = sorted({*then, *facts.languages}, key=lambda code: (-facts.languages.get(code, 0.0), code))
    rows = [
        (say.code(code), say.percent(then[code]) if code in then else "–", say.percent(facts.languages.get(code, 0.0)))
        for code in codes
    ]
    before = say.percent(1 - report["coverage"]) if report.get("n") else "–"
    rows.append((say("abstained"), before, say.percent(facts.abstained)))
    yield grid(["", *say.head("training", "recent")], rows)


def _unknown(report: Mapping[str, Any], say: _Words) -> Iterator[Block]:
    yield Heading(level=2, text=say("heading.unknown"))
    yield Listing(
        items=tuple(say(f"unknown.{name}") for name in ("irony", "pictures", "short", "random", "new", "people"))
    )
    if report.get("notes"):
        yield Paragraph(text=say("notes"))
        yield Listing(items=tuple(map(str, report["notes"])))

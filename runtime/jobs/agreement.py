"""How far the people agree who labelled the same posts."""

from typing import TYPE_CHECKING

from programme.types import NONE, UNSURE

if TYPE_CHECKING:
    from classifier.agreement import Agreement, Coefficient
    from runtime.wiring import Program

_SEED = 2021


def agreement_of_labels(program: "Program", *, only_blind: bool) -> "Agreement":
    """Return the agreement of the corpus' labels.

    Args:
        program: the house.
        only_blind: leave out labels that were given in sight of the classifier's guess: it draws people together.
    """
    from classifier.agreement import Judgement, agreement

    return agreement(
        (
            Judgement(
                post=f"{stored.post.network}:{stored.post.native_id}",
                by=label.by,
                at=label.at,
                theme=label.theme or NONE,
            )
            for stored, label in program.corpus.judgements.labels()
            if label.blind or not only_blind
        ),
        unsure=UNSURE,
        seed=_SEED,
    )


def as_json(found: "Agreement") -> dict[str, object]:
    """Return it as plain JSON values."""
    return {
        "people": list(found.people),
        "alpha": _coefficient(found.alpha),
        "per_theme": {theme: _coefficient(one) for theme, one in found.per_theme.items()},
        "pairs": [
            {"people": list(pair.people), "agreement": round(pair.agreement, 3), "kappa": _coefficient(pair.kappa)}
            for pair in found.pairs
        ],
        "disagreements": [
            {"network": post.partition(":")[0], "native_id": post.partition(":")[2], "labels": dict(said)}
            for post, said in found.disagreements.items()
        ],
        "unsure": found.unsure,
    }


def lines(found: "Agreement") -> list[str]:
    """Return it for people."""
    if not found.alpha.posts:
        return ["No two people have labelled the same post."]
    return [
        f"{found.alpha.posts} posts were labelled by at least two of {len(found.people)} people;"
        f" of {len(found.disagreements)} they said different things.",
        f"Krippendorff's alpha {_words(found.alpha)}",
        *(f"  {theme}: {_words(one)}" for theme, one in found.per_theme.items()),
        *(
            f"{pair.people[0]} and {pair.people[1]}: the same of {pair.agreement:.0%} of {pair.kappa.posts} posts,"
            f" Cohen's kappa {_words(pair.kappa)}"
            for pair in found.pairs
        ),
    ]


def _coefficient(one: "Coefficient") -> dict[str, object]:
    return {"posts": one.posts, "value": _rounded(one.value), "low": _rounded(one.low), "high": _rounded(one.high)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _words(one: "Coefficient") -> str:
    if one.value is None:
        return "is not defined: everybody said the same of all posts"
    return f"{one.value:.2f} (95 % between {one.low:.2f} and {one.high:.2f})"

"""Review: one post at a time, the classifier's guess with its words, and a key for each answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from console import trail
from console.address import discussion_path, midnight, with_query
from console.paper import Face, Shelf, page, refusal
from console.trail import Step
from console.views.marked import Piece, Word, marked, spoke
from console.views.shown import language_of, sureness, text_of
from programme.errors import MisuseError
from programme.types import NONE, UNSURE

if TYPE_CHECKING:
    from console.house import Ahead
    from corpus.post import ClassifiedPost, Label, Prediction

GOAL = 50
"""Labels of a day after which the bar is full."""
KEYED = 9
"""Themes that have a key."""
_DAY = 86_400
_DIGITS = 18
"""Of a post's id, at most."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One button."""

    theme: Shelf
    key: str
    """Empty where there are more themes than keys."""
    is_guess: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What the classifier makes of a post."""

    best: Shelf
    sure: str
    could_be: str
    """In one of which the right answer lies in nine of ten cases; empty where it is sure enough."""
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A post to label."""

    post_id: int
    network: str
    at: str
    language: str
    language_name: str
    pieces: tuple[Piece, ...]
    guess: Guess | None
    """None: it is not shown, or there is none."""
    is_blind: bool
    proposed: str
    """Theme that a reader proposed; empty where nobody did."""
    path: str
    """Of its discussion; empty where that would show the guess."""
    above: str
    """The text that it answers."""
    above_language: str


def show(face: Face) -> Response:
    """Return the page with the post to label next."""
    return HTMLResponse(_page(face, _trail(face)))


def answer(face: Face, form: Mapping[str, str]) -> Response:
    """Store a label, pass a post over, take the last step back, or switch the keys; then go to the next post."""
    steps, act = _trail(face), form.get("act", "")
    if act in ("keys_on", "keys_off"):
        return _switch(face, steps, act.removeprefix("keys_"))
    if act == "undo":
        return _undo(face, steps)
    post_id = _id(form.get("post", ""))
    if post_id is None:
        return refusal(face, "", "error.400.title", 400)
    if act == "skip":
        return _onward(face, (*steps, Step(post_id=post_id, at=None)), "skipped")
    return _label(face, steps, post_id, form.get("theme", ""))


def _id(number: str) -> int | None:
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= _DIGITS else None


def _label(face: Face, steps: tuple[Step, ...], post_id: int, theme: str) -> Response:
    try:
        outcome, label = face.house.answer(post_id, theme, face.who)
    except MisuseError:
        return refusal(face, "", "error.400.title", 400)
    if outcome == "stored":
        return _onward(face, (*steps, Step(post_id=post_id, at=_micros(label.at))), "stored")
    told = face.t(f"review.told.{outcome}", theme=_said(face, label), before=_standing(face, post_id))
    return HTMLResponse(_page(face, steps, told=told), status_code=409)


def _switch(face: Face, steps: tuple[Step, ...], keys: str) -> Response:
    response = _onward(face, steps, "keys")
    response.set_cookie(trail.KEYS, keys, max_age=365 * _DAY, path="/review", httponly=True, samesite="strict")
    return response


def _undo(face: Face, steps: tuple[Step, ...]) -> Response:
    if not steps:
        return HTMLResponse(_page(face, steps, told=face.t("review.told.nothing")), status_code=409)
    last, rest = steps[-1], steps[:-1]
    if last.at is not None and not face.house.take_back(last.post_id, face.who, _instant(last.at)):
        response = HTMLResponse(_page(face, rest, told=face.t("review.told.nothing")), status_code=409)
        _remember(face, response, rest)
        return response
    return _onward(face, rest, "undone")


def _onward(face: Face, steps: tuple[Step, ...], done: str) -> Response:
    response = RedirectResponse(with_query("/review", {"done": done}) + "#h-post", status_code=303)
    _remember(face, response, steps)
    return response


def _remember(face: Face, response: Response, steps: tuple[Step, ...]) -> None:
    """Let the browser keep its steps to the end of the day: then what was passed over is asked about again."""
    left = (_today(face, 1) - face.now).total_seconds()
    response.set_cookie(
        trail.COOKIE, trail.written(steps), max_age=max(int(left), 1), path="/review", httponly=True, samesite="strict"
    )


def _today(face: Face, days: int = 0) -> datetime:
    """Return the first instant of today, or of so many days after it, where the programme is."""
    zone = face.house.configuration.programme.zone
    return midnight(face.now.astimezone(zone).date() + timedelta(days=days), zone)


def _trail(face: Face) -> tuple[Step, ...]:
    return trail.read(face.request.cookies.get(trail.COOKIE, ""))


def _page(face: Face, steps: tuple[Step, ...], told: str = "") -> str:
    ahead = face.house.ahead({step.post_id for step in steps if step.at is None})
    question = _question(face, ahead) if ahead else None
    given = face.house.corpus.reviews.given(face.who, since=_today(face))
    learning = face.house.learning()
    guide = question.guess.best if question and question.guess else None
    return page(
        face,
        "review.html.j2",
        current="review",
        view="queue",
        title=face.t("review.title"),
        question=question,
        answers=_answers(face, question.guess if question else None),
        left=face.n("review.left", ahead.left) if ahead else "",
        given=given,
        goal=GOAL,
        progress=face.t("review.progress", given=face.speak.number(given), goal=face.speak.number(GOAL)),
        told=told,
        said="" if told else _last(face, steps),
        can_undo=bool(steps),
        has_keys=face.request.cookies.get(trail.KEYS) != "off",
        guide=guide,
        guideline=face.house.guidelines().page(guide.slug, face.language) if guide else None,
        learning=learning,
        token=face.token,
    )


def _question(face: Face, ahead: "Ahead") -> Question:
    post = ahead.post
    said = post.stored.post
    text = text_of(post)
    guess = None if ahead.is_blind else _guess(face, post)
    language = language_of(face, post)
    return Question(
        post_id=post.stored.post_id,
        network=face.speak.network(said.network),
        at=face.moment(said.created_at),
        language=language,
        language_name="" if language == "und" else face.speak.language_name(language),
        pieces=marked(text, guess.words if guess else ()),
        guess=guess,
        is_blind=ahead.is_blind,
        proposed=face.theme(ahead.proposed).name if ahead.proposed else "",
        path="" if ahead.is_blind else discussion_path(said.network, said.native_id),
        above=text_of(ahead.answers) if ahead.answers else "",
        above_language=language_of(face, ahead.answers) if ahead.answers else "",
    )


def _guess(face: Face, post: "ClassifiedPost") -> Guess | None:
    found = post.prediction
    if found is None:
        return None
    could_be = [face.theme(slug).mark if slug != NONE else "0" for slug in found.could_be]
    best = face.theme(_likeliest(found))
    return Guess(
        best=best,
        sure=sureness(face, found),
        could_be=face.speak.text("console.review.or", None, some=", ".join(could_be[:-1]), last=could_be[-1])
        if len(could_be) > 1
        else "",
        words=spoke(found.reasons) if best.slug != NONE else (),
    )


def _answers(face: Face, guess: Guess | None) -> list[Answer]:
    slugs = face.house.configuration.programme.slugs
    keyed = [(slug, str(place) if place <= KEYED else "") for place, slug in enumerate(slugs, start=1)]
    return [
        Answer(theme=face.theme(slug), key=key, is_guess=guess is not None and guess.best.slug == slug)
        for slug, key in [*keyed, (NONE, "0")]
    ]


def _last(face: Face, steps: tuple[Step, ...]) -> str:
    """Return what the last step did, in words; after an answer also what the classifier had said."""
    done = face.request.query_params.get("done", "")
    if done in ("undone", "keys"):
        return face.t(f"review.said.{done}")
    if not steps:
        return ""
    last = steps[-1]
    if last.at is None:
        return face.t("review.said.skipped")
    post = face.house.corpus.reviews.posts([last.post_id]).get(last.post_id)
    label = next((one for one in post.labels if _micros(one.at) == last.at), None) if post else None
    return _stored(face, post, label) if post and label else ""


def _stored(face: Face, post: "ClassifiedPost", label: "Label") -> str:
    """Return what was saved, and now that it is, what the classifier had guessed."""
    said = face.t("review.said.stored", theme=_said(face, label))
    if post.prediction is None or label.theme == UNSURE:
        return said
    guessed = _likeliest(post.prediction)
    if guessed == (label.theme or NONE):
        return f"{said} {face.t('review.said.same')}"
    return f"{said} {face.t('review.said.other', theme=_named(face, guessed))}"


def _likeliest(prediction: "Prediction") -> str:
    """Return the classifier's theme, else what it holds likeliest; a slug or ``none``."""
    scores = prediction.scores
    return prediction.theme or max(scores, key=lambda slug: scores[slug], default=NONE)


def _said(face: Face, label: "Label") -> str:
    return _named(face, label.theme or NONE)


def _standing(face: Face, post_id: int) -> str:
    post = face.house.corpus.reviews.posts([post_id]).get(post_id)
    return _named(face, post.standing) if post else ""


def _named(face: Face, standing: str) -> str:
    shelf = face.theme(standing)
    if standing == NONE:
        return f"0, {shelf.name}"
    return face.t("review.unsure_name") if standing == UNSURE else f"{shelf.mark}, {shelf.name}"


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)

"""What editors change in the week's digest, and what they decide on its sending: every form of its page."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import get_args

from starlette.background import BackgroundTask
from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.address import with_query
from console.desk import Decided, PostAct, TopicAct
from console.paper import Face, refusal
from console.views.week import whole_page
from console.views.week_desk import anchor_of
from corpus.edits import DraftChangedError, Seen
from corpus.issues import IssueStateError, StoredIssue
from digest.edits import LONGEST_INTRODUCTION
from digest.render import RenderingError
from programme.errors import MisuseError
from programme.week import Week

Form = Mapping[str, str]
_LONGEST = 10_000
"""Letters of an introduction that came back too long and stands in the form again."""


def approve(face: Face, form: Form) -> Response:
    """Freeze the draft that the reader saw, and no other; two who approve at once are told apart."""
    return _done(face, form, _approve)


def change(face: Face, form: Form) -> Response:
    """Change the draft that the reader saw, and no other."""
    acts: dict[str, Callable[[Face, Week, Seen, Form], Response]] = {
        "introduce": _introduce,
        "fix": _fix,
        "draft": _draft,
        "withdraw": _withdraw,
        **{act: partial(_post, act=act) for act in get_args(PostAct)},
        **{act: partial(_topic, act=act) for act in get_args(TopicAct)},
    }
    act = acts.get(form.get("act", ""))
    return _done(face, form, act) if act else refusal(face, "", "error.400.title", 400)


def send(face: Face, form: Form) -> Response:
    """Send what was approved, after the answer; somebody said that they are sure."""
    return _done(face, form, _send)


def settle(face: Face, form: Form) -> Response:
    """Record what became of a mail in doubt."""
    return _done(face, form, _settle)


def _done(face: Face, form: Form, act: Callable[[Face, Week, Seen, Form], Response]) -> Response:
    """Do what a form asks for, and answer with the page that tells why where that cannot be."""
    week, seen = _asked(form)
    if week is None or seen is None:
        return refusal(face, "", "error.400.title", 400)
    if face.house.corpus.issues.newest(week) is None:
        return refusal(face, "", "error.404.title", 404)
    try:
        return act(face, week, seen, form)
    except RenderingError:
        return HTMLResponse(whole_page(face, week), status_code=503)
    except (DraftChangedError, IssueStateError, MisuseError) as error:
        why = {DraftChangedError: "changed", IssueStateError: "no_draft"}.get(type(error), "gone")
        return _refused(face, week, why, form)


def _asked(form: Form) -> tuple[Week | None, Seen | None]:
    """Return the week and the draft that a form speaks of, each None where it names none."""
    try:
        week = Week.named(form.get("week", ""))
    except MisuseError:
        week = None
    return week, Seen.named(form.get("seen", ""))


def _approve(face: Face, week: Week, seen: Seen, form: Form) -> Response:
    del form
    try:
        face.house.approve(week, face.who, seen)
    except IssueStateError:
        return HTMLResponse(whole_page(face, week, told=face.t("week.approved_before")), status_code=409)
    return _back(week, "approved")


def _introduce(face: Face, week: Week, seen: Seen, form: Form) -> Response:
    said = {code: form[name] for code in _languages(face) if (name := f"introduction-{code}") in form}
    if any(len(text) > LONGEST_INTRODUCTION for text in said.values()):
        return _refused(face, week, "too_long", form, 422)
    face.house.desk.introduce(week, said, who=face.who, seen=seen)
    return _back(week, "introduction", "introduction")


def _post(face: Face, week: Week, seen: Seen, form: Form, *, act: PostAct) -> Response:
    post = form.get("key", "")
    face.house.desk.edit_post(week, act, post, who=face.who, seen=seen)
    return _back(week, act, anchor_of(post))


def _topic(face: Face, week: Week, seen: Seen, form: Form, *, act: TopicAct) -> Response:
    topic = form.get("key", "")
    before = _subject(face, week)
    face.house.desk.edit_topic(week, act, topic, who=face.who, seen=seen)
    return _back(week, act, anchor_of(topic), subject="1" if _subject(face, week) != before else "")


def _fix(face: Face, week: Week, seen: Seen, form: Form) -> Response:
    del seen  # a theme changes no draft: whether somebody judged the post meanwhile is what counts
    labels, post = form.get("labels", ""), form.get("key", "")
    if not labels.isdecimal():
        return refusal(face, "", "error.400.title", 400)
    outcome = face.house.desk.fix_theme(week, post, form.get("theme", ""), labels=int(labels[:9]), who=face.who)
    if outcome != "stored":
        return _refused(face, week, "judged" if outcome == "answered" else "gone", form)
    return _back(week, "fixed", anchor_of(post))


def _draft(face: Face, week: Week, seen: Seen, form: Form) -> Response:
    _require_same(face, week, seen)
    try:
        face.house.desk.draft_again(week, face.who)
    except MisuseError:  # of a correction, which has nothing to correct any more
        return _refused(face, week, "nothing", form)
    return _back(week, "drafted")


def _withdraw(face: Face, week: Week, seen: Seen, form: Form) -> Response:
    _require_same(face, week, seen)
    if form.get("sure") != "yes":
        return _refused(face, week, "unsure", form, 422)
    face.house.desk.withdraw(week, face.who)
    return _back(week, "withdrawn")


def _send(face: Face, week: Week, seen: Seen, form: Form) -> Response:
    if form.get("sure") != "yes":
        return _refused(face, week, "unsure", form, 422)
    try:
        run = face.house.desk.begin_sending(week, who=face.who, seen=seen)
    except IssueStateError:
        return _refused(face, week, "not_sent", form)

    def send_on() -> None:
        try:
            face.house.desk.send_on(week, run)
        except Exception as error:  # noqa: BLE001 - the answer is gone: the log alone can be told
            face.house.report(error)

    answer = _back(week, "sending")
    answer.background = BackgroundTask(send_on)
    return answer


def _settle(face: Face, week: Week, seen: Seen, form: Form) -> Response:
    decided = next((one for one in get_args(Decided) if one == form.get("decided")), None)
    attempts = form.get("attempts", "")
    if decided is None or not attempts.isdecimal():
        return refusal(face, "", "error.400.title", 400)
    if form.get("sure") != "yes":
        return _refused(face, week, "unsure", form, 422)
    known: Decided = decided
    recipient = form.get("recipient", "")
    if not face.house.desk.settle(seen.issue, recipient, known, who=face.who, attempts=int(attempts[:9])):
        return _refused(face, week, "settled", form)
    return _back(week, f"settled_{known}")


def _require_same(face: Face, week: Week, seen: Seen) -> None:
    """Raise where the newest issue of a week is not what somebody looked at."""
    stored = _newest(face, week)
    if face.house.corpus.editing.get(stored.key).seen != seen:
        raise DraftChangedError(f"The issue {stored.key} is another one by now.", "Look at it again.")


def _newest(face: Face, week: Week) -> StoredIssue:
    stored = face.house.corpus.issues.newest(week)
    if stored is None:
        raise MisuseError(f"There is no issue {week}.", "Open the page again.")
    return stored


def _languages(face: Face) -> tuple[str, ...]:
    return face.house.configuration.programme.languages


def _subject(face: Face, week: Week) -> str:
    """Return the draft's subject in the reader's language; nothing where no mail can be made of it."""
    languages = _languages(face)
    try:
        mail = face.house.mail(
            _newest(face, week), face.language if face.language in languages else languages[0], "editor"
        )
    except RenderingError:
        return ""
    return mail.subject


def _refused(face: Face, week: Week, why: str, form: Form, status: int = 409) -> Response:
    """Return the page as it stands now, why nothing was done, and the words that somebody had written."""
    kept = {code: form[name][:_LONGEST] for code in _languages(face) if (name := f"introduction-{code}") in form}
    told = face.t(f"week.refused.{why}")
    if kept:
        told = f"{told} {face.t('week.refused.kept')}"
    return HTMLResponse(whole_page(face, week, told=told, kept=kept), status_code=status)


def _back(week: Week, done: str, at: str = "", subject: str = "") -> Response:
    query = {"week": str(week), "done": done, "at": at, "subject": subject}
    return RedirectResponse(with_query("/week", query) + (f"#{at}" if at else ""), status_code=303)

"""Topics: what issues told of them, and what coordinators decide on them for the future."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.address import discussion_path, midnight, read_day, with_query
from console.charts import Bars, bars
from console.paper import Face, page, refusal
from console.views import following
from digest.inert import one_line
from digest.issue import Issue
from digest.lead import RARE
from digest.matters import Topic
from digest.memory import record_told
from programme.errors import MisuseError
from programme.week import Week

if TYPE_CHECKING:
    from console.house import KnownTopic

Act = Literal["rename", "merge", "split", "dismiss", "restore"]
_DONE = (*get_args(Act), *get_args(following.FollowAct), "not_followed")
_SPARK = (240, 44)
_NAME = 80
"""Letters of a topic's name."""
_LISTED = 200
"""Topics of earlier issues on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A topic as the page shows it."""

    key: str
    name: str
    language: str
    """In which the name is written."""
    state: str
    said: str
    mentioned: str
    languages: str
    spark: Bars | None
    alt: str
    weeks: str
    example: str
    """Address of a discussion of it."""
    posts: str
    """Address of a search for it."""
    names: Mapping[str, str]
    """By language, as it is told from now on."""
    standing: str
    """What was decided on it since: ``dismissed``, ``merged`` or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A topic that some issue told of, in one line."""

    key: str
    name: str
    state: str
    first_seen: str
    weeks: str
    may: tuple[Act, ...]


def show(face: Face) -> Response:
    """Return the page of a week's topics, by default those of the newest issue."""
    try:
        week = _week(face)
    except MisuseError:
        return refusal(face, "health", "health.no_week", 404)
    return HTMLResponse(_page(face, week))


def decide(face: Face, form: Mapping[str, str]) -> Response:
    """Store what a coordinator decides on a topic; from the next issue on it holds."""
    act = next((one for one in get_args(Act) if one == form.get("act")), None)
    if act is None:
        return refusal(face, "", "error.400.title", 400)
    languages = face.house.configuration.programme.languages
    label = {code: " ".join(form[f"label-{code}"].split())[:_NAME] for code in languages if f"label-{code}" in form}
    try:
        face.house.decide_topic(
            act,
            form.get("topic", ""),
            who=face.who,
            other=form.get("other") or None,
            label=label if act == "rename" else None,
        )
        week = _week(face, form.get("week"))
    except MisuseError:
        week = face.house.week(None)
        return HTMLResponse(_page(face, week, fault=face.t("topics.nothing_changed")), status_code=409)
    return RedirectResponse(with_query("/topics", {"week": str(week), "done": act}), status_code=303)


def _week(face: Face, asked: str | None = None) -> Week:
    wanted = asked or face.request.query_params.get("week")
    if wanted:
        return face.house.week(wanted)
    told = [issue for issue in face.house.corpus.issues.all() if "." not in issue.key]
    return Week.named(told[-1].key) if told else face.house.week(None)


def _page(face: Face, week: Week, fault: str = "") -> str:
    stored = face.house.corpus.issues.newest(week)
    issue = Issue.from_json(stored.numbers) if stored else None
    known = face.house.known_topics()
    by_key = {one.key: one for one in known}
    done = face.request.query_params.get("done")
    issues = {issue.key for issue in face.house.corpus.issues.all()}
    return page(
        face,
        "topics.html.j2",
        current="topics",
        title=face.t("topics.title"),
        week=week,
        earlier=week.plus(-1) if any(key < str(week) for key in issues) else None,
        later=week.plus(1) if any(key > str(week) for key in issues if "." not in key) else None,
        fault=fault,
        done=face.t(f"topics.done.{done}") if done in _DONE and not fault else "",
        issue=issue,
        silence=_silence(face, issue) if issue else "",
        notes=[_note(face, week, one, by_key.get(one.key)) for one in issue.topics] if issue else [],
        recurring=[_label(face, one)[0] for one in issue.recurring] if issue else [],
        known=[_known(face, one, known) for one in known[:_LISTED]],
        others=[(one.key, one_line(one.shown)[:_NAME]) for one in known if one.state not in ("merged", "dismissed")],
        languages=face.house.configuration.programme.languages,
        following=following.lines(face, issue),
        followed={one.key for one in face.house.following()},
        record=record_told(face.speak, issue.record) if issue else "",
        token=face.token if face.may("edit") else "",
    )


def _note(face: Face, week: Week, topic: Topic, known: "KnownTopic | None") -> Note:
    name, language = _label(face, topic)
    first = week.plus(1 - len(topic.weekly)).number if topic.weekly else week.number
    series = ", ".join(face.t("topics.gap") if n is None else face.speak.number(n) for n in topic.weekly)
    places = [face.speak.name(one.name).text for one in topic.municipalities or ()]
    network, _, native_id = topic.examples[0].partition(":") if topic.examples else ("", "", "")
    return Note(
        key=topic.key,
        name=name,
        language=language,
        state=face.t(f"topics.state.{topic.state}"),
        said=_said(face, topic),
        mentioned=face.t("topics.mentioned", places=face.speak.listed(places)) if places else "",
        languages=face.speak.in_languages(topic.languages),
        spark=bars(topic.weekly, width=_SPARK[0], height=_SPARK[1], usual=topic.baseline) if topic.weekly else None,
        alt=face.t("topics.chart", series=series, first=first, last=week.number),
        weeks=face.t("topics.weeks", first=first, last=week.number),
        example=discussion_path(network, native_id) if native_id else "",
        posts=with_query("/discussions", {"q": name}),
        names={**dict(topic.label), **(dict(known.label) if known else {})},
        standing=known.state if known and known.state in ("dismissed", "merged") else "",
    )


def _said(face: Face, topic: Topic) -> str:
    said = [face.n("topics.size", topic.posts, writers=face.n("topics.writers", topic.writers))]
    if topic.baseline < RARE and topic.state == "growing":
        said.append(face.speak.text("digest.topics.rare"))
    elif topic.ratio and topic.ratio_low and topic.ratio_high and topic.ratio > 1:
        low, high = face.speak.ratio(topic.ratio_low), face.speak.ratio(topic.ratio_high)
        said.append(face.t("topics.ratio", ratio=face.speak.ratio(topic.ratio), low=low, high=high))
    return " ".join(said)


def _silence(face: Face, issue: Issue) -> str:
    notes = issue.topic_notes
    if notes.note is not None:
        return face.speak.text(notes.note)
    said = [face.n("topics.found", issue.posts, topics=face.speak.number(len(issue.rising)))]
    if notes.detectable:
        said.append(face.speak.text("digest.topics.detectable", n=face.speak.number(notes.detectable)))
    if notes.chance_weeks:
        n = notes.chance_weeks
        said.append(face.speak.text("digest.topics.chance", count=n, n=face.speak.number(n)))
    return " ".join(said)


def _label(face: Face, topic: Topic) -> tuple[str, str]:
    """Return a topic's name, in the reader's language where it has one, and in which language it is."""
    language = face.language if face.language in topic.label else topic.language
    text = topic.label.get(language) or next(iter(topic.label.values()), topic.key)
    return one_line(text)[:_NAME], language


def _day(face: Face, day: str) -> str:
    """Return a day as the reader's language writes it; a week, or nothing, as it is."""
    found = read_day(day)
    return face.speak.full_date(midnight(found, face.house.configuration.programme.zone)) if found else day


def _known(face: Face, one: "KnownTopic", known: "Sequence[KnownTopic]") -> Known:
    parts = any(other.head == one.key and other.key != one.key for other in known)
    may: tuple[Act, ...] = ("restore",) if one.state == "dismissed" else ("dismiss",) if one.state != "merged" else ()
    state = face.t(f"topics.state.{one.state}") if one.state else face.t("topics.state.told")
    head = next((other for other in known if other.key == one.head and other.key != one.key), None)
    return Known(
        key=one.key,
        name=one_line(one.label.get(face.language) or one.shown)[:_NAME],
        state=face.t("topics.merged_into", topic=one_line(head.shown)[:_NAME]) if head else state,
        first_seen=_day(face, one.first_seen),
        weeks=", ".join(week.partition("-W")[2] + "/" + week.partition("-W")[0] for week in one.weeks[-3:]) or "–",
        may=("split", *may) if parts else may,
    )

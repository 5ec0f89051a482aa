# ruff: noqa: S608 - statements are put together from this room's own names
"""Read-only views for Datasette, Metabase and notebooks: the same names and columns on SQLite and PostgreSQL.

They are derived from the tables, never part of their history: each upgrade drops them first and makes them anew, so a
changed view needs a new migration, an empty one where nothing else changed. ``docs/views.md`` explains every column.

What they leave out is a promise: no author, address or recipient, no name of who labelled, no text of a tombstone.
Nothing here can be grouped into what one person says of the themes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, inspect

from corpus.classified import ACTIVE, COUNTED, STANDING
from corpus.discussion import SPEAKS, WRITER
from language.gazetteer import gazetteer

_Columns = dict[str, str]
_ONCE = "CROSS JOIN (SELECT 1 AS one) once"
"""A second source: without it PostgreSQL would let a view of one table be written through."""
_LABEL = "SELECT l.label_id FROM labels l WHERE l.post_id = p.post_id ORDER BY l.at DESC, l.label_id DESC LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view as the database is told of it."""

    name: str
    columns: tuple[str, ...]
    select: str


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What the two databases spell differently."""

    sqlite: bool

    def instant(self, micros: str) -> str:
        """Return ISO 8601 text in UTC, to the second."""
        if self.sqlite:
            return f"strftime('%Y-%m-%dT%H:%M:%SZ', {micros} / 1000000, 'unixepoch')"
        return f"""to_char(to_timestamp({micros} / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""

    def week(self, micros: str) -> str:
        """Return the programme's ISO week; null before the calendar is filled in."""
        return f"(SELECT w.week FROM weeks w WHERE w.begin_at <= {micros} ORDER BY w.begin_at DESC LIMIT 1)"

    def field(self, name: str, kind: str) -> str:
        """Return a field of the JSON object ``t.value``."""
        if self.sqlite:
            return f"json_extract(t.value, '$.{name}')"
        return f"(t.value ->> '{name}')::{kind}"


def views(*, sqlite: bool) -> tuple[View, ...]:
    """Return the views of one kind of database, each after those that it rests on."""
    dialect = _Dialect(sqlite)
    made: list[Callable[[_Dialect], View]] = [
        _posts,
        _post_themes,
        _post_hashtags,
        _labels,
        _predictions,
        _scores,
        _models,
        _discussions,
        _post_municipalities,
        _municipalities,
        _weeks,
        _coverage,
        _sources,
        _runs,
        _issues,
        _topics,
    ]
    return tuple(make(dialect) for make in made)


def create(connection: Connection) -> None:
    """Make the views, in place of those that are there."""
    drop(connection)
    for view in views(sqlite=connection.dialect.name == "sqlite"):
        connection.exec_driver_sql(f"CREATE VIEW {view.name} AS {view.select}")


def drop(connection: Connection) -> None:
    """Take our views away, so that the tables under them may change."""
    there = set(inspect(connection).get_view_names())
    ours = [view.name for view in views(sqlite=True)]
    for name in there.intersection(ours):
        # A view that somebody built upon ours goes with it on PostgreSQL: it could not be kept otherwise.
        connection.exec_driver_sql(f"DROP VIEW {name}{'' if connection.dialect.name == 'sqlite' else ' CASCADE'}")


def _view(name: str, columns: _Columns, source: str, prefix: str = "") -> View:
    chosen = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    return View(name=name, columns=tuple(columns), select=f"{prefix}SELECT {chosen} FROM {source}")


def _posts(d: _Dialect) -> View:
    discussion = (
        "(SELECT f.network || ':' || f.native_id FROM discussion_posts d JOIN posts f ON f.post_id = d.first_id"
        " WHERE d.post_id = p.post_id)"
    )
    columns = {
        "post_id": "p.post_id",
        "network": "p.network",
        "native_id": "p.native_id",
        "created_at": d.instant("p.created_at"),
        "week": d.week("p.created_at"),
        "edited_at": d.instant("p.edited_at"),
        "source": "p.source",
        "via": "p.via",
        "language": "coalesce(p.lang, p.network_lang)",
        "text": "CASE WHEN p.gone IS NULL THEN p.text END",
        "theme": STANDING,
        "theme_by": f"CASE WHEN ({_LABEL}) IS NOT NULL THEN 'label' WHEN EXISTS"
        f" (SELECT 1 FROM predictions q WHERE q.post_id = p.post_id AND q.model_id = ({COUNTED}))"
        " THEN 'prediction' END",
        "reply_to": "p.reply_to",
        "quote_of": "p.quote_of",
        "repost_of": "p.repost_of",
        "discussion": discussion,
        "copies": "p.cluster",
        "replies": "p.replies",
        "reposts": "p.reposts",
        "likes": "p.likes",
        "views": "p.views",
        "first_seen_at": d.instant("p.first_seen_at"),
        "last_seen_at": d.instant("p.last_seen_at"),
        "gone": "p.gone",
        "gone_at": d.instant("p.gone_at"),
    }
    return _view("v_posts", columns, f"posts p {_ONCE}")


def _post_themes(d: _Dialect) -> View:
    by_label = (
        f"SELECT p.post_id, l.theme AS theme, 1 AS place, 'label' AS theme_by FROM posts p"
        f" JOIN labels l ON l.label_id = ({_LABEL}) WHERE l.theme NOT IN ('none', 'unsure')"
    )
    listed = (
        "json_each(q.themes) t"
        if d.sqlite
        else "json_array_elements_text(q.themes::json) WITH ORDINALITY t(value, key)"
    )
    by_prediction = (
        f"SELECT p.post_id, t.value, t.key + {1 if d.sqlite else 0}, 'prediction' FROM posts p"
        f" JOIN predictions q ON q.post_id = p.post_id AND q.model_id = ({COUNTED}) CROSS JOIN {listed}"
        f" WHERE ({_LABEL}) IS NULL"
    )
    names = ("post_id", "theme", "place", "theme_by")
    return _view("v_post_themes", {name: f"u.{name}" for name in names}, f"({by_label} UNION ALL {by_prediction}) u")


def _post_hashtags(_: _Dialect) -> View:
    return _view(
        "v_post_hashtags",
        {"post_id": "h.post_id", "hashtag": "t.hashtag"},
        "post_hashtags h JOIN hashtags t ON t.hashtag_id = h.hashtag_id",
    )


def _labels(d: _Dialect) -> View:
    columns = {
        "label_id": "l.label_id",
        "post_id": "l.post_id",
        "theme": "l.theme",
        "reviewer": "min(l.label_id) OVER (PARTITION BY l.by)",
        "labelled_at": d.instant("l.at"),
        "week": d.week("l.at"),
        "guideline": "l.guideline",
        "blind": "CASE WHEN l.blind THEN 1 ELSE 0 END",
        "audit": "CASE WHEN l.audit THEN 1 ELSE 0 END",
    }
    return _view("v_labels", columns, "labels l")


def _predictions(d: _Dialect) -> View:
    columns = {
        "post_id": "q.post_id",
        "model": "m.version",
        "is_active": f"CASE WHEN m.model_id = ({ACTIVE}) THEN 1 ELSE 0 END",
        "language": "q.lang",
        "theme": "q.standing",
        "confidence": "q.confidence",
        "predicted_at": d.instant("q.predicted_at"),
    }
    return _view("v_predictions", columns, "predictions q JOIN models m ON m.model_id = q.model_id")


def _scores(d: _Dialect) -> View:
    listed = "json_each(q.scores) s" if d.sqlite else "json_each_text(q.scores::json) s(key, value)"
    columns = {
        "post_id": "q.post_id",
        "model": "m.version",
        "theme": "s.key",
        "probability": "s.value" if d.sqlite else "s.value::double precision",
    }
    return _view("v_scores", columns, f"predictions q JOIN models m ON m.model_id = q.model_id CROSS JOIN {listed}")


def _models(d: _Dialect) -> View:
    columns = {
        "model": "m.version",
        "trained_at": d.instant("m.trained_at"),
        "activated_at": d.instant("m.activated_at"),
        "is_active": f"CASE WHEN m.model_id = ({ACTIVE}) THEN 1 ELSE 0 END",
    }
    return _view("v_models", columns, f"models m {_ONCE}")


def _discussions(d: _Dialect) -> View:
    columns = {
        "discussion": "f.network || ':' || f.native_id",
        "first_post_id": "f.post_id",
        "started_at": d.instant("f.created_at"),
        "week": d.week("f.created_at"),
        "last_at": d.instant("g.last_at"),
        "posts": "g.posts",
        "writers": "g.writers",
        "networks": "g.networks",
    }
    grouped = (
        f"SELECT e.first_id, max(p.created_at) AS last_at, count(*) AS posts, count(DISTINCT {WRITER}) AS writers,"
        " count(DISTINCT p.network) AS networks FROM discussion_posts e JOIN posts p ON p.post_id = e.post_id"
        f" WHERE {SPEAKS} GROUP BY e.first_id"
    )
    return _view("v_discussions", columns, f"({grouped}) g JOIN posts f ON f.post_id = g.first_id")


def _post_municipalities(_: _Dialect) -> View:
    columns = {"post_id": "m.post_id", "code": "m.code", "basis": "m.basis"}
    return _view("v_post_municipalities", columns, f"post_municipalities m {_ONCE}")


def _municipalities(_: _Dialect) -> View:
    """Names are written into the view: they come with the program, and an upgrade renews both."""
    known = gazetteer()
    names = ", ".join(
        "("
        + ", ".join((*map(_quoted, (m.code, m.name_fi, m.name_sv)), _region(m.region), _county(m.county)))
        + f", {m.residents})"
        for m in known.municipalities.values()
    )
    counted = (
        "SELECT code, count(DISTINCT post_id) AS posts, sum(CASE WHEN basis = 'text' THEN 1 ELSE 0 END) AS by_text,"
        " sum(CASE WHEN basis = 'organisation' THEN 1 ELSE 0 END) AS by_organisation"
        " FROM post_municipalities GROUP BY code"
    )
    columns = {
        "code": "n.code",
        "name_fi": "n.name_fi",
        "name_sv": "n.name_sv",
        "region": "n.region",
        "county": "n.county",
        "residents": "n.residents",
        "posts": "coalesce(c.posts, 0)",
        "by_text": "coalesce(c.by_text, 0)",
        "by_organisation": "coalesce(c.by_organisation, 0)",
    }
    return _view(
        "v_municipalities",
        columns,
        f"names n LEFT JOIN ({counted}) c ON c.code = n.code",
        f"WITH names(code, name_fi, name_sv, region, county, residents) AS (VALUES {names}) ",
    )


def _region(code: str) -> str:
    return _quoted(gazetteer().regions[code].name_fi)


def _county(code: str | None) -> str:
    return "NULL" if code is None else _quoted(gazetteer().counties[code].name_fi)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _weeks(d: _Dialect) -> View:
    # Writers are counted and never named: a theme is not keyed to a person.
    inner = (
        f"SELECT {d.week('p.created_at')} AS week, p.network AS network, coalesce(p.lang, p.network_lang) AS language,"
        f" {STANDING} AS theme, {WRITER} AS writer FROM posts p WHERE {SPEAKS}"
    )
    keys = ("week", "network", "language", "theme")
    columns = {key: f"i.{key}" for key in keys} | {"posts": "count(*)", "writers": "count(DISTINCT i.writer)"}
    view = _view("v_weeks", columns, f"({inner}) i")
    return View(name=view.name, columns=view.columns, select=f"{view.select} GROUP BY 1, 2, 3, 4")


def _coverage(d: _Dialect) -> View:
    columns = {
        "source": "c.source",
        "hour_at": d.instant("c.hour_at"),
        "week": d.week("c.hour_at"),
        "state": "c.state",
        "posts": "c.posts",
        "was": "c.was",
        "refilled_at": d.instant("c.refilled_at"),
    }
    return _view("v_coverage", columns, f"coverage_hours c {_ONCE}")


def _sources(d: _Dialect) -> View:
    columns = {
        "source": "s.source",
        "state": "s.state",
        "since_at": d.instant("s.since_at"),
        "last_success_at": d.instant("s.last_success_at"),
        "resume_at": d.instant("s.resume_at"),
    }
    return _view("v_sources", columns, f"source_states s {_ONCE}")


def _runs(d: _Dialect) -> View:
    columns = {
        "run_id": "r.run_id",
        "job": "r.job",
        "source": "r.source",
        "state": "r.state",
        "slot_at": d.instant("r.slot_at"),
        "started_at": d.instant("r.started_at"),
        "ended_at": d.instant("r.ended_at"),
        "seconds": "(r.ended_at - r.started_at) / 1000000",
    }
    return _view("v_runs", columns, f"runs r {_ONCE}")


def _issues(d: _Dialect) -> View:
    number = "json_extract(i.numbers, '$.{0}')" if d.sqlite else "(i.numbers::json ->> '{0}')::bigint"
    columns = {
        "issue": "i.key",
        "state": "i.state",
        "posts": number.format("posts"),
        "writers": number.format("writers"),
        "discussions": number.format("discussions"),
        "model": "i.model",
        "drafted_at": d.instant("i.drafted_at"),
        "approved_at": d.instant("i.approved_at"),
        "sent_at": d.instant("i.sent_at"),
    }
    return _view("v_issues", columns, f"issues i {_ONCE}")


def _topics(d: _Dialect) -> View:
    if d.sqlite:
        listed = "json_each(i.numbers, '$.topics') t"
        label = "(SELECT n.value FROM json_each(t.value, '$.label') n ORDER BY n.key LIMIT 1)"
        place = "t.key + 1"
    else:
        listed = "json_array_elements(i.numbers::json -> 'topics') WITH ORDINALITY t(value, key)"
        label = "(SELECT n.value FROM json_each_text(t.value -> 'label') n ORDER BY n.key COLLATE \"C\" LIMIT 1)"
        place = "t.key"
    columns = {
        "issue": "i.key",
        "place": place,
        "topic": label,
        "language": d.field("language", "text"),
        "state": d.field("state", "text"),
        "posts": d.field("posts", "bigint"),
        "writers": d.field("writers", "bigint"),
        "baseline": d.field("baseline", "double precision"),
        "ratio": d.field("ratio", "double precision"),
        "ratio_low": d.field("ratio_low", "double precision"),
        "ratio_high": d.field("ratio_high", "double precision"),
    }
    return _view("v_topics", columns, f"issues i CROSS JOIN {listed}")

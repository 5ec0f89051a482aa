"""The console: what its pages ask for, who may open it, and the server that answers."""

import secrets
import shutil
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from programme.errors import MisuseError
from runtime.checks.machine import LEAST_DISK
from runtime.jobs import access, follow, hand_over, review, topics
from runtime.jobs.coverage import coverage_of, covered_weeks, sayer
from runtime.jobs.front import front
from runtime.jobs.privacy import privacy_document
from runtime.jobs.search import as_json as found_as_json
from runtime.jobs.search import search
from runtime.jobs.vitals import vitals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from uvicorn import Server

    from console.desk import Desk
    from console.house import Budget, Door, House, Mail, Room
    from corpus.edits import Seen
    from corpus.issues import StoredIssue
    from corpus.search import Found
    from corpus.search_query import Filters
    from digest.privacy.document import Document
    from programme.types import Role
    from programme.week import Week
    from runtime.jobs.index import Show
    from runtime.wiring import Program

_LOOPBACK = "localhost"
_GRACE = 4
"""Seconds that requests get to end after the server is asked to."""
_IDLE = 15
"""Seconds for which a browser may keep a connection without a request."""
_AT_ONCE = 64
"""Connections; one more is told to come back."""
_HEAD = 32_768
"""Bytes of a request before its body."""


def require_permission(program: "Program", host: str) -> None:
    """Refuse what the console may not do where it is asked to stand.

    Raises:
        MisuseError: the privacy keys are missing where others can reach it, or nobody would have to log in there.
    """
    site, is_here = program.configuration.site, is_loopback(host)
    if not is_here:
        if missing := site.privacy.missing:
            raise MisuseError(
                f"site.toml: [privacy] lacks {', '.join(missing)}, and {host} can be reached from other machines.",
                "Fill the keys in: the privacy notice is made from them. On this machine alone: --host 127.0.0.1.",
            )
        if site.login == "none":
            raise MisuseError(
                f'site.toml has login = "none", which opens the console to whoever reaches {host}.',
                "Serve it on this machine alone: --host 127.0.0.1.",
            )
        if not site.public_url:
            raise MisuseError(
                f"site.toml lacks public_url, and {host} can be reached from other machines.",
                "Name the console's address there: the links that log people in begin with it.",
            )
    base = urlsplit(site.public_url or "")
    if site.login != "none" and base.scheme == "http" and not is_loopback(base.hostname or ""):
        raise MisuseError(
            "site.toml: public_url begins with http://, and logins must not travel in the clear.",
            "Let a proxy in front of the console speak TLS, and write the address with https://.",
        )
    if site.login == "oidc":
        from console.access.oidc import require_library

        require_library()


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    if host.casefold() == _LOOPBACK:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def make_ready(program: "Program", show: "Show") -> None:
    """Do once what a first search would have to wait for: dictionaries, discussions, the search index."""
    from runtime.jobs import index

    index.make_ready(program, show, "dictionaries", "placed", "places", "searchable")


def house(program: "Program") -> "House":
    """Return the program as the console's pages see it."""
    from importlib.metadata import version

    from console.house import House

    return House(
        configuration=program.configuration,
        messages=program.messages,
        corpus=program.corpus,
        clock=program.clock,
        week=program.week,
        coverage=partial(coverage_of, program),
        find=partial(_find, program),
        privacy=partial(_privacy, program),
        mail=partial(_mail, program),
        approve=partial(_approve, program),
        desk=_desk(program),
        deadline=partial(_deadline, program),
        budgets=partial(budgets, program),
        room=partial(room, program),
        ahead=partial(review.ahead, program),
        answer=partial(review.answer, program),
        take_back=partial(review.take_back, program),
        guidelines=lambda: program.guidelines,
        learning=partial(review.learning, program),
        vitals=partial(vitals, program),
        known_topics=partial(topics.known_topics, program),
        decide_topic=partial(topics.decide, program),
        following=partial(follow.following, program),
        follow=partial(follow.follow, program),
        unfollow=partial(follow.unfollow, program),
        covered=partial(covered_weeks, program),
        counts=partial(_counts, program),
        offer=partial(hand_over.offer, program),
        take_order=partial(hand_over.take_order, program),
        make_order=partial(hand_over.make, program),
        orders=partial(hand_over.orders, program),
        order_file=partial(hand_over.file_of, program),
        manifest_of=hand_over.manifest_of,
        has_pseudonyms=bool(program.secrets("PSEUDONYM_KEY")),
        found_as_json=found_as_json,
        coverage_as_json=partial(_coverage_as_json, program),
        version=version("kuntakaiku"),
        add_person=partial(access.add, program),
        add_key=partial(access.add_key, program),
        mail_link=partial(access.mail_link, program),
        provider=access.provider(program),
        front=front(program),
        report=_report,
    )


def door(program: "Program", host: str, port: int = 8000) -> "Door":
    """Return by which names the console may be called, and what signs its forms."""
    from console.house import Door

    site = program.configuration.site
    public = urlsplit(site.public_url or "").hostname
    return Door(
        hosts=frozenset({_LOOPBACK, "127.0.0.1", "::1", host.strip("[]").casefold()} | ({public} if public else set())),
        secret=program.secrets("SECRET_KEY") or secrets.token_hex(32),
        metrics_token=program.secrets("METRICS_TOKEN"),
        login=site.login,
        base=(site.public_url or f"http://{named(host)}:{port}").rstrip("/"),
    )


def named(host: str) -> str:
    """Return an address of this machine as a browser's line has it."""
    return f"[{host}]" if ":" in host else host


def server(program: "Program", host: str, port: int) -> "Server":
    """Return the server, ready to run; it ends what it is at within seconds after SIGINT or SIGTERM."""
    from uvicorn import Config, Server

    from console.app import build

    return Server(
        Config(
            build(house(program), door(program, host, port)),
            host=host,
            port=port,
            lifespan="off",
            ws="none",
            log_config=None,  # its access log would hold what people search for
            access_log=False,
            # A proxy on this machine says whom it speaks for: limits count people, not the proxy.
            proxy_headers=program.configuration.site.login != "none",
            forwarded_allow_ips="127.0.0.1",
            server_header=False,
            date_header=True,
            limit_concurrency=_AT_ONCE,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=_GRACE,
            h11_max_incomplete_event_size=_HEAD,
            http="h11",
        )
    )


def _find(program: "Program", line: str, filters: "Filters", *, limit: int, key: str | None) -> "Found":
    from runtime.cli.speak import progress_bar

    show = partial(progress_bar, shown=False)
    return search(program, line, filters=filters, order="newest", limit=limit, key=key, show=show)


def _counts(
    program: "Program", line: str, periods: "Sequence[tuple[datetime, datetime]]", filters: "Filters"
) -> list[tuple[int, bool]]:
    from runtime.cli.speak import progress_bar
    from runtime.jobs.index import make_ready

    make_ready(program, partial(progress_bar, shown=False), "dictionaries", "searchable")
    return program.corpus.search.counts(line, periods, vocabulary=program.vocabulary, filters=filters)


def _coverage_as_json(program: "Program", week: "Week") -> dict[str, object]:
    return coverage_of(program, week).as_json(sayer(program, "en"))


def _privacy(program: "Program", language: str) -> "Document":
    return privacy_document(program, "notice", language=language)


def _mail(program: "Program", stored: "StoredIssue", language: str, role: "Role") -> "Mail":
    from console.house import Mail
    from digest.slots import without_slots
    from runtime.jobs.digest import mail_of
    from runtime.jobs.preview import with_pictures

    found = mail_of(program, stored, language, role)
    return Mail(
        subject=found.subject,
        html=with_pictures(found.html, found.charts),
        text=without_slots(found.text),
        size=len(found.html.encode()),
    )


def _approve(program: "Program", week: "Week", who: str, seen: "Seen") -> None:
    from runtime.jobs.digest import approve

    approve(program, week, who=who, seen=seen)


def _desk(program: "Program") -> "Desk":
    from console.desk import Desk
    from runtime.jobs import edit, sending

    return Desk(
        introduce=partial(edit.introduce, program),
        edit_post=partial(edit.edit_post, program),
        edit_topic=partial(edit.edit_topic, program),
        fix_theme=partial(edit.fix_theme, program),
        draft_again=partial(edit.draft_again, program),
        withdraw=partial(edit.withdraw, program),
        begin_sending=partial(sending.begin_sending, program),
        send_on=partial(sending.send_on, program),
        last_sending=partial(sending.last_sending, program),
        settle=partial(sending.settle, program),
    )


def _deadline(program: "Program", stored: "StoredIssue") -> "datetime | None":
    from programme.edition import Edition
    from runtime.due import review_deadline

    edition = Edition.named(stored.key)
    return None if edition.correction else review_deadline(program, edition.week, stored.drafted_at)


def budgets(program: "Program") -> "list[Budget]":
    """Return what sources that cost money have cost this month: those that are on, and those that cost something."""
    from collector.x_account import XAccount
    from collector.x_bill import next_month
    from console.house import Budget

    now = program.clock()
    found = []
    for source in program.configuration.sources:
        if source.network != "x":
            continue
        spent = XAccount(source.name, source.monthly_budget_usd, program.corpus.facts).spent(now)
        if source.enabled or spent:
            found.append(
                Budget(
                    source=source.name,
                    spent_usd=spent / 1000,
                    limit_usd=source.monthly_budget_usd,
                    resets_at=next_month(now),
                )
            )
    return found


def room(program: "Program") -> "Room":
    """Return what the corpus takes of the disk."""
    from console.house import Room

    data = program.settings.data
    disk = shutil.disk_usage(data if data.exists() else data.parent)
    path = program.corpus.database.path
    return Room(
        database=path.stat().st_size if path is not None and path.exists() else None,
        free=disk.free,
        total=disk.total,
        least=LEAST_DISK,
    )


def _report(error: BaseException) -> None:
    from runtime import log
    from runtime.cli.boundary import unforeseen

    log.page_broke(unforeseen(error, error.__traceback__).problem)

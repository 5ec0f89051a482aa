"""What is due, by the run ledger: rounds of the sources, drafts, issues whose review is over, deferred deliveries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from programme.edition import Edition
from programme.week import Week
from runtime.slots import WeeklyTime, due_slots, interval_slot

if TYPE_CHECKING:
    from corpus.issues import StoredIssue
    from runtime.wiring import Program

DRAFT, AUTO_SEND, RETRY = "digest draft", "digest auto-send", "digest retry"
UPKEEP = "retain"
TRAIN = "train"
UPKEEP_EVERY = timedelta(hours=24)
BACKUP = "backup"
BOUNCES = "bounces"
TREND_NOTE, NOTE_RETRY = "trend note", "trend note retry"
BOUNCES_EVERY = timedelta(hours=1)
RETRY_EVERY = timedelta(minutes=5)
"""Slots of the further tries of an issue's deliveries; each delivery's own pause is longer."""
FAILED_PAUSE = timedelta(minutes=15)
"""After which a draft or a sending that failed is tried again: a full disk or a damaged model has been mended."""
TRAIN_EVERY = timedelta(hours=1)
"""Slots in which many new labels, or edited theme texts, are learnt from."""
_NIGHT = time(2)
"""Local hour from which a day's few new labels are learnt from."""
_REMEMBERED = timedelta(weeks=8)
"""How old an unfinished draft may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One job that is due."""

    job: str
    """Name in the run ledger; unique together with the slot."""
    slot_at: datetime
    """The scheduled instant, however late the program comes to it."""
    source: str | None = None
    """Whose round it is; None: it is an issue's, or the daily upkeep."""
    week: Week | None = None


def due_now(program: "Program") -> list[Due]:
    """Return what is due: each source's round, training, what the digest waits for, then what is taken out daily."""
    return due_rounds(program) + due_training(program) + due_digests(program) + due_upkeep(program)


def due_rounds(program: "Program", source: str | None = None) -> list[Due]:
    """Return the round of each enabled source, or of one, at its latest slot."""
    now = program.clock()
    return [
        Due(job=f"collect {one.name}", slot_at=interval_slot(one.every, now), source=one.name)
        for one in program.configuration.enabled_sources
        if source in (None, one.name)
    ]


def due_digests(program: "Program") -> list[Due]:
    """Return drafts since the last one recorded, drafts whose review time is over, and deferred deliveries."""
    now = program.clock()
    return [*_due_drafts(program, now), *_due_sendings(program, now)]


def due_upkeep(program: "Program") -> list[Due]:
    """Return the daily look for old texts and printed posts taken back, returned mails, the backup, the trend note."""
    now, backup = program.clock(), program.configuration.site.backup
    due = [Due(job=UPKEEP, slot_at=interval_slot(UPKEEP_EVERY, now))]
    if program.configuration.delivery.bounces is not None:
        due.append(Due(job=BOUNCES, slot_at=interval_slot(BOUNCES_EVERY, now)))
    if backup.directory is not None:
        due.append(Due(job=BACKUP, slot_at=interval_slot(backup.every, now)))
    if (slot := _note_slot(program, now)) is not None:
        due.append(Due(job=TREND_NOTE, slot_at=slot))
    return due


def _note_slot(program: "Program", now: datetime) -> datetime | None:
    """Return when this month's trend note is due, from its first such weekday on; None: not yet, or never."""
    written, zone = program.configuration.delivery.trend_note, program.configuration.programme.zone
    if written is None:
        return None
    month, weekly = now.astimezone(zone).month, WeeklyTime.written(written)
    slots = [weekly.in_week(week, zone) for week in (*Week.of(now, zone).before(5), Week.of(now, zone))]
    return next((slot for slot in slots if slot.astimezone(zone).month == month and slot <= now), None)


def due_training(program: "Program") -> list[Due]:
    """Return the training that new labels, edited theme texts or other posts ask for.

    At once on twenty new labels or edited texts, at night on any new label, or where people write otherwise than at the
    last training. A classifier that was trained from a file
    is left alone, and before any label the cold start heeds edited texts by itself.
    """
    from runtime.jobs.train import ENOUGH_NEW, standing

    found, now = standing(program), program.clock()
    if found is None:
        return []
    if found.new_labels >= ENOUGH_NEW or found.is_edited:
        return [Due(job=TRAIN, slot_at=interval_slot(TRAIN_EVERY, now))]
    night = _last_night(now, program.configuration.programme.zone)
    if (found.new_labels or found.has_drifted) and (found.trained_at is None or found.trained_at < night):
        return [Due(job=TRAIN, slot_at=night)]
    return []


def _last_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the last instant at which the nightly hour began."""
    today = now.astimezone(zone).date()
    nights = [datetime.combine(day, _NIGHT, zone).astimezone(UTC) for day in (today, today - timedelta(days=1))]
    return next(night for night in nights if night <= now)


def _due_drafts(program: "Program", now: datetime) -> Iterator[Due]:
    ledger, zone = program.corpus.ledger, program.configuration.programme.zone
    for slot in ledger.unfinished_slots(DRAFT, since=now - _REMEMBERED, failed_before=now - FAILED_PAUSE):
        yield Due(job=DRAFT, slot_at=slot, week=Week.of(slot, zone).plus(-1))
    weekly = WeeklyTime.written(program.configuration.delivery.draft)
    for week, slot in due_slots(weekly, zone, after=ledger.last_slot(DRAFT), now=now):
        yield Due(job=DRAFT, slot_at=slot, week=week)


def _due_sendings(program: "Program", now: datetime) -> Iterator[Due]:
    for issue in program.corpus.issues.all():
        edition = Edition.named(issue.key)
        week = edition.week
        # A correction goes out by a person's word alone.
        if issue.state in ("draft", "approved") and not edition.correction:
            deadline = review_deadline(program, week, issue.drafted_at)
            if deadline and deadline <= now:
                yield Due(job=f"{AUTO_SEND} {week}", slot_at=deadline, week=week)
        elif issue.state == "sending" and _is_to_be_sent_on(program, issue, now):
            yield Due(job=f"{RETRY} {edition}", slot_at=interval_slot(RETRY_EVERY, now), week=week)
    for note in program.corpus.issues.all(notes=True):
        if note.state == "sending" and _is_to_be_sent_on(program, note, now):
            yield Due(job=f"{NOTE_RETRY} {note.key}", slot_at=interval_slot(RETRY_EVERY, now))


def _is_to_be_sent_on(program: "Program", issue: "StoredIssue", now: datetime) -> bool:
    """Tell whether a delivery may be tried, or nobody has noted the end since the sender died."""
    issues = program.corpus.issues
    if issues.due(issue.key, now):
        return True
    if any(delivery.state in ("pending", "deferred") for delivery in issues.deliveries(issue.key)):
        return False
    with issues.lock_sending(issue.key) as nobody_sends:
        return nobody_sends


def review_deadline(program: "Program", week: Week, drafted_at: datetime) -> datetime | None:
    """Return when the issue of a week is sent that nobody has sent by then; None: never.

    A draft made late, since the machine was off, leaves the editors as long to look at it as one made on time.
    """
    delivery, zone = program.configuration.delivery, program.configuration.programme.zone
    if delivery.auto_send is None:
        return None
    after = week.plus(1)
    drafted = WeeklyTime.written(delivery.draft).in_week(after, zone)
    deadline = WeeklyTime.written(delivery.auto_send).in_week(after, zone)
    if deadline < drafted:
        deadline = WeeklyTime.written(delivery.auto_send).in_week(after.plus(1), zone)
    return max(deadline, drafted_at + (deadline - drafted))

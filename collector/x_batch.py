"""X's batch compliance: a list of ids is handed in as a file, and those that are gone by now come back as another.

See https://docs.x.com/x-api/compliance/batch-compliance/introduction
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, TypeVar

import msgspec
import requests

from collector.counterpart import Counterpart
from collector.retry import Patience, persist
from collector.unreadable import UNREADABLE
from collector.wire import Wire
from collector.x_post import Id, as_id
from programme.types import SourceSettings

JOBS = "/2/compliance/jobs"
_STORAGE = "https://storage.googleapis.com"
"""Where X lets the files be put and fetched, beside its own address. No other address of an answer is ever asked."""
T = TypeVar("T")
Status = Literal["created", "in_progress", "complete", "failed", "expired", "unknown"]
_STATUSES: tuple[Status, ...] = ("created", "in_progress", "complete", "failed", "expired")


class Job(msgspec.Struct, frozen=True):
    """A compliance job, as far as it is read."""

    id: Id | None = None
    name: str | None = None
    status: str = ""
    upload_url: str = ""
    download_url: str = ""

    @property
    def native_id(self) -> str:
        """Its number; empty where there is none."""
        return as_id(self.id) or ""

    @property
    def stands(self) -> Status:
        """How far it has come."""
        return next((status for status in _STATUSES if status == self.status), "unknown")


class Verdict(msgspec.Struct, frozen=True):
    """What X says of a post that was handed in."""

    id: Id | None = None
    reason: str = ""
    """``deleted``, ``deactivated``, ``suspended``, ``protected`` or ``scrub_geo``."""


class _One(msgspec.Struct):
    data: Job


class _Several(msgspec.Struct):
    data: list[Job] = []


_read_job = msgspec.json.Decoder(_One).decode
_read_jobs = msgspec.json.Decoder(_Several).decode
_read_verdict = msgspec.json.Decoder(Verdict).decode
Ask = Callable[[str, str, Mapping[str, str], Patience], bytes]
"""Returns X's answer to a method, a path and what is asked; raises as a source does."""


class XBatch:
    """The compliance jobs of one source."""

    def __init__(self, x: Counterpart, settings: SourceSettings, ask: Ask, *, instead_of: tuple[str, ...]) -> None:
        self._x = x
        self._settings = settings
        self._ask = ask
        self._instead_of = instead_of
        self._name = f"kuntakaiku {settings.name}"[:64]

    def open(self, patience: Patience) -> Job:
        """Return a new job, or one of ours that was opened and forgotten: X works on one at a time.

        Raises:
            SourceUnavailableError: X asked us to wait, or did not answer in a usable way.
            SourceRefusedError: X, or the missing attestation or token, does not allow it.
        """
        body = persist(lambda: self._ask("GET", JOBS, {"type": "tweets"}, patience), patience)
        ours = [
            job
            for job in self._read(_read_jobs, body).data
            if job.name == self._name and job.native_id and job.stands in ("created", "in_progress")
        ]
        if ours:
            return ours[0]
        # Asked once: whether an answer that got lost opened one, the list tells the next time.
        body = self._ask("POST", JOBS, {"type": "tweets", "name": self._name}, patience)
        job = self._read(_read_job, body).data
        if not job.native_id:
            raise self._x.unavailable("opened a job without a number.")
        return job

    def job(self, job_id: str, patience: Patience) -> Job:
        """Return how a job stands.

        Raises:
            SourceUnavailableError: as of ``open``.
            SourceRefusedError: as of ``open``.
        """
        body = persist(lambda: self._ask("GET", f"{JOBS}/{job_id}", {}, patience), patience)
        return self._read(_read_job, body).data

    def hand_in(self, job: Job, native_ids: Iterable[str], patience: Patience) -> None:
        """Put the list of ids where X wants it.

        Raises:
            SourceUnavailableError: it could not be put there, or the address is none that X's files may have.
        """
        content = "".join(f"{native_id}\n" for native_id in native_ids).encode()
        self._file("PUT", job.upload_url, patience, content)

    def verdicts(self, job: Job, patience: Patience) -> Iterator[Verdict]:
        """Yield what X says of those posts that are gone or changed; a line that cannot be read is left out.

        Raises:
            SourceUnavailableError: the list could not be fetched, or the address is none that X's files may have.
        """
        for line in self._file("GET", job.download_url, patience).splitlines():
            try:
                verdict = _read_verdict(line)
            except UNREADABLE:
                continue
            if as_id(verdict.id) is not None:
                yield verdict

    def _file(self, method: str, url: str, patience: Patience, content: bytes | None = None) -> bytes:
        """Return the answer of where files lie; the token does not go there."""
        own = (self._settings.base_url.rstrip("/"), *self._instead_of)
        base = next((f for f in own if url.startswith(f"{f}/")), None)
        if base is None and not url.startswith(f"{_STORAGE}/"):
            raise self._x.unavailable("names an address for a file that is not one of its own.")
        home, instead_of = (_STORAGE, ()) if base is None else (self._settings.base_url, self._instead_of)
        wire = Wire(home, timeout=patience.timeout(self._settings.timeout), instead_of=instead_of)
        # The signature in the address covers this header.
        headers = {"Content-Type": "text/plain"} if content is not None else {}
        try:
            with wire.session() as session:
                answer = session.request(method, url, data=content, headers=headers)
        except requests.RequestException as error:
            raise self._x.unavailable(f"did not take or give a file ({type(error).__name__}).") from None
        if answer.status_code not in (requests.codes.ok, requests.codes.created):
            raise self._x.unavailable(f"did not take or give a file ({answer.status_code}).")
        return answer.content

    def _read(self, read: Callable[[bytes], T], body: bytes) -> T:
        try:
            return read(body)
        except UNREADABLE as error:
            raise self._x.unavailable("answered, but not with a job.") from error

"""A site's feed on loopback, with conditional requests, redirects and compressions. All text invented."""

import gzip
import zlib
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.collector.fake_wire import Answer, Asked, Clock, FakeServer

PATH = "/syote.xml"
_CODINGS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": lambda body: zlib.compress(body, wbits=-15),
    "br": bytes,
}


class FakeFeed(FakeServer):
    """Answers one feed, newest entry first.

    ``elsewhere`` maps paths to the status and target of a redirect; ``gone`` holds paths that are no more; ``coding``
    names the compression; ``is_conditional`` says whether it knows ETag and Last-Modified.
    """

    network = "feed"
    is_paged = False
    cap = ("collector.sources.feed", "_LARGEST")

    def __init__(self, clock: Clock, *, is_conditional: bool = True, coding: str = "") -> None:
        super().__init__(clock)
        self.is_conditional, self.coding = is_conditional, coding
        self.entries: list[str] = []
        self.elsewhere: dict[str, tuple[int, str]] = {}
        self.gone: dict[str, int] = {}
        self.modified_at = clock()
        self._native_ids: set[str] = set()
        self._step = 0

    @property
    def url(self) -> str:
        """Address of the feed."""
        return super().url + PATH

    @property
    def host(self) -> str:
        """Address of the server."""
        return super().url

    def publish(self, count: int = 1, **fields: object) -> list[str]:
        """Write entries at the present instant and return their ids."""
        native_ids = []
        for _ in range(count):
            self._step += 1
            native_id = f"https://kunta.example/uutiset/{self._step}"
            at = self.clock() - timedelta(minutes=5)
            if created_at := fields.get("created_at"):
                at = datetime.fromisoformat(str(created_at))
            tag = fields.get("hashtag", "tulevaisuudenkunta")
            dated = "" if "created_at" in fields and not created_at else f"<pubDate>{format_datetime(at)}</pubDate>"
            self.write(
                f"<item><title>Keksitty uutinen {self._step}</title><guid>{native_id}</guid><link>{native_id}</link>"
                f"<description>{escape(f'<p>Ingressi ja tunnus #{tag}.</p>')}</description>{dated}</item>"
            )
            self._native_ids.add(native_id)
            native_ids.append(native_id)
        return native_ids

    def write(self, item: str) -> None:
        """Put an entry on top of the feed."""
        self.entries.insert(0, item)
        self.modified_at = self.clock()

    @property
    def truth(self) -> set[str]:
        """Native ids of all that was published."""
        return set(self._native_ids)

    @property
    def etag(self) -> str:
        """Name of the feed's present state."""
        return f'W/"{len(self.entries)}-{self._step}"'

    def right_answer(self, asked: Asked) -> Answer:
        """Return the feed, or where it is, or that it has not changed."""
        if asked.path in self.gone:
            return self.gone[asked.path], {}, b"gone"
        if asked.path in self.elsewhere:
            status, target = self.elsewhere[asked.path]
            return status, {"Location": target}, b""
        if asked.path == "/loop":
            return 302, {"Location": "/loop"}, b""
        modified = format_datetime(self.modified_at, usegmt=True)
        if self.is_conditional and asked.headers.get("if-none-match") == self.etag:
            return 304, {"ETag": self.etag}, b""
        headers = {"Content-Type": "application/rss+xml; charset=utf-8"}
        if self.is_conditional:
            headers |= {"ETag": self.etag, "Last-Modified": modified}
        body = self.document()
        if self.coding:
            headers["Content-Encoding"] = self.coding.removeprefix("raw ")
            body = _CODINGS[self.coding](body)
        return 200, headers, body

    def document(self) -> bytes:
        """Return the feed itself."""
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Keksitty kunta tiedottaa</title>'
            f"<link>https://www.kunta.example/</link><language>fi</language>{''.join(self.entries)}</channel></rss>"
        ).encode()

    def reset_header(self, at: datetime) -> tuple[str, str]:
        """Return a header that some hosts send."""
        return "X-RateLimit-Reset", str(int(at.timestamp()))

"""What strangers write to do harm, and how it is put into archives."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "kipinä"
"""A word of every hostile post, by which it is found again in what we print."""
_QUOTED = 590
"""Characters of a post of X that are shown whole, wherever entities make some of them shorter."""

OWN = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table></body></html><h1>x",
    "\" onmouseover='alert(1)' x=\"",
    "{{ 7*7 }}{% raw %}${7*7}<%= 7 %>",
    "<!--[if mso]><b>x</b><![endif]--> --> <![CDATA[",
    "Subject: x\r\nBcc: everyone@example.org\r\n\r\nbody",
    "=?utf-8?q?x=0D=0ABcc:_everyone@example.org?=",
    "\u202eevil\u202c \u2066x\u2069 \u200f\u061c",
    "\x00\x07\x1b[2J\x1b]0;x\x07\x9b31m\x7f",
    "%%UNSUBSCRIBE%% %%PREFERENCES%%",
    "\ue000\ufffe\uffff\ufeff{topic} {n} {0.__class__} %s %(n)d",
    "javascript:alert(1)",
    "https://example.org/\r\nX: y <b>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\uff1d1+1",
    "1234567890123456789",
    '=HYPERLINK("http://example.org","x")',
    "a;b\"c'd,e\r\nf\rg\nh",
    "'; DROP TABLE posts; --",
    "_x0041_",
    ".\r\n.\r\nMAIL FROM:<x@example.org>\r\n",
    "Z\u0351\u036b\u0343" + "\u0489" * 200,
    "a" * 2_000,
    "\u2028\u2029\x85",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001d573 \u0000",
)


def collected(test_data: Path) -> list[str]:
    """Return every collected hostile string: naughty ones, cross-site scripting, sanitiser's, formulas."""
    directory = test_data / "bad_input"
    naughty: list[str] = json.loads((directory / "blns.json").read_text("utf-8"))
    pairs: list[dict[str, Any]] = json.loads((directory / "dompurify_expect.json").read_text("utf-8"))
    with gzip.open(directory / "xss_payloads.txt.gz", "rt", encoding="utf-8", errors="replace", newline="\n") as lines:
        scripts = [line.rstrip("\n") for line in lines]
    formulas = (directory / "csv_injection.txt").read_text("utf-8").splitlines()
    signed = [sign + formula for formula in formulas for sign in ("", "=", "+", "-", "@", "\t", "\r")]
    return list(dict.fromkeys([*naughty, *(pair["payload"] for pair in pairs), *scripts, *signed]))


def malformed(test_data: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file of the JSON test suite."""
    for name in ("json_test_parsing.zip", "json_test_transform.zip"):
        with zipfile.ZipFile(test_data / "bad_input" / name) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    yield member.filename, archive.read(member)


def x_page(number: int, strings: list[str], day: str) -> dict[str, object]:
    """Return a page of X with a hostile string wherever a stranger's words can stand, two posts a string."""
    posts, users = [], []
    for place, string in enumerate(strings):
        for half, theme in enumerate(("puisto ja nurmikko", "bussi ja pysäkki")):
            native_id = str(10**18 + number * 100_000 + place * 2 + half)
            posts.append(
                {
                    "id": native_id,
                    "text": f"{theme} {MARK} {string}",
                    "created_at": f"{day}T{place % 24:02}:{half:02}:00.000Z",
                    "author_id": native_id,
                    "lang": string,
                    "entities": {
                        "hashtags": [{"tag": string}],
                        "urls": [{"url": string, "expanded_url": "https://example.org/" + string}],
                    },
                }
            )
            users.append({"id": native_id, "username": f"nimi{native_id}" if half else string, "name": string})
    return {"data": posts, "includes": {"users": users}, "meta": {"result_count": len(posts)}}


def own_lines(number: int, strings: list[str], day: str) -> Iterator[dict[str, object]]:
    """Yield lines of our own JSONL with a hostile string wherever a stranger's words can stand."""
    for place, string in enumerate(strings):
        yield {
            "network": "mastodon",
            "native_id": str(number * 100_000 + place),
            "url": string,
            "author": {"native_id": f"{number}-{place}", "handle": string, "name": string},
            "text": f"lekplats i parken {MARK} {string}",
            "lang": string,
            "created_at": f"{day}T{place % 24:02}:30:00Z",
            "source": string or None,
            "hashtags": [string],
            "links": [string],
            "labels": [
                {"theme": "parks", "by": string[:200].strip() or "?", "at": f"{day}T23:00:00Z", "guideline": string}
            ],
            "projects": [string],
            "scores": {string: 0.5, "none": 0.5},
            "model": "foreign",
            "municipalities": [{"code": string[:200] or "091", "basis": "text"}],
        }


def quoted_lines(strings: list[str], days: list[str], themes: int) -> Iterator[dict[str, object]]:
    """Yield a post for each week and theme, which its issue quotes: together they say every string.

    Args:
        strings: what strangers write.
        days: one of each week.
        themes: the programme's themes are called ``t0``, ``t1`` and so on.
    """
    texts = list(_packed(strings))
    assert len(texts) <= len(days) * themes, f"{len(texts)} texts need more weeks"
    for place, text in enumerate(texts):
        day, name = days[place // themes], strings[place * 7 % len(strings)]
        yield {
            "network": "x",
            "native_id": str(10**17 + place),
            "url": f"https://x.example/i/status/{place}",
            "author": {"native_id": str(place), "handle": name or "nimi", "name": name},
            "text": text,
            "created_at": f"{day}T10:00:00Z",
            "labels": [{"theme": f"t{place % themes}", "by": "EK", "at": f"{day}T11:00:00Z"}],
        }


def _packed(strings: list[str]) -> Iterator[str]:
    text = MARK
    for string in (one[:_QUOTED] for one in strings):
        if len(text) + 1 + len(string) > _QUOTED:
            yield text
            text = MARK
        text += f" {string}"
    yield text


def write(path: Path, rows: Iterator[dict[str, object]] | list[dict[str, object]]) -> Path:
    """Write JSON a line, the characters as they are, except halves of pairs."""
    path.write_bytes(
        b"".join(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n" for row in rows)
    )
    return path

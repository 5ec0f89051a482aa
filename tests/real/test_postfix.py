"""The demonstration's digest through Postfix, which makes strangers wait, into mailboxes that Dovecot opens."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from html import escape

import dkim
import pytest

from corpus.issues import Delivery
from corpus.rendering import Rendering
from digest.bounce import read_report
from digest.mail import ISSUE_HEADER
from digest.slots import UNSUBSCRIBE, Links, ticket_slot
from runtime.jobs.links import links_of
from tests.real.bluesky_network import until
from tests.real.demonstration import EARLIER, GONE, LATER, READERS, Demonstration
from tests.real.mail_server import CERTIFICATE, PAUSE, SENDER, MailServer, mail_server
from tests.runtime.conftest import Told

pytestmark = [pytest.mark.everything, pytest.mark.xdist_group("mails")]
DELIVERY = """
sender = "Tulevaisuuden kunta – viikkokooste <{sender}>"
smtp = {{ host = "localhost", port = {smtp}, security = "starttls", auth = "password", ca_file = "{certificate}" }}
bounces = {{ host = "localhost", port = {imaps}, ca_file = "{certificate}" }}
dkim = {{ selector = "kaiku" }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A house whose two last issues went out, and the server that took them."""

    server: MailServer
    house: Demonstration
    approved: dict[str, Told]
    """What approving said, by week."""
    tries: dict[str, Told]
    """What sending said: the first issue as a ``stranger`` and ``again``, the second when ``known``."""

    def digest(self, address: str, week: str = LATER) -> EmailMessage:
        """Return the one mail of a week's issue in a mailbox."""
        (found,) = [mail for mail in self.server.mails(address) if mail[ISSUE_HEADER] == week]
        return found


@pytest.fixture(scope="module")
def post(demonstration: Demonstration) -> Iterator[Post]:
    """The house after both issues went out; the server did not know it at the first mails."""
    call = demonstration.kuntakaiku
    with mail_server(list(READERS)) as server:
        written = DELIVERY.format(sender=SENDER, smtp=server.smtp, imaps=server.imaps, certificate=CERTIFICATE)
        (demonstration.house / "config" / "delivery.toml").write_text(written, encoding="utf-8")
        approved = {week: call("digest", "approve", "--week", week) for week in (EARLIER, LATER)}
        tries = {"stranger": call("--json", "digest", "send", "--week", EARLIER)}
        asked = time.monotonic()
        until(lambda: time.monotonic() > asked + PAUSE, "the server's pause")
        tries["again"] = call("--json", "digest", "send", "--week", EARLIER)
        tries["known"] = call("--json", "digest", "send", "--week", LATER)
        until(lambda: server.delivered >= 2 * len(READERS) + 2, "mails and reports in their boxes")
        yield Post(server=server, house=demonstration, approved=approved, tries=tries)


def states(told: Told) -> set[tuple[str, str]]:
    """Return how deliveries stand, with the first word of the reason."""
    return {(one["state"], (one["reason"] or "-").split()[0]) for one in told.json["deliveries"]}


def test_server_that_makes_strangers_wait_takes_each_mail_once(post: Post) -> None:
    """Logged in and encrypted; each recipient is deferred with the server's word, then has the mail, then the next."""
    assert [told.exit for told in post.tries.values()] == [3, 0, 0]
    assert states(post.tries["stranger"]) == {("deferred", "450")}
    assert all("Greylisted" in one["reason"] for one in post.tries["stranger"].json["deliveries"])
    assert states(post.tries["again"]) == states(post.tries["known"]) == {("sent", "-")}
    for address in READERS:
        issues = [mail[ISSUE_HEADER] for mail in post.server.mails(address) if mail[ISSUE_HEADER]]
        assert issues == [EARLIER, LATER]
    assert "with ESMTPSA" in post.digest(SENDER)["Received"]


def test_mails_in_the_boxes_are_what_was_approved(post: Post) -> None:
    """With each recipient's links taken out again, subject, HTML, text and pictures have the hash of the approval."""
    with post.house.program() as program:
        issues = program.corpus.issues
        for week in (EARLIER, LATER):
            stored = issues.get(week)
            assert stored
            links = links_of(program, stored)
            for delivery in issues.deliveries(week):
                if delivery.recipient == GONE:
                    continue
                found = restored(post.digest(delivery.recipient, week), delivery, links(delivery))
                kept = next(r for r in issues.renderings(week) if (r.language, r.role) == (found.language, found.role))
                assert replace(found, sha256=kept.sha256) == kept
                assert f"{found.language} {found.role}: sha256 {found.digest()}" in post.approved[week].out


def restored(mail: EmailMessage, delivery: Delivery, links: Links) -> Rendering:
    """Return a mail as it was before it was one recipient's own."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text
    assert html
    assert links.ticket
    leave = str(links.unsubscribe_url)
    # On their way lines end otherwise, and so does the last one of a page.
    lines = [body.get_content().replace("\r\n", "\n") for body in (text, html)]
    bodies = [lines[0].replace(leave, UNSUBSCRIBE), lines[1].replace(escape(leave), UNSUBSCRIBE).removesuffix("\n")]
    for place in range(100):
        bodies = [body.replace(links.ticket(place), ticket_slot(place)) for body in bodies]
    return Rendering(
        issue=str(mail[ISSUE_HEADER]),
        language=str(mail["Content-Language"]),
        role=delivery.role,
        subject=str(mail["Subject"]),
        text=bodies[0],
        html=bodies[1],
        charts={
            part["Content-ID"].strip("<>"): part.get_content()
            for part in mail.walk()
            if part.get_content_type() == "image/png"
        },
    )


def test_mail_proves_its_sender_after_its_way(post: Post) -> None:
    """The signature holds after Postfix wrote its headers and Dovecot kept the mail."""
    box = post.server.directory / "mail" / SENDER / "new"
    raw = [one.read_bytes() for folder in (box, box.parent / "cur") for one in folder.iterdir()]
    signed = [one for one in raw if b"DKIM-Signature:" in one.partition(b"\n\n")[0]]
    assert len(signed) == 2
    for mail in signed:
        assert dkim.verify(mail.replace(b"\n", b"\r\n"), dnsfunc=lambda name, timeout=5: post.house.dkim_record)  # noqa: ARG005 - the library's names


def test_address_whose_mails_came_back_twice_gets_no_more(post: Post) -> None:
    """Postfix's reports on an unknown user are found among the mails of a box, read once, and the address is spared."""
    reports = [read_report(mail.as_bytes()) for mail in post.server.mails(SENDER) if not mail[ISSUE_HEADER]]
    assert [(one.recipient, one.status, one.is_hard) for (one,) in reports] == [(GONE, "5.1.1", True)] * 2
    read = post.house.kuntakaiku("--json", "bounces").json
    assert (read["hard"], read["strange"], read["suspended"], read["problem"]) == (2, 0, [GONE], None)
    again = post.house.kuntakaiku("--json", "bounces").json
    assert (again["reports"], again["strange"], again["problem"]) == (0, 0, None)
    shown = post.house.kuntakaiku("--json", "digest", "show", "--week", LATER).json
    reasons = {one["recipient"]: (one["state"], one["reason"]) for one in shown["deliveries"]}
    assert reasons[GONE][0] == "refused"
    assert reasons[GONE][1].startswith("came back: ")
    assert {state for address, (state, _) in reasons.items() if address != GONE} == {"sent"}

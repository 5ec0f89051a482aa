"""One issue as one person's mail: both bodies, pictures by Content-ID, headers that no word of a stranger can break."""

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from hashlib import blake2b

from corpus.rendering import Rendering
from digest.inert import one_line
from digest.slots import NO_LINKS, Links, in_html, in_text
from programme.values import split_sender

ISSUE_HEADER = "X-Kuntakaiku-Issue"


class _Subject(UniqueUnstructuredHeader):
    """A subject whose spaces arrive: the policy's own folding drops one that stands between two encoded words."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as lines; one that is not ASCII is encoded as a whole (RFC 2047)."""
        text = _sendable(str(self))
        header = Header(text, "us-ascii" if text.isascii() else "utf-8", header_name="Subject")
        return f"Subject: {header.encode(linesep=policy.linesep)}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type] # mixed with BaseHeader there, as the library's own
POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
_SUBJECT_LIMIT = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What all mails of a programme have in common."""

    sender: str
    """``Name <address>`` or an address."""
    list_name: str
    """The programme's name, for List-Id."""
    list_slug: str

    @property
    def address(self) -> str:
        """The sender's bare address."""
        return split_sender(self.sender)[1]

    @property
    def domain(self) -> str:
        """What follows the ``@`` of the sender."""
        return self.address.rpartition("@")[2]


def message_id(issue: str, recipient: str, domain: str) -> str:
    """Return the Message-ID of an issue's mail to a recipient: the same for each try, so that doubles can be told."""
    identity = f"{issue}\n{recipient.strip().casefold()}".encode()
    return f"<{blake2b(identity, digest_size=16).hexdigest()}@{domain}>"


def build_message(
    rendering: Rendering,
    *,
    letterhead: Letterhead,
    recipient: str,
    identity: str,
    date: datetime,
    links: Links = NO_LINKS,
    replies_to: str | None = None,
) -> EmailMessage:
    """Return the mail of an issue to one recipient; ``identity`` is its Message-ID.

    A correction ``replies_to`` the mail that it corrects, by its Message-ID, so that mail programs show both together.

    Whatever stands in the rendering, the mail has exactly the headers that are set here. Two calls with equal arguments
    give equal bytes.
    """
    message = EmailMessage(policy=POLICY)
    name, address = split_sender(letterhead.sender)
    message["From"] = Address(display_name=header_text(name), addr_spec=address)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = header_text(rendering.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = identity
    if replies_to:
        message["In-Reply-To"] = replies_to
        message["References"] = replies_to
    for field, value in _of_list(letterhead, links, address).items():
        message[field] = value
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot shall answer
    message["Precedence"] = "bulk"
    message[ISSUE_HEADER] = rendering.issue
    _fill(message, rendering, links, address, identity)
    message["Content-Language"] = rendering.language  # after the content, which clears all headers about it
    return message


def _of_list(letterhead: Letterhead, links: Links, address: str) -> dict[str, str]:
    """Return the headers by which mail programs know a list (RFC 2369, 2919) and offer to leave it (RFC 8058)."""
    leave = links.unsubscribe_url
    fields = {
        "List-Id": f"{_phrase(letterhead.list_name)} <{letterhead.list_slug}.{letterhead.domain}>",
        "List-Unsubscribe": f"<{leave}>" if leave else f"<mailto:{address}?subject=unsubscribe>",
    }
    if leave and leave.startswith("https://"):  # one click only where nobody can listen, as RFC 8058 has it
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    fields |= {"List-Help": f"<mailto:{address}?subject=help>", "List-Owner": f"<mailto:{address}>", "List-Post": "NO"}
    if links.archive_url:
        fields["List-Archive"] = f"<{links.archive_url}>"
    return fields


def _fill(message: EmailMessage, rendering: Rendering, links: Links, address: str, identity: str) -> None:
    text, page = in_text(rendering.text, links, address), in_html(rendering.html, links, address)
    message.set_content(_sendable(text), charset="utf-8", cte="quoted-printable")
    message.add_alternative(_sendable(page), subtype="html", charset="utf-8", cte="quoted-printable")
    alternative = list(message.iter_parts())[-1]
    for cid, picture in rendering.charts.items():
        alternative.add_related(
            picture,
            maintype="image",
            subtype="png",
            cid=f"<{_token(cid)}>",
            disposition="inline",
            filename=f"{_token(cid)}.png",
        )
    # Boundaries that chance draws would make each try of one mail another mail.
    mark = blake2b(identity.encode(), digest_size=12).hexdigest()
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{mark}_{number}")


def header_text(text: str) -> str:
    """Return a text for a header.

    The email package reads encoded words in what it is given, and writes what they hold: a line break hidden in one
    would begin a header of a stranger's.
    """
    return one_line(text)[:_SUBJECT_LIMIT].replace("=?", "=\u2060?")


def _phrase(name: str) -> str:
    """Return a name that needs no quotes before an address in angle brackets."""
    return " ".join("".join(c if c.isalnum() or c in " -'" else " " for c in one_line(name)).split())


def _token(cid: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "._@-") else "_" for c in cid)


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")

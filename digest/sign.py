"""Signs mails with DKIM, RFC 6376, so that their server can prove whose they are; RFC 8058 asks it of lists."""

from collections.abc import Callable
from importlib.util import find_spec

from digest.transport import NoLineError
from programme.types import Dkim

Signer = Callable[[bytes], bytes]
"""Returns the header to put before a mail."""
SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    "Content-Language", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "Auto-Submitted",
)  # fmt: skip
"""Headers that are signed; also where a mail has none of a name, so that nobody can add one."""
_KEY = "Set KUNTAKAIKU_DKIM_KEY to the private key in PEM form, or take dkim out of delivery.toml."


def signer(settings: Dkim, key: str | None, *, domain: str) -> Signer:
    """Return what signs mails of a domain with a private RSA key in PEM form.

    Raises:
        NoLineError: the library or the key is missing, or the key cannot be read. Nothing is sent unsigned by mistake.
    """
    if find_spec("dkim") is None:
        raise NoLineError("Mails are to be signed, but dkimpy is not installed.", "pip install 'kuntakaiku[dkim]'")
    if not key:
        raise NoLineError("Mails are to be signed, but no key is set.", _KEY)
    from dkim import ParameterError, sign
    from dkim.crypto import UnparsableKeyError, parse_pem_private_key

    try:
        parse_pem_private_key(key.encode())
    except (UnparsableKeyError, ValueError):
        raise NoLineError("The key that mails are to be signed with cannot be read.", _KEY) from None
    headers = [name.lower().encode() for name in SIGNED]
    selector, of = settings.selector.encode(), (settings.domain or domain).encode("idna")

    def header(mail: bytes) -> bytes:
        try:
            made: bytes = sign(
                mail,
                selector,
                of,
                key.encode(),
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=headers,
            )
        except ParameterError as error:
            raise NoLineError(f"A mail cannot be signed: {error}.", _KEY) from error
        return made

    return header

"""What a sender's domain tells other mail servers in the DNS: SPF, DKIM and DMARC."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from programme.errors import KuntakaikuError

if TYPE_CHECKING:
    from dns.resolver import Resolver

Kind = Literal["spf", "dkim", "dmarc"]
USUAL_SELECTORS = ("selector1", "selector2", "default", "dkim", "mail", "google", "s1", "k1")
"""Under which the common mail systems publish their key."""
_RESERVED = frozenset({"localhost", "test", "invalid", "example", "local", "internal", "lan"})
"""Top-level names that the public DNS never has (RFC 2606, RFC 6762)."""
_PATIENCE = 3.0
"""Seconds for the answer to one question."""
_LABELS = 2
"""Of the shortest domain that is asked for a DMARC policy."""

Texts = Callable[[str], Sequence[str]]
"""Returns the TXT records of a name; none where the name has none."""


class NoNameServerError(KuntakaikuError):
    """No name server answered: nothing can be said of the domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was found of one of the three."""

    kind: Kind
    ok: bool
    detail: str


def is_reserved(domain: str) -> bool:
    """Return whether a domain cannot be in the public DNS: it has no dot, or was set aside for examples and tests."""
    labels = domain.casefold().rstrip(".").split(".")
    return len(labels) < _LABELS or labels[-1] in _RESERVED or labels[-2:-1] == ["example"] or labels[-1].isdecimal()


def examine(domain: str, *, selector: str | None = None, texts: Texts | None = None) -> list[Record]:
    """Return what the domain says of SPF, DKIM and DMARC, in this order.

    Args:
        domain: of the sender's address.
        selector: under which the DKIM key lies; None: the usual ones are tried.
        texts: asks the DNS; None: the machine's own name servers.

    Raises:
        NoNameServerError: no name server answered.
    """
    ask = texts or _asker()
    return [_spf(domain, ask), _dkim(domain, selector, ask), _dmarc(domain, ask)]


def _spf(domain: str, ask: Texts) -> Record:
    """See RFC 7208, 4.5: two records are as bad as none."""
    found = [text for text in ask(domain) if text.casefold().split(" ")[0] == "v=spf1"]
    if len(found) != 1:
        detail = f"{domain} has {len(found)} SPF records instead of one" if found else f"{domain} has no SPF record"
        return Record(kind="spf", ok=False, detail=detail)
    if {"+all", "all"} & set(found[0].casefold().split()):
        return Record(kind="spf", ok=False, detail=f"the SPF record of {domain} allows everybody")
    return Record(kind="spf", ok=True, detail=f"{domain} has an SPF record")


def _dkim(domain: str, selector: str | None, ask: Texts) -> Record:
    """See RFC 6376, 3.6.1: a key that is empty was revoked."""
    names = (selector,) if selector else USUAL_SELECTORS
    for name in names:
        tags = [_tags(text) for text in ask(f"{name}._domainkey.{domain}")]
        if any(tag.get("p") for tag in tags):
            return Record(kind="dkim", ok=True, detail=f"{domain} has a DKIM key under {name}")
    where = selector or "any of the usual selectors"
    return Record(kind="dkim", ok=False, detail=f"{domain} has no DKIM key under {where}")


def _dmarc(domain: str, ask: Texts) -> Record:
    """See RFC 7489, 6.6.3: a domain without a policy has that of the organisation above it."""
    for name in _upwards(domain):
        policies = [tags for text in ask(f"_dmarc.{name}") if (tags := _tags(text)).get("v", "").upper() == "DMARC1"]
        if len(policies) == 1 and policies[0].get("p"):
            return Record(kind="dmarc", ok=True, detail=f"{name} has a DMARC policy, p={policies[0]['p'][:20]}")
    return Record(kind="dmarc", ok=False, detail=f"{domain} has no DMARC policy")


def _upwards(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(len(labels) - _LABELS + 1))


def _tags(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().casefold(): value.strip() for name, _, value in parts}


def _asker() -> Texts:
    from dns import exception, resolver

    try:
        servers = machine_resolver()
    except exception.DNSException as error:
        raise NoNameServerError("the machine knows no name server") from error

    def ask(name: str) -> Sequence[str]:
        try:
            answer = servers.resolve(name, "TXT", lifetime=_PATIENCE)
        except (resolver.NXDOMAIN, resolver.NoAnswer):
            return ()
        except exception.DNSException as error:
            raise NoNameServerError("no name server answers") from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]

    return ask


def machine_resolver() -> "Resolver":
    """Return what asks the name servers that the machine is set to.

    Raises:
        dns.exception.DNSException: it is set to none.
    """
    from dns.resolver import Resolver

    return Resolver()

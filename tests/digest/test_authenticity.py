"""SPF, DKIM and DMARC, asked of a name server on loopback through the real library."""

import dns.resolver
import pytest

from digest import authenticity
from digest.authenticity import NoNameServerError, Record, examine, is_reserved
from tests.digest.fake_dns import FakeDns

WHOLE = {
    "viesti.kunta.fi": ["site-verification=1", "v=spf1 include:spf.kunta.fi -all"],
    "selector2._domainkey.viesti.kunta.fi": ["v=DKIM1; k=rsa; p=MIGf"],
    "_dmarc.kunta.fi": ["v=DMARC1; p=quarantine"],
}


def found(records: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, **how: str) -> dict[str, Record]:
    """Return what is found of each of the three."""
    with FakeDns(records) as server:
        monkeypatch.setattr(authenticity, "machine_resolver", server.resolver)
        return {record.kind: record for record in examine("viesti.kunta.fi", **how)}


def test_whole_domain_is_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record each is enough, the policy also where the organisation above has it."""
    assert [record.ok for record in found(WHOLE, monkeypatch).values()] == [True, True, True]


@pytest.mark.parametrize(
    ("name", "texts", "kind", "says"),
    [
        ("viesti.kunta.fi", ["something else"], "spf", "has no SPF record"),
        ("viesti.kunta.fi", ["v=spf1 -all", "v=spf1 a -all"], "spf", "2 SPF records"),
        ("viesti.kunta.fi", ["v=spf1 +all"], "spf", "allows everybody"),
        ("viesti.kunta.fi", ["v=spf10 -all"], "spf", "has no SPF record"),
        ("selector2._domainkey.viesti.kunta.fi", ["v=DKIM1; p="], "dkim", "any of the usual"),
        ("_dmarc.kunta.fi", ["v=DMARC1"], "dmarc", "no DMARC policy"),
        ("_dmarc.kunta.fi", [], "dmarc", "no DMARC policy"),
    ],
)
def test_what_is_missing_is_told(
    name: str, texts: list[str], kind: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One broken record fails its own check and no other."""
    seen = found({**WHOLE, name: texts}, monkeypatch)
    assert [one for one, record in seen.items() if not record.ok] == [kind]
    assert says in seen[kind].detail


def test_own_selector_is_the_one_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configured selector is looked up alone."""
    assert found(WHOLE, monkeypatch, selector="selector2")["dkim"].ok
    assert "under kaiku" in found(WHOLE, monkeypatch, selector="kaiku")["dkim"].detail


def test_silent_name_server_says_nothing_of_the_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers, the domain is not accused."""
    nobody = dns.resolver.Resolver(configure=False)
    nobody.nameservers, nobody.port = ["127.0.0.1"], 9
    monkeypatch.setattr(authenticity, "machine_resolver", lambda: nobody)
    monkeypatch.setattr(authenticity, "_PATIENCE", 0.1)
    with pytest.raises(NoNameServerError):
        examine("kunta.fi")


@pytest.mark.parametrize("domain", ["localhost", "example.org", "posti.example", "kone.invalid", "127.0.0.1", "kone"])
def test_names_for_examples_are_not_asked_for(domain: str) -> None:
    """What can be in no public DNS is known without asking."""
    assert is_reserved(domain)
    assert not is_reserved(f"{domain}.kunta.fi")

"""The organisation's own login, against a small provider of the test's own that speaks real HTTP."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from runtime.jobs import access
from runtime.wiring import Program
from tests.console.conftest import client_of, words_of
from tests.console.test_login import BASE

pytestmark = pytest.mark.everything

KEY = RSAKey.generate_key(2048, {"kid": "k1"})


@dataclass(slots=True)
class Provider:
    """A provider that lets in whom the test names, and remembers what it was asked."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """What its word says besides what it must, or instead."""
    key: RSAKey = field(default_factory=lambda: KEY)
    challenge: str = ""
    nonce: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """Return what it tells of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorise(self, address: str) -> dict[str, str]:
        """Let the browser that comes to an address in, and return what it brings back."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        assert query["code_challenge_method"] == "S256"
        assert query["scope"] == "openid email"
        self.challenge, self.nonce = query["code_challenge"], query["nonce"]
        return {"code": "c0de", "state": query["state"]}

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Give a token for a code whose verifier fits."""
        self.asked.append(form)
        made = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if form.get("code") != "c0de" or made.decode() != self.challenge:
            return None
        claims = {"iss": self.issuer, "aud": "kuntakaiku", "sub": "s-1", "exp": 1_900_000_000, "iat": 1_700_000_000}
        claims |= {"nonce": self.nonce, "email": "editor@kunta.example", "email_verified": True, **self.claims}
        word = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": word}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A running provider."""
    made = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/openid-configuration"):
                self._send(made.described())
            else:
                self._send({"keys": [KEY.as_dict(private=False)]})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found = made.token({key: values[0] for key, values in parse_qs(body).items()})
            self._send(found or {"error": "invalid_grant"}, 200 if found else 400)

        def _send(self, value: object, status: int = 200) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def browser(program: Program, provider: Provider) -> Iterator[TestClient]:
    """A browser on a console whose people log in at the provider."""
    configuration = program.configuration
    oidc = {"issuer": provider.issuer, "client_id": "kuntakaiku"}
    site = replace(configuration.site, login="oidc", public_url=BASE, oidc=oidc)
    program.configuration = replace(configuration, site=site)
    access.add(program, "editor@kunta.example", "editor", None, None, who="test")
    with client_of(program, BASE) as opened:
        yield opened


def visit(browser: TestClient, provider: Provider, **changed: str) -> Any:  # noqa: ANN401 - the library's answer
    """Log in as a browser does, with what comes back changed."""
    sent = browser.get("/login/provider?next=/health")
    assert sent.status_code == 303
    back = provider.authorise(sent.headers["location"]) | changed
    return browser.get("/login/provider/back", params={**back, "lang": "en"})


def test_provider_logs_in(browser: TestClient, provider: Provider) -> None:
    """With state, nonce and PKCE, somebody known comes in and goes where they were going."""
    assert browser.get("/health").headers["location"] == "/login?next=%2Fhealth"
    answer = visit(browser, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/health")
    assert browser.get("/health").status_code == 200
    assert provider.asked[0]["redirect_uri"] == f"{BASE}/login/provider/back"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["kuntakaiku", "another"], "azp": "another"},
        {"nonce": "another"},
        {"exp": 1_700_000_001},
        {"sub": None},
    ],
    ids=["issuer", "audience", "party", "nonce", "expired", "nobody"],
)
def test_word_that_does_not_hold_lets_nobody_in(
    claims: dict[str, object], browser: TestClient, provider: Provider
) -> None:
    """What was said by, for or to another, or too long ago, opens nothing."""
    provider.claims = claims
    assert visit(browser, provider).status_code == 503
    assert browser.get("/health").status_code == 303


def test_word_signed_by_another_lets_nobody_in(browser: TestClient, provider: Provider) -> None:
    """The provider's own keys decide."""
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert visit(browser, provider).status_code == 503
    assert browser.get("/health").status_code == 303


def test_visit_belongs_to_its_browser_and_is_good_once(
    browser: TestClient, provider: Provider, program: Program
) -> None:
    """Another's state, a repeated one, and a code without a visit are over."""
    sent = browser.get("/login/provider")
    back = provider.authorise(sent.headers["location"])
    with client_of(program, BASE) as other:
        assert other.get("/login/provider/back", params=back).status_code == 410
    assert browser.get("/login/provider/back", params=back).status_code == 410
    assert visit(browser, provider, state="forged").status_code == 410
    assert browser.get("/login/provider/back").status_code == 410


def test_only_vouched_addresses_count_and_only_at_first(browser: TestClient, provider: Provider) -> None:
    """An address that the provider does not vouch for is nobody's; later its own name for a person decides."""
    provider.claims = {"email_verified": False}
    refused = visit(browser, provider)
    assert refused.status_code == 403
    assert "nobody has let you in" in words_of(refused.text)
    provider.claims = {}
    assert visit(browser, provider).status_code == 303
    provider.claims = {"email": "moved@kunta.example"}
    assert visit(browser, provider).status_code == 303
    provider.claims = {"sub": "s-2"}
    assert visit(browser, provider).status_code == 403


def test_provider_that_is_out_is_told(browser: TestClient, provider: Provider) -> None:
    """Without its answer there is a clear page, and nobody comes in."""
    provider.issuer = "http://127.0.0.1:1"
    answer = browser.get("/login/provider?lang=sv")
    assert answer.status_code == 503
    assert "svarar inte som den ska" in words_of(answer.text)

"""The organisation's own login: OpenID Connect's code flow with state, nonce and PKCE.

See https://openid.net/specs/openid-connect-core-1_0.html and RFC 7636. Only the configured issuer is asked, and what
its own description names.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from programme.errors import KuntakaikuError, MisuseError

_SECONDS = 10
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures by a key that the provider alone has; ``none`` and shared secrets are not among them."""
_LEEWAY = 60
"""Seconds by which two clocks may differ."""
_LARGEST = 1_000_000


class ProviderError(KuntakaikuError):
    """The provider did not answer, or not as it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Whom a provider says it is."""

    issuer: str
    subject: str
    """The provider's own name for the person, which never changes."""
    address: str
    """Empty where the provider does not vouch for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A login that begins at the provider."""

    address: str
    """Where the browser goes."""
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenID provider as configured."""

    issuer: str
    client_id: str
    secret: str | None
    """None: a public client, which PKCE alone guards."""

    def begin(self, back: str) -> Visit:
        """Return a login's beginning; the browser comes back to the address ``back``.

        Raises:
            ProviderError: it cannot be asked.
        """
        described, nonce, verifier = self._described(), secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        client = self._client(back)
        address, state = client.create_authorization_url(
            _safe(described, "authorization_endpoint"), code_verifier=verifier, nonce=nonce
        )
        return Visit(address=address, state=state, nonce=nonce, verifier=verifier)

    def end(self, back: str, *, code: str, nonce: str, verifier: str, now: datetime) -> Claims:
        """Return whom the provider let in.

        Raises:
            ProviderError: it cannot be asked, or its word does not hold.
        """
        from authlib.common.errors import AuthlibBaseError

        described = self._described()
        client = self._client(back)
        try:
            token = client.fetch_token(
                _safe(described, "token_endpoint"), code=code, code_verifier=verifier, timeout=_SECONDS
            )
        # The library reads the answer without looking at its shape first.
        except (AuthlibBaseError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProviderError(f"{self.issuer} gave no token: {type(error).__name__}.", _LOOK) from error
        keys = self._fetched(_safe(described, "jwks_uri"))
        return self._claims(str(token.get("id_token", "")), keys, nonce, now)

    def _claims(self, token: str, keys: Mapping[str, Any], nonce: str, now: datetime) -> Claims:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims  # type: ignore[arg-type] # a mapping of JSON
            rules.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(f"The word of {self.issuer} does not hold: {type(error).__name__}.", _LOOK) from error
        if claims.get("azp", self.client_id) != self.client_id:
            raise ProviderError(f"The word of {self.issuer} is meant for another.", _LOOK)
        vouched = claims.get("email_verified", False) is True
        return Claims(
            issuer=self.issuer,
            subject=str(claims["sub"]),
            address=str(claims.get("email") or "") if vouched else "",
        )

    def _described(self) -> Mapping[str, Any]:
        found = self._fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderError(f"{self.issuer} calls itself otherwise.", "Write issuer in site.toml as it does.")
        return found

    def _fetched(self, address: str) -> Mapping[str, Any]:
        import msgspec
        from urllib3.exceptions import HTTPError

        try:
            answer = self._client("").get(
                address, timeout=_SECONDS, allow_redirects=False, withhold_token=True, stream=True
            )
            answer.raise_for_status()
            with answer:
                answer.raw.decode_content = True
                content = answer.raw.read(_LARGEST)
            return msgspec.json.decode(content, type=dict[str, Any])
        except (OSError, HTTPError, ValueError) as error:
            raise ProviderError(f"{self.issuer} does not answer: {type(error).__name__}.", _LOOK) from error

    def _client(self, back: str) -> Any:  # noqa: ANN401 - the library's own, untyped
        session = _session_type()
        client = session(
            self.client_id,
            self.secret,
            scope="openid email",
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
        )
        client.trust_env = False
        return client


_LOOK = "Look at [oidc] in site.toml and at the provider's own log."


def require_library() -> None:
    """Return where logins by a provider are possible.

    Raises:
        MisuseError: the extra is not installed.
    """
    _session_type()


def _session_type() -> Any:  # noqa: ANN401 - the library's own, untyped
    try:
        from authlib.integrations.requests_client import OAuth2Session
    except ImportError as error:
        raise MisuseError(
            'login = "oidc" needs Authlib, which is not installed.', 'Install it: pip install "kuntakaiku[oidc]"'
        ) from error
    return OAuth2Session


def _safe(described: Mapping[str, Any], name: str) -> str:
    """Return an address that a provider describes: encrypted, or on this machine."""
    address = str(described.get(name, ""))
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ProviderError(f"The provider's {name} is no encrypted address.", _LOOK)
    return address

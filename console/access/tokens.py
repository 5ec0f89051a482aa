"""What opens something: random, signed where it travels by mail, and stored as a mark alone."""

import hmac
import secrets
from hashlib import sha256

_BYTES = 32


def fresh() -> str:
    """Return a new token that nobody guesses."""
    return secrets.token_urlsafe(_BYTES)


def mark_of(token: str) -> str:
    """Return under what a token is stored: who reads that cannot make the token of it."""
    return sha256(token.encode()).hexdigest()


def sealed(token: str, secret: str) -> str:
    """Return a token with our signature."""
    return f"{token}.{_seal(token, secret)}"


def opened(text: str, secret: str) -> str | None:
    """Return the token of one that we signed; None for anything else, which costs no look into the database."""
    token, _, seal = text.partition(".")
    return token if hmac.compare_digest(seal.encode(), _seal(token, secret).encode()) else None


def _seal(token: str, secret: str) -> str:
    return hmac.new(secret.encode(), b"login link " + token.encode(), sha256).hexdigest()[:_BYTES]

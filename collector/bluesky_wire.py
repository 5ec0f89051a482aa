"""An account's server on Bluesky: XRPC under our own deadline, size cap and pauses, signed in where needed.

One session serves as long as its tokens are taken; none is stored.

See https://docs.bsky.app/docs/api/com-atproto-server-create-session and decision 0008
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
import requests

from collector.counterpart import Counterpart
from collector.errors import Remedies, SourceError, SourceRefusedError
from collector.retry import Patience
from collector.unreadable import UNREADABLE
from collector.wire import USER_AGENT, Wire
from language.text import clean
from programme.types import SourceSettings
from programme.values import secret_name

Params = dict[str, str | Sequence[str]]
NOT_FOUND = "NotFound"
"""What a server says of a post that it does not have."""
_SIGN_IN = "com.atproto.server.createSession"
_REFRESH = "com.atproto.server.refreshSession"
_EXPIRED = "ExpiredToken"
_REMEDIES = Remedies(
    by_status={
        400: "Check the programme's hashtags; if they are right, Bluesky has changed: look for a new version.",
        401: "Make a new app password in Bluesky's settings and set it as KUNTAKAIKU_TOKEN_<SOURCE NAME>; handle under "
        "options in sources.toml must be the account's own.",
        403: "The account may not search: Bluesky's settings say whether it is suspended.",
        404: "Check base_url in sources.toml: Bluesky signs in at https://bsky.social.",
        429: "Nothing to do: we go on when Bluesky allows it.",
    },
)


class _Session(msgspec.Struct, rename="camel"):
    """Tokens that a sign-in gives, for minutes (access) and months (refresh)."""

    access_jwt: str
    refresh_jwt: str


class _Refusal(msgspec.Struct):
    error: str | None = None
    message: str | None = None


_read_session = msgspec.json.Decoder(_Session).decode
_read_refusal = msgspec.json.Decoder(_Refusal).decode


class BlueskyServer:
    """The one address that is asked, and the account that asks.

    Args:
        settings: of the source.
        password: the account's app password.
    """

    def __init__(self, settings: SourceSettings, password: str | None) -> None:
        self._name = settings.name
        self.counterpart = Counterpart(source=settings.name, who=urlsplit(settings.base_url).netloc, remedies=_REMEDIES)
        self._settings = settings
        self._handle = settings.options.get("handle", "").removeprefix("@")
        self._password = password
        self._wire = Wire(settings.base_url, timeout=settings.timeout)
        self._http = self._wire.session()
        self._http.headers["User-Agent"] = USER_AGENT
        self._session: _Session | None = None

    def opened(self) -> AbstractContextManager[object]:
        """Return what closes the connections at its end; nothing is asked yet.

        Raises:
            SourceRefusedError: there is no account.
        """
        if not self._handle or not self._password:
            raise SourceRefusedError(
                f"Source {self._name!r}: Bluesky is read with an account only, and there is "
                f"{'no app password' if self._handle else 'no handle'}.",
                f"Set KUNTAKAIKU_TOKEN_{secret_name(self._name)} to an app password of the account."
                if self._handle
                else 'Add options = { handle = "name.bsky.social" } to the source in sources.toml.',
            )
        return self._http

    def ask(
        self, name: str, params: Params, patience: Patience, what: str, *, dropping: str = "", lacking: str = ""
    ) -> bytes | None:
        """Return the body of an answer, signing in first where needed.

        Args:
            name: of the query.
            params: its parameters.
            patience: how long may be waited.
            what: the query in words, for an error.
            dropping: a parameter that is left out, here and in ``params``, where the server does not take it.
            lacking: the error that is an answer, None, and no failure.

        Raises:
            SourceUnavailableError: the server asked us to wait, or did not answer in a usable way.
            SourceRefusedError: it does not accept the account or the question.
        """
        self.counterpart.check(patience.now())
        session = self._session or self._signed_in(patience)
        answer = self._call("GET", name, patience, session.access_jwt, params=params)
        if _said(answer).error == _EXPIRED:
            session = self._refreshed(session, patience)
            answer = self._call("GET", name, patience, session.access_jwt, params=params)
        if answer.status_code == requests.codes.bad_request and dropping in params:
            del params[dropping]
            answer = self._call("GET", name, patience, session.access_jwt, params=params)
        if answer.status_code == requests.codes.ok:
            return answer.content
        if lacking and _said(answer).error == lacking:
            return None
        raise self._error(answer, patience.now(), f"refused {what}")

    def _signed_in(self, patience: Patience) -> _Session:
        account = {"identifier": self._handle, "password": self._password}
        answer = self._call("POST", _SIGN_IN, patience, json=account)
        if answer.status_code != requests.codes.ok:
            raise self._error(answer, patience.now(), "did not let us sign in")
        return self._opened(answer)

    def _refreshed(self, session: _Session, patience: Patience) -> _Session:
        """Return new tokens for expired ones; signs in anew where the server takes the old ones no longer."""
        self._session = None
        answer = self._call("POST", _REFRESH, patience, session.refresh_jwt)
        return self._opened(answer) if answer.status_code == requests.codes.ok else self._signed_in(patience)

    def _opened(self, answer: requests.Response) -> _Session:
        try:
            self._session = _read_session(answer.content)
        except UNREADABLE as error:
            raise self.counterpart.unavailable("answered our sign-in, but not with a session.") from error
        return self._session

    def _call(
        self,
        method: str,
        name: str,
        patience: Patience,
        token: str | None = None,
        *,
        params: Params | None = None,
        json: Mapping[str, str | None] | None = None,
    ) -> requests.Response:
        self._wire.timeout = patience.timeout(self._settings.timeout)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"{self._wire.base_url}/xrpc/{name}"
        try:
            answer = self._http.request(method, address, params=params, json=json, headers=headers)
        except (requests.RequestException, ValueError) as error:
            # The latter for tokens that are no header.
            self.counterpart.heard(self._wire.headers, patience.now())
            raise self.counterpart.unavailable(f"did not answer ({type(error).__name__}).") from None
        self.counterpart.heard(answer.headers, patience.now())
        return answer

    def _error(self, answer: requests.Response, now: datetime, what: str) -> SourceError:
        said = self._without_secrets(clean(_said(answer).message or ""))
        return self.counterpart.refusal(what, answer.status_code, answer.headers, now, said=said)

    def _without_secrets(self, said: str) -> str:
        session = self._session
        for secret in (self._password, session and session.access_jwt, session and session.refresh_jwt):
            said = said.replace(secret, "…") if secret else said
        return said


def _said(answer: requests.Response) -> _Refusal:
    """Return what a server says in the body of a refusal; nothing where it is none."""
    if answer.status_code == requests.codes.ok:
        return _Refusal()
    try:
        return _read_refusal(answer.content)
    except UNREADABLE:
        return _Refusal()

"""What X's refusals mean: who, what, and what to do next."""

from datetime import datetime

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from collector.counterpart import Counterpart
from collector.errors import CREDIT_PAUSE, Remedies, SourceError, SourceUnavailableError
from collector.x_page import said_in

_REMEDIES = Remedies(
    by_status={
        400: "Check the programme's hashtags; if they are right, X has changed its interface: look for a new version.",
        401: "Make a new bearer token in X's developer console and set KUNTAKAIKU_X_BEARER_TOKEN.",
        402: "Buy credits or raise the spending limit in X's developer console; we look again by ourselves.",
        403: "X's developer console says what this app may do: recent search must be among it.",
        404: "Check base_url in sources.toml; X answers at https://api.x.com.",
        429: "Nothing to do: we go on when X allows it.",
    },
)


def counterpart(source: str) -> Counterpart:
    """Return X as a source of that name asks it."""
    return Counterpart(source=source, who="X", remedies=_REMEDIES)


def refusal(x: Counterpart, answer: requests.Response, secret: str | None, now: datetime) -> SourceError:
    """Return what an answer other than the posts means.

    Args:
        x: whom was asked.
        answer: what it sent.
        secret: the token, which stays out should an answer repeat it.
        now: the present instant.
    """
    status = answer.status_code
    if status == requests.codes.payment_required:
        return SourceUnavailableError(
            f"Source {x.source!r}: the credits for X are used up (402).",
            _REMEDIES[status],
            state="paused",
            pause=CREDIT_PAUSE,
        )
    said = said_in(answer.content).replace(secret or "\0", "…")
    return x.refusal("refused the request", status, answer.headers, now, said=said)


def never_left(error: BaseException | None) -> bool:
    """Return whether a request certainly did not reach X, so that nothing was billed."""
    reason = getattr(error.args[0], "reason", None) if error is not None and error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)

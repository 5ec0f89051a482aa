"""The gate: who a request comes from, how a browser is logged in and out, and what logins have begun."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from console.access import tokens
from console.access.limits import Limit
from console.house import Door, House
from corpus.entries import Entry
from corpus.people import Person
from programme.staff import Right, StaffRole, may

if TYPE_CHECKING:
    from console.access.oidc import Claims

LOCAL = "console"
"""Who works where nobody logs in, as the audit log has it."""
IDLE = timedelta(hours=2)
"""After which a session that nobody used is over."""
LONGEST = timedelta(hours=12)
"""After which a session is over."""
LINK = timedelta(minutes=15)
"""For which a mailed link, or a visit to an OpenID provider, is good."""
_PER_ADDRESS = (3, LINK)
_PER_CLIENT = (20, LINK)
_IN_ALL = (200, LINK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at a page."""

    name: str
    """As labels, decisions and the audit log know the person."""
    role: StaffRole
    is_logged_in: bool
    """False: on this machine, where nobody logs in."""

    def may(self, right: Right) -> bool:
        """Return whether the visitor's role has a right."""
        return may(self.role, right)


class Gate:
    """Lets people in and out."""

    def __init__(self, house: House, door: Door) -> None:
        self.door = door
        self._house = house
        self._people = house.corpus.people
        self._entries = house.corpus.entries
        self._by_address, self._by_client, self._all = Limit(*_PER_ADDRESS), Limit(*_PER_CLIENT), Limit(*_IN_ALL)

    @property
    def cookie(self) -> str:
        """Name of the session's cookie; a browser takes ``__Host-`` over an encrypted line and for this host only."""
        return "__Host-session" if self.door.is_secure else "session"

    @property
    def visit_cookie(self) -> str:
        """Name of the cookie that binds a visit to an OpenID provider to the browser that began it."""
        return "__Host-visit" if self.door.is_secure else "visit"

    def visitor(self, request: Request) -> Visitor | None:
        """Return who a request comes from; None: nobody who is logged in."""
        if self.door.login == "none":
            return Visitor(name=LOCAL, role="administrator", is_logged_in=False)
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        found = self._people.of_session(tokens.mark_of(token), now=self._house.clock(), idle=IDLE, longest=LONGEST)
        return Visitor(name=found.name, role=found.role, is_logged_in=True) if found else None

    def may_try(self, request: Request) -> bool:
        """Return whether a client may try to log in once more."""
        client, now = request.client.host if request.client else "", self._house.clock()
        return self._by_client.allows(client, now) and self._all.allows("", now)

    def mail_link(self, address: str, language: str, onward: str) -> None:
        """Mail a link to an address, if somebody has it who was not mailed too many already.

        Called after the answer is on its way: neither its words nor its time tell whether the address is known.
        """
        now, person = self._house.clock(), self._people.by_address(address)
        if person is None or not self._by_address.allows(person.address, now):
            return
        token = tokens.fresh()
        entry = Entry(person_id=person.person_id, content={"onward": onward})
        self._entries.add(tokens.mark_of(token), "link", entry, now=now)
        self._house.mail_link(person, f"{self.door.base}/login/link/{tokens.sealed(token, self.door.secret)}", language)

    def is_link(self, text: str) -> bool:
        """Return whether a link may still be used; looking at it does not use it."""
        token, since = tokens.opened(text, self.door.secret), self._house.clock() - LINK
        return token is not None and self._entries.is_open(tokens.mark_of(token), "link", since=since)

    def follow_link(self, text: str) -> tuple[Person, str] | None:
        """Use a link up and return whose it was, and where they wanted to go; None: it is none, or not any more."""
        token, now = tokens.opened(text, self.door.secret), self._house.clock()
        if token is None:
            return None
        entry = self._entries.take(tokens.mark_of(token), "link", since=now - LINK, now=now)
        person = next((one for one in self._people.all() if entry and one.person_id == entry.person_id), None)
        return (person, str(entry.content.get("onward", ""))) if entry and person else None

    def begin_visit(self, content: dict[str, str], state: str) -> str:
        """Keep what a visit to a provider needs at its end, and return what its browser must bring back."""
        ours = tokens.fresh()
        entry = Entry(person_id=None, content={**content, "browser": tokens.mark_of(ours)})
        self._entries.add(tokens.mark_of(state), "oidc", entry, now=self._house.clock())
        return ours

    def end_visit(self, state: str, browser: str) -> Entry | None:
        """Return what was kept of a visit that this browser began, and use it up."""
        now = self._house.clock()
        entry = self._entries.take(tokens.mark_of(state), "oidc", since=now - LINK, now=now)
        return entry if entry and entry.content.get("browser") == tokens.mark_of(browser) else None

    def claimed(self, claims: "Claims") -> Person | None:
        """Return whom a provider's word means: from the first login on, the provider's own name for a person decides.

        An address that is given to somebody else later does not open what was its first owner's.
        """
        subject = f"{claims.issuer} {claims.subject}"
        known = self._people.by_subject(subject)
        if known or not claims.address:
            return known
        person = self._people.by_address(claims.address)
        if person is None or person.subject is not None:
            return None
        self._people.bind(person, subject)
        return person

    def log_in(self, request: Request, response: Response, person: Person) -> None:
        """Give a browser a new session, whatever it brought: what somebody planted in it before opens nothing."""
        self.log_out(request, response)
        token = tokens.fresh()
        self._people.begin_session(person, tokens.mark_of(token), now=self._house.clock(), longest=LONGEST)
        # Lax: a link in a mail must find the browser logged in; forms are guarded by more than this.
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(LONGEST.total_seconds()),
            path="/",
            secure=self.door.is_secure,
            httponly=True,
            samesite="lax",
        )

    def log_out(self, request: Request, response: Response) -> None:
        """End a browser's session."""
        if token := request.cookies.get(self.cookie):
            self._people.end_session(tokens.mark_of(token))
            response.delete_cookie(self.cookie, path="/", secure=self.door.is_secure, httponly=True, samesite="lax")

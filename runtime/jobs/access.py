"""Who may enter the console, and the mail that lets them in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from programme.errors import MisuseError
from programme.staff import STAFF_ROLES, StaffRole

if TYPE_CHECKING:
    from console.access.oidc import Provider
    from corpus.api_keys import ApiKey
    from corpus.people import Person
    from runtime.wiring import Program

_TAKEN = frozenset({"console", "import", "send", "run", "bounces", "demo"})
"""Names under which the program itself does things."""
_LONGEST_NAME = 60


def add(program: "Program", address: str, role: str, name: str | None, subject: str | None, *, who: str) -> "Person":
    """Let somebody in, or give them another role or name.

    Args:
        program: the house.
        address: where links are mailed.
        role: one of the console's roles.
        name: by which what they do is told; the one they had, else what stands before the ``@``, where None.
        subject: by which an OpenID provider knows them, where it does not vouch for addresses.
        who: lets them in.

    Raises:
        MisuseError: the address or role is none, or another person has the name.
    """
    people, address = program.corpus.people, address.strip()
    local, at, domain = address.partition("@")
    if not (local and at and domain) or any(letter.isspace() for letter in address):
        raise MisuseError("That is no address of a person.", "Write it like name@example.org.")
    if role not in STAFF_ROLES:
        raise MisuseError(f"There is no role {role!r}.", f"Use one of {', '.join(STAFF_ROLES)}.")
    before = people.by_address(address)
    called = " ".join((name if name is not None else before.name if before else local).split())[:_LONGEST_NAME]
    other = people.by_name(called)
    if not called or called in _TAKEN or (other and other != before):
        raise MisuseError(f"The name {called!r} is taken.", "Give the person another with --name.")
    chosen: StaffRole = next(one for one in STAFF_ROLES if one == role)
    person = people.put(address=address, name=called, role=chosen, who=who, now=program.clock())
    if subject:
        oidc = program.configuration.site.oidc
        people.bind(person, f"{oidc.get('issuer', '')} {subject}")
    return person


def as_json(person: "Person") -> dict[str, object]:
    """Return somebody as plain JSON values."""
    return {
        "address": person.address,
        "name": person.name,
        "role": person.role,
        "since": person.since_at.isoformat(),
    }


def provider(program: "Program") -> "Provider | None":
    """Return the organisation's own login, where that is the way in."""
    from console.access.oidc import Provider

    site = program.configuration.site
    if site.login != "oidc":
        return None
    return Provider(
        issuer=site.oidc["issuer"], client_id=site.oidc["client_id"], secret=program.secrets("OIDC_CLIENT_SECRET")
    )


def mail_link(program: "Program", person: "Person", address: str, language: str) -> None:
    """Mail somebody the address that logs them in.

    Raises:
        NoLineError: the mail server cannot be used.
        LinkNotSentError: it did not take the mail.
    """
    from digest.mail import message_id
    from digest.notice import Notice, build_notice
    from digest.speech import Speaker
    from runtime.jobs.digest import letterhead, transport

    head, now = letterhead(program), program.clock()
    say = Speaker(program.messages, language, program.configuration.programme.time_zone).text
    notice = Notice(
        subject=say("console.login.mail.subject"),
        text=f"{say('console.login.mail.before')}\n\n{address}\n\n{say('console.login.mail.after')}\n",
        language=language,
    )
    identity = message_id(f"login {address[-16:]} {now.isoformat()}", person.address, head.domain)
    message = build_notice(notice, letterhead=head, recipient=person.address, identity=identity, date=now)
    with transport(program).open(sender=head.address) as line:
        outcome = line.send(message, sender=head.address, recipient=person.address)
    if outcome.ending != "sent":
        raise MisuseError(f"A login link was not mailed: {outcome.ending}.", "`kuntakaiku doctor` looks at the mail.")


def add_key(program: "Program", name: str, scopes: Sequence[str], *, who: str) -> "tuple[str, ApiKey]":
    """Make a key of the API and return its token, which is told this once, and its record.

    Raises:
        MisuseError: it has no name, or a scope is none.
    """
    import secrets

    from console.access.tokens import mark_of
    from corpus.api_keys import SCOPES

    called = " ".join(name.split())[:_LONGEST_NAME]
    if not called:
        raise MisuseError("A key needs a name.", "Say who or what uses it.")
    chosen = tuple(one for one in SCOPES if one in scopes)
    if not chosen or set(scopes) - set(SCOPES):
        raise MisuseError("A key needs scopes that there are.", f"Use some of {', '.join(SCOPES)}.")
    token = f"kk_{secrets.token_urlsafe(32)}"
    made = program.corpus.api_keys.add(mark_of(token), name=called, scopes=chosen, who=who, now=program.clock())
    return token, made


def key_as_json(key: "ApiKey") -> dict[str, object]:
    """Return a key as plain JSON values, without its token."""
    return {
        "number": key.key_id,
        "name": key.name,
        "scopes": list(key.scopes),
        "made_by": key.made_by,
        "made_at": key.made_at.isoformat(),
        "used_at": key.used_at and key.used_at.isoformat(),
        "ended_at": key.ended_at and key.ended_at.isoformat(),
    }

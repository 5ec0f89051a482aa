"""Every address of the console, with the right that it asks of a visitor's role."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from console.paper import Face
from console.views import (
    access,
    accessibility,
    data,
    discussions,
    explore,
    following,
    guidelines,
    health,
    login,
    privacy,
    review,
    topics,
    week,
    week_edit,
)
from programme.staff import Right

View = Callable[[Face], Response]
Form = Callable[[Face, Mapping[str, str]], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An address and what answers there."""

    path: str
    right: Right | None
    """None: open to whoever may reach the console."""
    view: View | None = None
    """Answers a request for a page."""
    form: Form | None = None
    """Answers a form that was sent."""


def _page(path: str, view: View, right: Right | None = "read") -> Way:
    return Way(path=path, view=view, right=right)


def _form(path: str, form: Form, right: Right | None) -> Way:
    return Way(path=path, form=form, right=right)


WAYS = (
    _page("/login", login.show, None),
    _form("/login", login.ask, None),
    _page("/login/link/{token}", login.show_link, None),
    _form("/login/link/{token}", login.follow, None),
    _page("/login/provider", login.go, None),
    _page("/login/provider/back", login.back, None),
    _form("/logout", login.leave, None),
    *(_page(path, privacy.show, None) for path in privacy.PATHS.values()),
    *(_page(path, accessibility.show, None) for path in accessibility.PATHS.values()),
    _form("/accessibility/feedback", accessibility.say, None),
    _page("/access", access.show, "administer"),
    _form("/access", access.change, "administer"),
    _page("/week", week.show),
    _page("/week/mail", week.show_mail),
    _form("/week/approve", week_edit.approve, "edit"),
    _form("/week/edit", week_edit.change, "edit"),
    _form("/week/send", week_edit.send, "edit"),
    _form("/week/settle", week_edit.settle, "edit"),
    _page("/review", review.show, "review"),
    _form("/review", review.answer, "review"),
    _page("/topics", topics.show),
    _form("/topics", topics.decide, "edit"),
    _form("/topics/follow", following.change, "edit"),
    _page("/explore", explore.show),
    _page("/data", data.show, "research"),
    _form("/data", data.order, "research"),
    _page("/files/exports/{number}", data.download, "research"),
    _page("/files/exports/{number}/manifest", data.manifest, "research"),
    _page("/guidelines", guidelines.show),
    _page("/learning", guidelines.show_learning),
    _page("/health", health.show),
    _page("/discussions", discussions.show_list),
    _page("/discussions/{name:path}", discussions.show_one),
)

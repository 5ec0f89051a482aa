"""What coordinators follow, as the topics page shows and takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from starlette.responses import RedirectResponse, Response

from console.address import with_query
from console.paper import Face, refusal
from digest.blocks import Run, words_of
from digest.inert import one_line
from digest.issue import Issue
from digest.memory import line_told
from programme.errors import MisuseError

FollowAct = Literal["follow", "unfollow"]
LONGEST = 80
"""Letters of words to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that is followed, in one line."""

    key: str
    name: str
    said: str
    """What the issue tells of it; empty where it was followed later."""


def change(face: Face, form: Mapping[str, str]) -> Response:
    """Follow a topic or words, or no more; from the next issue on it holds."""
    act = next((one for one in get_args(FollowAct) if one == form.get("act")), None)
    wanted = " ".join(form.get("topic", "").split())[:LONGEST]
    if act is None or not wanted:
        return refusal(face, "", "error.400.title", 400)
    done: str = act
    try:
        if act == "follow":
            face.house.follow(wanted, who=face.who)
        else:
            face.house.unfollow(wanted, who=face.who)
    except MisuseError:
        done = "not_followed"
    return RedirectResponse(with_query("/topics", {"week": form.get("week", ""), "done": done}), status_code=303)


def lines(face: Face, issue: Issue | None) -> list[Line]:
    """Return what is followed now, each with what an issue tells of it."""
    told = {one.key: one for one in (issue.followed if issue else None) or ()}
    found = []
    for one in face.house.following():
        name = one_line(one.words or one.label.get(face.language) or one.shown)[:LONGEST]
        week = told.get(one.key)
        said = words_of(line_told(face.speak, Run(text=face.speak.quoted(name)), week)) if week else ""
        found.append(Line(key=one.key, name=name, said=said))
    return found

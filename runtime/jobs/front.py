"""The program as the open pages see it."""

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.open.front import Front
    from runtime.wiring import Program


def front(program: "Program") -> "Front":
    """Return what the open pages may ask for."""
    from console.open.front import Front
    from runtime.jobs import judging, leaving

    return Front(
        place=partial(leaving.place, program),
        leave=partial(leaving.leave, program),
        ask=partial(leaving.ask, program),
        returning=partial(leaving.returning, program),
        come_back=partial(leaving.come_back, program),
        judged=partial(judging.judged, program),
        judge=partial(judging.judge, program),
    )

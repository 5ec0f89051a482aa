"""Who may do what in the console: five roles, and the rights that each has."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Literal

StaffRole = Literal["reader", "reviewer", "editor", "researcher", "administrator"]
Right = Literal["read", "review", "edit", "research", "administer"]

RIGHTS: Mapping[StaffRole, AbstractSet[Right]] = {
    "reader": frozenset({"read"}),
    "reviewer": frozenset({"read", "review"}),
    "editor": frozenset({"read", "review", "edit"}),
    "researcher": frozenset({"read", "research"}),
    "administrator": frozenset({"read", "review", "edit", "research", "administer"}),
}
"""Who labels need not approve, who exports need not label: a role has what its work needs and no more."""
STAFF_ROLES: tuple[StaffRole, ...] = tuple(RIGHTS)


def may(role: StaffRole, right: Right) -> bool:
    """Return whether a role has a right."""
    return right in RIGHTS[role]

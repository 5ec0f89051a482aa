"""Joining things into groups, in any order, with the same groups as the result."""


class Groups:
    """The positions 0 to ``size`` - 1, each in a group of its own until joined."""

    __slots__ = ("_above",)

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def join(self, i: int, j: int) -> None:
        """Make the groups of two positions one."""
        first, second = sorted((self.first(i), self.first(j)))
        self._above[second] = first

    def first(self, i: int) -> int:
        """Return the smallest position of the group of ``i``, which names the group."""
        above = self._above
        while above[i] != i:
            above[i] = above[above[i]]
            i = above[i]
        return i

    def firsts(self) -> list[int]:
        """Return the smallest position of each position's group."""
        return [self.first(i) for i in range(len(self._above))]

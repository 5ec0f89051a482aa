"""The bookkeeping under every source: whoever stops anywhere misses nothing."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.span import Hole, Line, Position, Stretch, follow


class Timeline:
    """Ids 1, 2, 3 … answered newest first, some pages empty."""

    def __init__(self, page: int) -> None:
        self.newest = 0
        self.page = page

    def ask(self, hole: Hole) -> Iterator[Stretch[list[int]]]:
        """Yield what was not read."""
        low = int(hole.above) if hole.above else 0
        high = int(hole.below) if hole.below else self.newest + 1
        ids = list(range(high - 1, low, -1))
        pages = [ids[i : i + self.page] for i in range(0, len(ids), self.page)] or [[]]
        for n, found in enumerate(pages):
            newest, oldest = (str(found[0]), str(found[-1])) if found else (None, None)
            yield Stretch(newest=newest, oldest=oldest, is_last=n == len(pages) - 1, holds=found)


@settings(max_examples=60, deadline=None)
@given(
    page=st.integers(1, 5),
    rounds=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=8),
)
def test_stopping_anywhere_misses_nothing(page: int, rounds: list[tuple[int, int]]) -> None:
    """However many posts come and wherever rounds stop, one whole round in the end has seen every post."""
    timeline, line, seen = Timeline(page), Line(), set[int]()
    for count, stop in rounds:
        timeline.newest += count
        for n, (reached, stretch) in enumerate(follow(line, timeline.ask)):
            if n == stop:
                break
            seen.update(stretch.holds)
            line = reached
    for reached, stretch in follow(line, timeline.ask):
        seen.update(stretch.holds)
        line = reached
    assert seen == set(range(1, timeline.newest + 1))
    assert line.holes == ()


def test_nothing_is_read_twice() -> None:
    """A stopped round and the next one read every post once."""
    timeline, read = Timeline(3), list[int]()
    timeline.newest = 10
    line, stretch = next(follow(Line(), timeline.ask))
    read += stretch.holds
    timeline.newest = 12
    for _, later in follow(line, timeline.ask):
        read += later.holds
    assert sorted(read) == list(range(1, 13))


def test_position_is_read_as_it_was_written() -> None:
    """A position survives as text; a line no longer asked for is forgotten, a new one starts afresh."""
    line = Line("9", (Hole("3", "5", "1"), Hole(None, "2")))
    position = Position(lines={"a": line, "b": Line("1")}, dialect="post")
    assert Position.read(str(position), ("a", "c")) == Position(lines={"a": line, "c": Line()}, dialect="post")
    assert Position.read(None, ("a",)) == Position(lines={"a": Line()})


def stretch(newest: str | None, oldest: str | None, *, is_last: bool, floor: str | None = None) -> Stretch[str]:
    """Return an answer that holds its own name."""
    return Stretch(newest=newest, oldest=oldest, is_last=is_last, holds=f"{newest}-{oldest}", floor=floor)


def test_each_answer_comes_with_what_is_left_after_it() -> None:
    """New posts first, the gap below them with its floor, then the oldest hole; what was reached stays the newest."""
    answers = {
        Hole("2"): [stretch("9", "8", is_last=False, floor="1"), stretch("7", "5", is_last=False)],
        Hole(None, "1"): [stretch("0", "0", is_last=False), stretch(None, None, is_last=True)],
    }
    asked: list[Hole] = []

    def ask(hole: Hole) -> Iterator[Stretch[str]]:
        asked.append(hole)
        yield from answers[hole]

    found = [(line, answer.holds) for line, answer in follow(Line("2", (Hole(None, "1"),)), ask)]
    assert asked == [Hole("2"), Hole(None, "1")]
    assert found == [
        (Line("9", (Hole("2", "8", "1"), Hole(None, "1"))), "9-8"),
        (Line("9", (Hole("2", "5"), Hole(None, "1"))), "7-5"),
        (Line("2", (Hole(None, "0"),)), "0-0"),
        (Line("2", ()), "None-None"),
    ]


def test_empty_answer_that_is_not_the_last_changes_nothing() -> None:
    """Empty pages come before others: the line stays as it was until something is read."""
    pages = [stretch(None, None, is_last=False), stretch("9", "8", is_last=False), stretch(None, None, is_last=True)]
    found = [line for line, _ in follow(Line("2"), lambda _: iter(pages))]
    assert found == [Line("2"), Line("9", (Hole("2", "8"),)), Line("9")]


def test_line_that_moves_leaves_the_others() -> None:
    """One line is read further; the others and what the network understands stay."""
    position = Position(lines={"a": Line("1"), "b": Line("2")}, dialect="post")
    assert position.moved("b", Line("7")) == Position(lines={"a": Line("1"), "b": Line("7")}, dialect="post")

"""The programme's weeks as rows, by which the views say to which week an instant belongs."""

from zoneinfo import ZoneInfo

from corpus.database import Database
from corpus.instants import to_micros
from programme.week import Week

_FIRST = Week(year=1990, number=1)
"""Before it there are no posts."""
_WEEKS = 5_740
"""Up to the year 2100."""


class Weeks:
    """The calendar of a corpus."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, zone: ZoneInfo) -> int:
        """Write the weeks of a time zone where they are not there yet, and return how many rows that took.

        Raises:
            DatabaseUnavailableError: the weeks are as they were.
        """
        weeks = [(to_micros(week.start_at(zone)), str(week)) for week in (_FIRST.plus(n) for n in range(_WEEKS))]
        found = self._database.query("SELECT begin_at, week FROM weeks ORDER BY begin_at")
        if [tuple(row) for row in found] == weeks:
            return 0
        with self._database.writing() as connection:
            # Two that fill it at once write the same rows.
            self._database.hold(connection, "weeks are kept", alone=True)
            self._database.run(connection, "DELETE FROM weeks")
            self._database.run_many(connection, "INSERT INTO weeks (begin_at, week) VALUES (?, ?)", weeks)
        return len(weeks)

"""Which version of the tables a database has, and bringing it up to date."""

from pathlib import Path

from sqlalchemy import Connection, inspect

from corpus.database import Database
from programme.errors import MisuseError

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0014",
    "0015",
    "0016",
    "0017",
)
"""All versions this program knows, oldest first. A test compares them with ``migrations/versions``: reading them from
there would load Alembic at each start."""
MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x4B41494B55


class NewerSchemaError(MisuseError):
    """The database was written by a newer Kuntakaiku."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"The database was written by a newer Kuntakaiku: its tables are of version {found}, not {REVISIONS[-1]}.",
            "Install the newer Kuntakaiku, or restore the backup made before the upgrade.",
        )


class OutdatedSchemaError(MisuseError):
    """The database lacks tables, and may not be upgraded without being asked."""

    def __init__(self) -> None:
        super().__init__(
            "The database's tables are missing or of an older version.",
            "Run `kuntakaiku db upgrade` when nobody else is working with it.",
        )


def is_current(database: Database) -> bool:
    """Return whether the database has this program's tables.

    Raises:
        NewerSchemaError: a newer program wrote it.
        MisuseError: the database belongs to something else.
        DatabaseUnavailableError: it cannot be read.
    """
    with database.reading() as connection:
        return _version(connection) == REVISIONS[-1]


def require_current(database: Database) -> None:
    """Return where the database has this program's tables.

    Raises:
        OutdatedSchemaError: it has older ones, or none.
        NewerSchemaError: a newer program wrote it.
        MisuseError: the database belongs to something else.
        DatabaseUnavailableError: it cannot be read.
    """
    if not is_current(database):
        raise OutdatedSchemaError


def upgrade(database: Database) -> list[str]:
    """Bring the tables up to date and return the versions that were applied; two at once do it once.

    Raises:
        NewerSchemaError: a newer program wrote it.
        MisuseError: the database belongs to something else.
        DatabaseUnavailableError: it cannot be written.
    """
    if is_current(database):
        return []
    with database.writing(durable=True) as connection:
        if not database.sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
        found = _version(connection)
        if found == REVISIONS[-1]:
            return []
        upgrade_within(connection, "head")
    return list(REVISIONS[REVISIONS.index(found) + 1 :] if found else REVISIONS)


def upgrade_within(connection: Connection, revision: str) -> None:
    """Bring the tables to a version inside an open transaction.

    Args:
        connection: the transaction.
        revision: the version, or ``head``.
    """
    # Alembic takes a while to load and is needed once in the life of a version.
    from alembic import command
    from alembic.config import Config

    from corpus import views

    views.drop(connection)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if revision in ("head", REVISIONS[-1]):
        views.create(connection)


def _version(connection: Connection) -> str | None:
    tables = inspect(connection)
    if not tables.has_table("alembic_version"):
        if tables.get_table_names():
            raise MisuseError(
                "The database holds the tables of another program.", "Point --database at another database."
            )
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found is not None and found not in REVISIONS:
        raise NewerSchemaError(str(found))
    return found

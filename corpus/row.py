"""What all rows of the database have in common: their base, and the types of their columns."""

from typing import Annotated

from sqlalchemy import (
    BigInteger,
    Integer,
    LargeBinary,
    MetaData,
    Text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, mapped_column

# PostgreSQL compares text by the server's collation; keys must sort alike on every machine.
KEY = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
# SQLite gives its fast row id to a column declared INTEGER only.
ID = BigInteger().with_variant(Integer(), "sqlite")

Key = Annotated[str, mapped_column(KEY)]
OptionalKey = Annotated[str | None, mapped_column(KEY)]
Id = Annotated[int, mapped_column(ID, primary_key=True)]
Instant = Annotated[int, mapped_column(BigInteger())]
OptionalInstant = Annotated[int | None, mapped_column(BigInteger())]
Json = Annotated[str, mapped_column(Text())]
Big = Annotated[int | None, mapped_column(BigInteger())]
Bytes = Annotated[bytes, mapped_column(LargeBinary())]

WITHOUT_ROWID = {"sqlite_with_rowid": False}
"""For narrow tables that are read by their key: SQLite then keeps one tree instead of two."""


class Row(DeclarativeBase):
    """Base of all rows."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

"""Keyed marks: an account that was erased is known again by what nobody can read back.

A mark is a keyed BLAKE2b hash of the network and an identifier. The key lies outside the database and its backups, so
that whoever has a backup cannot find out whom it speaks of by trying names.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from programme.errors import KuntakaikuError

MARKED = "mark:"
"""What the native id of a post begins with that nobody shall find on its network; its mark follows."""
_DERIVED = b"kuntakaiku erasures 1"
_OWNER_ONLY = 0o600


class ErasureKeyError(KuntakaikuError):
    """Whom the marks in the database speak of cannot be told without the key that made them."""


@dataclass(frozen=True, slots=True)
class Key:
    """One secret key."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """What tells it from another key, without telling it."""
        return blake2b(b"key id", key=self.secret, digest_size=4).hexdigest()

    def mark(self, network: str, identifier: str) -> str:
        """Return the mark of an account's native id, of a handle or of a post's native id; case does not matter."""
        named = f"{network}\0{identifier.casefold()}".encode("utf-8", "surrogatepass")
        return blake2b(named, key=self.secret, digest_size=16).hexdigest()


class Keys:
    """The keys at hand: one in a file of the data directory, and one derived from a configured secret.

    The file is made at the first mark, from the secret where there is one: several machines that share a database then
    make the same, and a secret that is set in one shell only, or changed later, loses no mark.
    """

    def __init__(self, file: Path | None = None, secret: Callable[[], str | None] = lambda: None) -> None:
        self._file = file
        self._secret = secret

    def writing(self) -> Key:
        """Return the key of new marks; the file is made, readable by its owner only, where there is none yet.

        Raises:
            ErasureKeyError: there is neither a secret nor a place for a key.
        """
        key = self._kept() or self._derived() or Key(secrets.token_bytes(32))
        if self._file is None:
            if self._derived() is None:
                raise ErasureKeyError(
                    "There is no key to mark what is erased with.",
                    "Name a data directory with --data, where one is kept.",
                )
            return key
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        except FileExistsError:
            return self._kept() or key
        with os.fdopen(descriptor, "w") as opened:
            opened.write(key.secret.hex() + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        return key

    def all(self) -> Iterator[Key]:
        """Yield the keys at hand, that of new marks first."""
        yield from filter(None, (self._kept(), self._derived()))

    def _kept(self) -> Key | None:
        if self._file is None or not self._file.is_file():
            return None
        kept = self._file.read_text("ascii").strip()
        return Key(bytes.fromhex(kept)) if kept else None

    def _derived(self) -> Key | None:
        secret = self._secret()
        if not secret:
            return None
        return Key(blake2b(_DERIVED, key=blake2b(secret.encode()).digest(), digest_size=32).digest())

    def for_marks(self, key_ids: Iterable[str]) -> list[Key]:
        """Return the keys that made some marks.

        Raises:
            ErasureKeyError: one of them is not at hand.
        """
        at_hand = {key.key_id: key for key in self.all()}
        wanted = sorted(set(key_ids))
        if lacking := [key_id for key_id in wanted if key_id not in at_hand]:
            raise ErasureKeyError(
                f"Accounts were erased whose marks were made with another key ({', '.join(lacking)}): nothing is stored"
                " lest their posts come in again.",
                f"Put the key file {self._file} back, or set KUNTAKAIKU_PSEUDONYM_KEY as it was.",
            )
        return [at_hand[key_id] for key_id in wanted]

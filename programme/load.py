"""Reads a configuration directory: everything in its frozen form, or every fault at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from programme import messages
from programme.agree import disagreements, secrets
from programme.faults import ConfigurationError, Fault, did_you_mean
from programme.toml_file import Document, read_toml
from programme.types import Configuration

if TYPE_CHECKING:
    from programme.schema import Table

__all__ = ["ConfigurationError", "Fault", "Loaded", "load", "load_or_raise", "shipped_directory"]
_NAMES = ("programme.toml", "sources.toml", "delivery.toml", "recipients.toml", "site.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a configuration directory holds: a configuration, or the faults that keep it from being one."""

    configuration: Configuration | None
    faults: tuple[Fault, ...]


def shipped_directory() -> Path:
    """Return the directory of the shipped configuration: within the wheel, else of the checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "shipped"
    return inside if inside.is_dir() else here.parent / "config"


def load(directory: Path) -> Loaded:
    """Return the configuration in a directory with every fault of all its files."""
    documents, faults = _read(directory)
    shapes, misshapen = _shape(documents)
    faults += misshapen
    faults += disagreements(documents, directory)
    faults += messages.override_faults(shipped_directory(), directory)
    if faults:
        order = {name: at for at, name in enumerate(_NAMES)}
        faults.sort(key=lambda fault: order.get(fault.file, len(order)))
        return Loaded(configuration=None, faults=tuple(dict.fromkeys(faults)))
    from programme.build import configuration

    return Loaded(configuration=configuration(shapes, directory), faults=())


def load_or_raise(directory: Path) -> Configuration:
    """Return the configuration in a directory.

    Raises:
        ConfigurationError: it has faults; each is listed.
    """
    loaded = load(directory)
    if loaded.configuration is None:
        raise ConfigurationError(loaded.faults)
    return loaded.configuration


def _read(directory: Path) -> tuple[dict[str, Document], list[Fault]]:
    documents: dict[str, Document] = {}
    faults: list[Fault] = []
    for name in _NAMES:
        path = directory / name
        if path.exists():
            document, broken = read_toml(path, name)
            faults += broken
            if document is not None:
                documents[name] = document
    if not (directory / "programme.toml").exists():
        problem = f"there is no such file in {directory}"
        remedy = "write one, or let kuntakaiku init make a directory with all files"
        faults.append(Fault(file="programme.toml", key="", problem=problem, remedy=remedy))
    return documents, faults + _stray(directory)


def _stray(directory: Path) -> list[Fault]:
    """Return a fault for each file whose name is a slip of the pen: it would be passed over in silence."""
    absent = [name for name in _NAMES if not (directory / name).exists()]
    present = sorted(path.name for path in directory.glob("*.toml")) if absent else []
    strays = [name for name in present if name not in _NAMES and not name.endswith(".example.toml")]
    pairs = [(name, did_you_mean(name, absent, cutoff=0.85)) for name in strays]
    return [
        Fault(file=name, key="", problem="no file of this name is read", remedy=f"did you mean {near}?")
        for name, near in pairs
        if near
    ]


def _shape(documents: Mapping[str, Document]) -> tuple[dict[str, "Table"], list[Fault]]:
    from pydantic import ValidationError

    from programme.schema import FILES
    from programme.schema_faults import schema_faults

    faults: list[Fault] = []
    shapes: dict[str, Table] = {}
    misplaced = list(secrets(documents))
    hidden = {(fault.file, fault.key) for fault, _ in misplaced}
    for name, shape in FILES.items():
        try:
            shapes[name] = shape.model_validate(documents.get(name, {}))
        except ValidationError as error:
            if name in documents or name != "programme.toml":
                found = schema_faults(name, shape, error)
                faults += (fault for fault in found if (fault.file, fault.key) not in hidden)
    return shapes, faults + [fault for fault, _ in misplaced]

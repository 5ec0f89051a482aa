"""The words for people, from catalogues: one TOML file a language, the same keys and placeholders in each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from programme.faults import ConfigurationError, Fault, did_you_mean
from programme.toml_file import read_toml

ENGLISH = "en"
"""What every language falls back to."""
_PLURAL = frozenset({"one", "other"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one key says in one language."""

    other: str
    """A ``str.format`` template with named fields."""
    one: str | None = None
    """The template for a count of one; None where the message does not count."""

    @property
    def placeholders(self) -> frozenset[str]:
        """The names that are filled in, in either form."""
        return frozenset(_fields(self.other)) | frozenset(_fields(self.one or ""))


Catalogue = Mapping[str, Message]


class Messages:
    """The catalogues of all languages: those that are shipped, and over them the configuration's own."""

    def __init__(self, catalogues: Mapping[str, Catalogue]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, shipped: Path, overrides: Path | None = None) -> "Messages":
        """Return the catalogues in the ``locales`` folder of the shipped and of one's own configuration directory.

        Raises:
            ConfigurationError: a catalogue is broken; every fault is listed.
        """
        catalogues: dict[str, dict[str, Message]] = {}
        faults: list[Fault] = []
        for directory in dict.fromkeys(d for d in (shipped, overrides) if d is not None):
            for language, path in catalogue_files(directory):
                found, wrong = read_catalogue(path)
                catalogues.setdefault(language, {}).update(found)
                faults += wrong
        if faults:
            raise ConfigurationError(faults)
        return cls(catalogues)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a catalogue, in the order of their codes."""
        return tuple(sorted(self._catalogues))

    def translate(self, key: str, language: str, **values: object) -> str:
        """Return a message in a language, else in English, with its placeholders filled.

        ``count`` chooses between the forms of a message that counts.

        Raises:
            KeyError: no catalogue has the key, or a placeholder got no value.
        """
        message = self._find(key, language)
        template = message.one if message.one is not None and values.get("count") == 1 else message.other
        try:
            return template.format_map(values)
        except KeyError as error:
            missing = f"{key} ({language}) needs a value for {error}"
            raise KeyError(missing) from None

    def missing(self, language: str) -> list[str]:
        """Return the keys that a language borrows from English, in the order of the English catalogue."""
        own = self._own(language)
        return [key for key in self._catalogues.get(ENGLISH, {}) if key not in own]

    def placeholders(self, key: str, language: str) -> frozenset[str]:
        """Return the names that a message fills in.

        Raises:
            KeyError: no catalogue has the key.
        """
        return self._find(key, language).placeholders

    def _own(self, language: str) -> Catalogue:
        # sv-FI reads what is written for sv.
        return {**self._catalogues.get(language.partition("-")[0], {}), **self._catalogues.get(language, {})}

    def _find(self, key: str, language: str) -> Message:
        for code in (language, language.partition("-")[0], ENGLISH):
            message = self._catalogues.get(code, {}).get(key)
            if message is not None:
                return message
        raise KeyError(key)


def catalogue_files(directory: Path) -> list[tuple[str, Path]]:
    """Return the language and file of each catalogue of a configuration directory."""
    return [(path.stem, path) for path in sorted(directory.glob("locales/*.toml"))]


def read_catalogue(path: Path) -> tuple[dict[str, Message], list[Fault]]:
    """Return the messages of one file by dotted key, and what is wrong with the others."""
    name = f"locales/{path.name}"
    document, faults = read_toml(path, name)
    messages: dict[str, Message] = {}
    for key, leaf in _leaves(document or {}):
        try:
            messages[key] = _message(leaf)
        except ValueError as error:
            remedy = 'write it as text with fields like {count}, or as { one = "…", other = "…" }'
            faults.append(Fault(file=name, key=key, problem=str(error), remedy=remedy))
    return messages, faults


def override_faults(shipped: Path, directory: Path) -> list[Fault]:
    """Return what is wrong with a configuration's own catalogues, measured against the shipped English one."""
    if directory.resolve() == shipped.resolve():
        english: Catalogue = {}
    else:
        english, _ = read_catalogue(shipped / "locales" / f"{ENGLISH}.toml")
    faults: list[Fault] = []
    for _, path in catalogue_files(directory):
        messages, wrong = read_catalogue(path)
        faults += wrong
        if english:
            faults += _compare(f"locales/{path.name}", messages, english)
    return faults


def _compare(name: str, messages: Catalogue, english: Catalogue) -> Iterator[Fault]:
    for key, message in messages.items():
        if key not in english:
            near = did_you_mean(key, english)
            remedy = f"did you mean {near}?" if near else "remove it; the English catalogue shows all keys"
            yield Fault(file=name, key=key, problem="there is no such message", remedy=remedy)
            continue
        expected, used = english[key].placeholders, message.placeholders
        if used != expected:
            stray, lacking = _braced(used - expected), _braced(expected - used)
            problem = f"nothing fills {stray}" if stray else f"it lacks {lacking}"
            fields = _braced(expected)
            remedy = f"use exactly {fields}, as the English message does" if fields else "write it without fields"
            yield Fault(file=name, key=key, problem=problem, remedy=remedy)


def _braced(fields: Iterable[str]) -> str:
    return ", ".join(f"{{{field}}}" for field in sorted(fields))


def _leaves(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and not (value and value.keys() <= _PLURAL):
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value


def _message(leaf: object) -> Message:
    if isinstance(leaf, str):
        message = Message(other=leaf)
    elif isinstance(leaf, dict) and leaf.keys() == _PLURAL and all(isinstance(form, str) for form in leaf.values()):
        message = Message(other=leaf["other"], one=leaf["one"])
    else:
        problem = "it is neither text nor a pair of one and other"
        raise ValueError(problem)
    _ = message.placeholders  # broken braces show here, not in the middle of a mail
    return message


def _fields(template: str) -> Iterator[str]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        problem = f"its braces do not match: {error}".lower()
        raise ValueError(problem) from None
    for _, field, spec, conversion in parts:
        if field is None:
            continue
        # Only plain names: an attribute or an index would reach into our objects from a text file.
        if not field.isidentifier() or spec or conversion:
            problem = f"{{{field}}} is not a plain field name"
            raise ValueError(problem)
        yield field

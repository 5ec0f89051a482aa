"""Pydantic's errors as faults in plain words."""

from collections.abc import Mapping
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from programme.faults import Fault, correction, did_you_mean, dotted, either
from programme.networks import NETWORKS
from programme.schema import WRONG
from programme.values import shown

_KINDS: Mapping[str, tuple[str, str]] = {
    "string_type": ("it must be text", 'write it in quotes, like "…"'),
    "bool_type": ("it must be true or false", "write true or false, without quotes"),
    "int_type": ("it must be a whole number", "write a number without quotes and without decimals"),
    "float_type": ("it must be a number", "write a number without quotes"),
    "finite_number": ("it must be a number that ends", "write an ordinary number"),
    "date_type": ("it must be a date", "write one without quotes, like 2021-12-31"),
}
_EXAMPLES = {
    "name": '{ fi = "…", sv = "…" }',
    "network": either(f'"{network}"' for network in NETWORKS),
    "host": '"smtp.kunta.example"',
    "address": '"name@kunta.example"',
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "more than"),
}


def schema_faults(file: str, shape: type[BaseModel], error: ValidationError) -> list[Fault]:
    """Return everything that keeps a file from having its shape, in the order of the shape."""
    return [_fault(file, shape, detail) for detail in error.errors(include_url=False)]


def _fault(file: str, shape: type[BaseModel], detail: ErrorDetails) -> Fault:
    place = detail["loc"]
    problem, remedy = _words(shape, detail, place)
    return Fault(file=file, key=dotted(place), problem=problem, remedy=remedy)


def _words(shape: type[BaseModel], detail: ErrorDetails, place: tuple[str | int, ...]) -> tuple[str, str]:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    last = str(place[-1])
    if kind == WRONG:
        words = str(context["problem"]), str(context["remedy"])
    elif kind in _KINDS:
        words = _KINDS[kind]
    elif kind == "missing":
        words = _missing(place, last)
    elif kind == "extra_forbidden":
        words = _unknown(shape, place, last)
    elif kind == "literal_error":
        words = _no_choice(str(context["expected"]), value)
    elif kind in _BOUNDS:
        bound, limit = _BOUNDS[kind]
        words = f"{value} is out of range", f"write {limit} {context[bound]:g}"
    else:
        words = _wrong_container(kind, place, last, detail["msg"])
    return words


def _no_choice(expected: str, value: object) -> tuple[str, str]:
    choices = expected.replace(" or ", ", ").replace("'", "").split(", ")
    if isinstance(value, str):
        return f"{shown(value)} is none of its choices", correction(value, choices)
    return "it must be text", f"write {either(choices)}"


def _missing(place: tuple[str | int, ...], last: str) -> tuple[str, str]:
    if len(place) == 1:
        table = "[[theme]]" if last == "theme" else f"[{last}]"
        return f"{table} is missing", f"add {table} with its keys"
    return "it is missing", f"add {last} = {_EXAMPLES.get(last, chr(34) + '…' + chr(34))}"


def _wrong_container(kind: str, place: tuple[str | int, ...], last: str, message: str) -> tuple[str, str]:
    if kind == "too_short":
        return (
            ("there is no theme", "add [[theme]]")
            if place == ("theme",)
            else ("it is empty", f"add {_EXAMPLES['name']}")
        )
    if kind == "list_type" and len(place) == 1:
        return "it must be a list of tables", f"write [[{last}]] in double brackets"
    if kind == "list_type":
        return "it must be a list", 'write ["…", "…"]'
    if kind in ("model_type", "model_attributes_type") and len(place) == 1:
        return "it must be a table", f"write [{last}] in single brackets"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "it must be a table", 'write { key = "…" }'
    return message[:1].lower() + message[1:], "correct it"


def _unknown(shape: type[BaseModel], place: tuple[str | int, ...], last: str) -> tuple[str, str]:
    known = list(_shape_at(shape, place[:-1]).model_fields)
    near = did_you_mean(last, known)
    return "there is no such key", f"did you mean {near}?" if near else f"the keys here are {', '.join(known)}"


def _shape_at(shape: type[BaseModel], place: tuple[str | int, ...]) -> type[BaseModel]:
    for step in place:
        field: FieldInfo | None = shape.model_fields.get(str(step)) if isinstance(step, str) else None
        if field is not None:
            shape = _inner(field.annotation) or shape
    return shape


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _inner(part))), None)

"""The API's description, as OpenAPI 3.1 has it; what it names is what the routes read, held together by a test."""

from typing import Any

from console.api.questions import MOST
from console.orders import CONTENTS, FORMATS

_TEXT = {"type": "string", "maxLength": 200}


def description(base: str, version: str) -> dict[str, Any]:
    """Return the description of the API at an address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kuntakaiku",
            "version": version,
            "description": "JSON over the same services as the console's pages and the command line.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _PROBLEM, "Order": _ORDER},
            "responses": {
                "Problem": {
                    "description": "What went wrong (RFC 9457).",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_ORDER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["plan", "accept_terms"],
    "properties": {
        "content": {"enum": list(CONTENTS)},
        "format": {"enum": list(FORMATS)},
        "since": {"anyOf": [_TEXT, {"type": "null"}]},
        "until": {"anyOf": [_TEXT, {"type": "null"}]},
        "theme": {"anyOf": [_TEXT, {"type": "null"}]},
        "language": {"anyOf": [_TEXT, {"type": "null"}]},
        "plan": _TEXT | {"minLength": 1},
        "accept_terms": {"type": "boolean"},
    },
}


def _paths() -> dict[str, Any]:
    week = _query("week", "Like 2026-W47; the last whole one where it is left out.")
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "/api/v1/posts": {"get": _get("Posts that answer a line, newest first.", "posts", _posts())},
        "/api/v1/stats": {"get": _get("What the corpus holds, in numbers.", "read")},
        "/api/v1/topics": {"get": _get("A week's topics, and all that issues told of.", "read", [week])},
        "/api/v1/coverage": {"get": _get("What was collected of a week, and what was not.", "read", [week])},
        "/api/v1/issues": {"get": _get("The issues, newest first.", "read")},
        "/api/v1/issues/{key}": {
            "get": _get(
                "One issue with every printed number.",
                "read",
                [{"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}],
            )
        },
        "/api/v1/exports": {
            "get": _get("The exports that were ordered with this key.", "exports"),
            "post": _post(),
        },
        "/api/v1/exports/{number}": {"get": _get("One order.", "exports", [number])},
        "/api/v1/exports/{number}/file": {"get": _get("Its file, for a day.", "exports", [number], is_file=True)},
    }


def _posts() -> list[dict[str, Any]]:
    return [
        _query("q", "As the search of the console reads it.", required=True),
        _query("theme", "A slug, none, unsure or unclassified."),
        _query("language", "Code of a language."),
        _query("network", "x, mastodon, bluesky, feed or lemmy."),
        _query("since", "From this day (UTC) or instant on."),
        _query("until", "Before this day or instant."),
        _query("after", "The answer's `next`, to go on."),
        _query("limit", f"Posts on a page, up to {MOST}.", {"type": "integer", "minimum": 1, "maximum": MOST}),
    ]


def _query(name: str, said: str, schema: dict[str, Any] | None = None, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": said,
        "schema": schema or {"type": "string"},
    }


def _get(
    said: str, scope: str, parameters: list[dict[str, Any]] | None = None, *, is_file: bool = False
) -> dict[str, Any]:
    media = "application/octet-stream" if is_file else "application/json"
    schema: dict[str, Any] = {} if is_file else {"type": "object"}
    return {
        "summary": said,
        "description": f"Scope: {scope}.",
        "parameters": parameters or [],
        "responses": {
            "200": {"description": said, "content": {media: {"schema": schema}}},
            "304": {"description": "The asker has it already."},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }


def _post() -> dict[str, Any]:
    return {
        "summary": "Order an export, handed over to the key.",
        "description": "Scope: exports.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
        },
        "responses": {
            "202": {"description": "Taken.", "content": {"application/json": {"schema": {"type": "object"}}}},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }

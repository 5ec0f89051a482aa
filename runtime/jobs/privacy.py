"""The privacy notice and the record of processing of what is running."""

from typing import TYPE_CHECKING

from programme.errors import MisuseError

if TYPE_CHECKING:
    from digest.privacy.document import Document, Kind
    from runtime.wiring import Program


def privacy_document(program: "Program", kind: "Kind", *, language: str | None = None) -> "Document":
    """Return the notice or the record in a language, by default the programme's first.

    The console serves the same at ``/tietosuoja``, ``/dataskydd`` and ``/privacy``.

    Raises:
        MisuseError: there are no words in that language.
    """
    from digest.privacy.document import Running, document

    configuration, messages = program.configuration, program.messages
    asked = language or configuration.programme.default_language
    if language and language not in messages.languages:
        raise MisuseError(f"There is no catalogue of {language!r}.", f"Choose one of {', '.join(messages.languages)}.")
    running = Running(
        configuration=configuration,
        database="sqlite" if program.settings.database.startswith("sqlite") else "postgresql",
        at=program.clock(),
    )
    return document(kind, running, language=asked, messages=messages)

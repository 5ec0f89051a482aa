"""`kuntakaiku check`."""

import typer

from runtime.cli.speak import tell_json, tell_lines
from runtime.wiring import Program


def command(context: typer.Context) -> None:
    """Tell every fault of the configuration at once; exit 2 where there is one."""
    from programme.guidelines import read_guidelines
    from programme.load import load, shipped_directory
    from programme.messages import Messages

    program: Program = context.obj
    directory = program.settings.config
    loaded = load(directory)
    missing: dict[str, list[str]] = {}
    warnings: list[str] = []
    found = list(loaded.faults)
    unguided: dict[str, list[str]] = {}
    if loaded.configuration:
        guidelines, wrong = read_guidelines(directory, loaded.configuration.programme)
        found += wrong
        unguided = guidelines.missing(loaded.configuration.programme)
        messages = Messages.load(shipped_directory(), directory)
        lacking = {language: messages.missing(language) for language in loaded.configuration.programme.languages}
        missing = {language: keys for language, keys in lacking.items() if keys}
        warnings = [
            f"site.toml: privacy.{key}: not filled in; `run` refuses to start without it"
            for key in loaded.configuration.site.privacy.missing
        ] + [f"guidelines/{slug}.toml: not used, the programme has no such theme" for slug in guidelines.unused]
    faults = [
        {"file": fault.file, "key": fault.key, "problem": fault.problem, "remedy": fault.remedy} for fault in found
    ]
    if program.as_json:
        tell_json({"faults": faults, "missing_messages": missing, "missing_guidelines": unguided, "warnings": warnings})
    else:
        tell_lines(
            [
                *map(str, found),
                *(
                    f"locales/{language}.toml: {len(keys)} messages fall back to English"
                    for language, keys in missing.items()
                ),
                *(f"guidelines/{slug}.toml: lacks {', '.join(codes)}" for slug, codes in unguided.items()),
                *warnings,
                f"{directory}: {len(faults)} faults" if faults else f"{directory}: in order",
            ]
        )
    raise typer.Exit(2 if faults else 0)

"""The templates compiled to HTML that only Jinja2 is needed for: ``python -m digest.compile_templates``.

MJML works ahead, on the layout alone: what the week brought is filled in by Jinja2 afterwards, escaped.
"""

import re
import sys
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
COMPILED = TEMPLATES / "compiled"
# MJML copies an attribute's colour and padding to many places and checks them; these words stand in for Jinja's marks.
_STAND_INS = {"#ABCDEF": "{{ ground }}", "777px": "{{ top }}"}
# Tokens of the look, put in ahead: contrast at least 6.3 : 1 on light ground, 8.0 : 1 on dark for the words.
_TOKENS = {
    "INK": "color:#17212B",
    "MUTED": "color:#4B5864",
    "LINK": "color:#00569D;text-decoration:underline",
    "ATTENTION": "color:#8A4600",
    "LINE": "border-bottom:1px solid #D3DAE1",
    "SMALL": "font-size:14px;line-height:21px",
}


def compile_layout(source: str) -> str:
    """Return the HTML template of an MJML layout.

    Raises:
        ValueError: it is no MJML.
    """
    from mjml import mjml2html

    compiled: str = mjml2html(re.sub(r"<!--(?!\[).*?-->\s*", "", _with_tokens(source), flags=re.DOTALL))
    for stand_in, mark in _STAND_INS.items():
        compiled = compiled.replace(stand_in, mark)
    return compiled + "\n"


def compile_part(source: str) -> str:
    """Return the template of what layouts repeat."""
    return _with_tokens(source)


def _with_tokens(source: str) -> str:
    for token, style in _TOKENS.items():
        source = source.replace(f"@{token}@", style)
    return source


def compiled_templates() -> dict[Path, str]:
    """Return what each compiled template holds, by its path."""
    sources = sorted(TEMPLATES.glob("*.j2"))
    return {
        COMPILED / f"{path.name.split('.')[0]}.html.j2": (
            compile_layout if path.name.endswith(".mjml.j2") else compile_part
        )(path.read_text(encoding="utf-8"))
        for path in sources
    }


def main() -> int:
    """Compile every template; return how many changed."""
    changed = 0
    for path, compiled in compiled_templates().items():
        if not path.exists() or path.read_text(encoding="utf-8") != compiled:
            path.write_text(compiled, encoding="utf-8")
            changed += 1
    return changed


if __name__ == "__main__":
    sys.stdout.write(f"{main()} changed\n")

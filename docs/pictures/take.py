"""The README's picture: a demonstration's mail, wide and light in Finnish, on a phone and dark in Swedish.

    make demo && .venv/bin/python docs/pictures/take.py demo

Needs chromium. The picture is cut to the mail's head and table, and stays under 250 kB.
"""
# ruff: noqa: INP001 - a script, not a package

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

PICTURE = Path(__file__).with_name("digest.png")
SCALE = 2
"""Pixels a CSS pixel, for sharp letters."""
WIDE, PHONE, HEIGHT, GAP = 640, 360, 1104, 32
"""CSS pixels."""
_LIGHT, _DARK = 1, 0
_COLOURS = 96
_NOTHING = (255, 0, 255)
"""Of the gap between the two, which is made transparent; no mail has this colour."""
_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def main() -> None:
    """Take the picture of the newest issue of a demonstration."""
    preview = Path(sys.argv[1]) / "preview"
    newest = max(page.name for page in preview.glob("*-fi-reader.html")).removesuffix("-fi-reader.html")
    wide = shot(preview / f"{newest}-fi-reader.html", WIDE, _LIGHT)
    phone = shot(preview / f"{newest}-sv-reader.html", PHONE, _DARK)
    picture = Image.new("RGB", ((WIDE + GAP + PHONE) * SCALE, HEIGHT * SCALE), _NOTHING)
    picture.paste(wide, (0, 0))
    picture.paste(phone, ((WIDE + GAP) * SCALE, 0))
    small = picture.quantize(_COLOURS, dither=Image.Dither.NONE)
    small.save(PICTURE, optimize=True, transparency=small.getpixel((WIDE * SCALE + 1, 1)))
    sys.stdout.write(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB\n")


def shot(page: Path, width: int, colours: int) -> Image.Image:
    """Return the top of a page as a browser of that width shows it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    with tempfile.TemporaryDirectory() as name:
        picture = Path(name, "shot.png")
        subprocess.run(  # noqa: S603 - a browser on a page of our own
            [
                chromium,
                *_QUIET,
                f"--user-data-dir={name}/profile",
                f"--window-size={width},{HEIGHT}",
                f"--force-device-scale-factor={SCALE}",
                f"--blink-settings=preferredColorScheme={colours}",
                f"--screenshot={picture}",
                page.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        with Image.open(picture) as taken:
            return taken.convert("RGB")


if __name__ == "__main__":
    main()

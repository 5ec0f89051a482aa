"""Write the section "Themes" of ``docs/figures.md`` from the lines that ``classifier.py`` and its kin printed.

    python benchmarks/classifier_page.py LINES…

Means over the seeds of each set and setting, with the standard deviation between them.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "figures.md"
HEADING = "## Themes"
INTRODUCTION = """\
Written by `benchmarks/classifier_page.py` at {at} from what `benchmarks/classifier.py` printed. A quarter of the
writers is kept aside, once for each seed; mean and standard deviation over the seeds. `sib200`: translated news
sentences, seven subjects, 400 rows aside; `municipal proxy`: candidates' comments in Finnish, four themes and none,
about 470; `yso titles`: librarians' titles, about 3,600. **No set holds hashtag posts that people have labelled with
the programme's themes.**

What a classifier fits, it fits on the rows that it learns from, in inner folds. What is set beforehand was chosen on
these same sets, the last of it ([decision 28](decisions/0028-labels-spread.md)) with these very splits in sight: read
ours as a little kind. Where a peer is better or worse on other rows of a set, expect the same of us.
"""


def main() -> None:
    """Read, tell and write."""
    lines = [json.loads(line) for name in sys.argv[1:] for line in Path(name).read_text(encoding="utf-8").splitlines()]
    section = "\n".join([HEADING, "", INTRODUCTION.format(at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M}Z"), *told(lines), ""])
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition("\n## Faults\n")
    before = re.split(rf"\n{HEADING}\n", before)[0].rstrip("\n")
    PAGE.write_text(f"{before}\n\n{section}\n## Faults\n{rest}", encoding="utf-8")
    print(section)


def told(lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table for each kind of lines."""
    by_setting: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        if line.get("setting", "curve") != "curve":
            by_setting[line["set"], line["setting"]].append(line)
    yield from figures_of_ours(by_setting)
    yield from figures_of_peers(by_setting)
    yield from figures_of_curves([line for line in lines if line.get("setting") == "curve"])
    yield from figures_of_commands([line for line in lines if "what" in line])


def figures_of_ours(by_setting: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield how good ours is: with sentence vectors, and by words alone as the weekly numbers are made."""
    head = (
        "set",
        "setting",
        "by",
        "macro-F1",
        "each language",
        "calibration error",
        "accuracy at 80 %",
        "AUROC of none",
    )
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for (name, setting), rows in by_setting.items():
        for key, by in (("kuntakaiku+e5", "words and vectors"), ("kuntakaiku", "words")):
            ours = [row[key] for row in rows if key in row]
            if not ours:
                continue
            languages = sorted(one for one in ours[0] if one.startswith("macro_f1_"))
            each = ", ".join(f"{one[-2:]} {spread([o[one] for o in ours if one in o])}" for one in languages)
            topic = [row["off_topic_auroc"] for row in rows if key in row and "off_topic_auroc" in row]
            figures = [spread([one[figure] for one in ours]) for figure in ("macro_f1", "ece", "accuracy_at_80")]
            yield f"| {name} | {setting} | {by} | {figures[0]} | {each} | {' | '.join(figures[1:])} | {spread(topic)} |"
    yield ""


def figures_of_peers(by_setting: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield macro-F1 of ours and of the peers on the same rows; without labels, where every text has a theme."""
    names = list(
        dict.fromkeys(
            peer
            for rows in by_setting.values()
            for row in rows
            for peer in (row.get("peers") or row.get("peers, themes only") or {})
        )
    )
    yield "Macro-F1 beside peers on the same rows; without labels, themes only:"
    yield ""
    yield f"| set | setting | Kuntakaiku | {' | '.join(names)} |"
    yield f"|---|---|---|{'---|' * len(names)}"
    for (name, setting), rows in by_setting.items():
        kept = [row for row in rows if "kuntakaiku+e5" in row]
        if not kept:
            continue
        ours = [row.get("themes_only_macro_f1", row["kuntakaiku+e5"]["macro_f1"]) for row in kept]
        peers = [row.get("peers") or row.get("peers, themes only") or {} for row in kept]
        cells = [spread([p[one]["macro_f1"] for p in peers if "macro_f1" in p.get(one, {})]) for one in names]
        yield f"| {name} | {setting} | {spread(ours)} | {' | '.join(cells)} |"
    yield ""


def figures_of_curves(lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield macro-F1 by the number of labels that the queue asked for."""
    if not lines:
        return
    counts = sorted({line["labels"] for line in lines})
    yield "Macro-F1 by labels, asked for as the queue does, twenty at a time:"
    yield ""
    yield f"| set | {' | '.join(map(str, counts))} |"
    yield f"|---|{'---|' * len(counts)}"
    for name in dict.fromkeys(line["set"] for line in lines):
        cells = (spread([o["macro_f1"] for o in lines if o["set"] == name and o["labels"] == n]) for n in counts)
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


def figures_of_commands(lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield time and memory of the commands, as ``classifier_speed.py`` printed them."""
    if not lines:
        return
    yield "The commands themselves, on librarians' titles; `train` also judges the corpus again:"
    yield ""
    yield "| command | texts | CPU seconds | texts a CPU second | peak, MB |"
    yield "|---|---|---|---|---|"
    for line in lines:
        figures = (line["what"], line["texts"], line["cpu_seconds"], line["texts_per_cpu_second"], line["peak_mb"])
        yield f"| {' | '.join(map(str, figures))} |"
    yield ""


def spread(values: Sequence[float]) -> str:
    """Return mean and standard deviation, or a dash."""
    if not values:
        return "–"
    return f"{fmean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")


if __name__ == "__main__":
    main()

"""What context does for short replies: ``python benchmarks/replies.py``.

Sorts the invented pairs of ``tests/classifier/reply_pairs.py`` by the cold start of the shipped programme, which has
seen none of them, with and without the post that each reply answers, and prints how many get the theme of their
exchange.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from classifier.audit import wilson
from classifier.coldstart import cold_classifier
from classifier.predict import Classifier, Text
from programme.load import load_or_raise, shipped_directory
from tests.classifier.reply_pairs import PAIRS


def measured() -> dict[str, tuple[int, int]]:
    """Return how many replies, with and without context, get their theme, and how many get another theme."""
    programme = load_or_raise(shipped_directory()).programme
    model = cold_classifier(programme).model
    found = {}
    for name, context in (("with", True), ("without", False)):
        known = Classifier(model, programme, context=context)
        texts = [Text(text=reply, context=post, lang=lang) for lang, _, post, reply in PAIRS]
        themes = [one.theme for one in known.predict(texts)]
        right = sum(theme == wanted for theme, (_, wanted, _, _) in zip(themes, PAIRS, strict=True))
        found[name] = (right, sum(theme is not None for theme in themes) - right)
    return found


def main() -> None:
    """Measure and print."""
    for name, (right, wrong) in measured().items():
        low, high = wilson(right / len(PAIRS), len(PAIRS))
        print(
            json.dumps(
                {"what": f"short replies {name} context, invented", "right": right, "wrong": wrong, "n": len(PAIRS)}
                | {"share": round(right / len(PAIRS), 3), "low": round(low, 3), "high": round(high, 3)}
            )
        )


if __name__ == "__main__":
    main()

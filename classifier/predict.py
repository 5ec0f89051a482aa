"""Sorting texts into themes, with calibrated doubt and the words that decided.

Nothing here imports scikit-learn: a trained model is a table of numbers.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from operator import itemgetter
from pathlib import Path

import numpy as np

from classifier.calibrate import Matrix, pooled, softmax
from classifier.example import LENGTH_READ, Text, embeddable, says_something, words_read
from classifier.facets import Facets
from classifier.measured import CONFORMAL
from classifier.model_file import Model, read_model, theme_hash
from classifier.opinions import CharacterOpinion, seed_opinion, vector_opinions
from classifier.seeds import Match, SeedMatcher, theme_texts
from classifier.study import Embedder
from corpus.post import Prediction, Reason
from language.identify import Identifier
from programme.types import NONE, Programme

__all__ = ["Classifier", "Embedder", "Text"]

_BATCH = 512
_SHORT = 4
"""Words below which a reply borrows those of the post it answers."""
_WORDS_FOR, _WORDS_AGAINST = 3, 1


class Classifier:
    """Sorts texts; one version always answers the same."""

    def __init__(
        self, model: Model, programme: Programme, *, vectors: Embedder | None = None, context: bool | None = None
    ) -> None:
        self.model = model
        self.vectors = vectors if model.vectors is not None else None
        self.context = programme.reply_context if context is None else context
        """Whether a short reply borrows the words of the post it answers."""
        self.is_outdated = theme_hash(model.themes) != theme_hash(theme_texts(programme))
        """Whether the themes' texts were edited since: training again would heed the edit."""
        share = model.manifest.get("conformal", CONFORMAL)
        self._conformal = float(share) if isinstance(share, int | float) else CONFORMAL
        self._ignored = frozenset(model.ignored_words)
        self._facets = Facets(programme)
        self._identifier = Identifier(programme.languages)
        self._seeds = SeedMatcher(model.themes)
        self._characters = CharacterOpinion(model.characters) if model.characters else None

    @classmethod
    def load(cls, directory: Path, programme: Programme, *, vectors: Embedder | None = None) -> "Classifier":
        """Return the classifier of a model directory.

        Raises:
            ModelUnusableError: there is none, it is damaged or foreign, or it was trained for other themes.
        """
        return cls(read_model(directory, programme), programme, vectors=vectors)

    @property
    def version(self) -> str:
        """Which classifier this is; with sentence vectors, or without the context of replies, it is another one."""
        alone = "" if self.context else "+alone"
        return f"{self.model.version}{alone}+e5" if self.vectors is not None else f"{self.model.version}{alone}"

    def language_of(self, item: Text) -> str:
        """Return the language of a text: a code, ``other`` or ``unsure``."""
        return item.lang or self._identifier.identify(item.text[:LENGTH_READ])

    def _languages_of(self, items: Sequence[Text]) -> list[str]:
        found = iter(self._identifier.identify_texts([item.text[:LENGTH_READ] for item in items if not item.lang]))
        return [item.lang or next(found) for item in items]

    def predict(self, items: Sequence[Text], *, reasons: bool = True) -> list[Prediction]:
        """Return a judgement of each text, in order; ``reasons=False`` leaves out the words that decided."""
        found: list[Prediction] = []
        for start in range(0, len(items), _BATCH):
            found += self._predict_batch(items[start : start + _BATCH], reasons=reasons)
        return found

    def probabilities(self, items: Sequence[Text]) -> Matrix:
        """Return a probability for each theme in order and, last, for none of them; one row a text."""
        batches = [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]
        rows = [self._judge(batch).probabilities for batch in batches]
        return np.vstack(rows) if rows else np.empty((0, len(self.model.slugs) + 1))

    def _predict_batch(self, items: Sequence[Text], *, reasons: bool) -> list[Prediction]:
        judged = self._judge(items)
        return [self._prediction(items[i], i, judged, reasons=reasons) for i in range(len(items))]

    def _judge(self, items: Sequence[Text]) -> "_Judged":
        languages = self._languages_of(items)
        own = [words_read(item.text, but=self._ignored) for item in items]
        read = [self._with_context(words, item.context) for words, item in zip(own, items, strict=True)]
        matches = [self._seeds.match(words, lang) for words, lang in zip(read, languages, strict=True)]
        opinions = {"seeds": seed_opinion(matches, [len(words) for words in read], len(self.model.slugs))}
        if self._characters:
            opinions["characters"] = self._characters.opinion(read)
        if self.vectors is not None and self.model.vectors is not None:
            embedded = self.vectors.embed(
                [self._embeddable(item, words) for item, words in zip(items, own, strict=True)]
            )
            opinions |= vector_opinions(self.model.vectors, np.asarray(embedded, dtype=np.float64), languages)
        tier = self.model.pooling["vectors" if "likeness" in opinions else "core"]
        names = [name for name in opinions if tier.get(name)]
        logits = pooled([opinions[name] for name in names], [tier[name] for name in names])
        probabilities = softmax(logits)
        for i, words in enumerate(read):
            if not words:
                probabilities[i] = 1 / probabilities.shape[1]
        return _Judged(languages, own, read, matches, probabilities)

    def _with_context(self, own: list[str], context: str | None) -> list[str]:
        if context and self.context and 0 < len(own) < _SHORT:
            return own + words_read(context, but=self._ignored)
        return own

    def _embeddable(self, item: Text, own: list[str]) -> str:
        text = embeddable(item.text, but=self._ignored)
        return f"{text}. {item.context}" if item.context and self.context and 0 < len(own) < _SHORT else text

    def _prediction(self, item: Text, i: int, judged: "_Judged", *, reasons: bool) -> Prediction:
        scores, order = judged.scores[i], judged.orders[i]
        themes, thresholds = self.model.slugs, self.model.thresholds
        best, words = order[0], judged.read[i]
        theme: str | None = None
        doubt: Reason | None
        if not words or not says_something(item.text):
            doubt, confidence = Reason(kind="empty", text=""), max(scores)
        elif scores[-1] > scores[best]:
            confidence = scores[-1]
            doubt = self._nothing_met(scores, judged.own[i], judged.matches[i])
        else:
            confidence = scores[best]
            theme = themes[best] if confidence >= thresholds.answer else None
            doubt = None if theme else Reason(kind="unsure", text=self._conformal_set(scores))
        named = tuple(themes[k] for k in order if scores[k] >= thresholds.themes[k])
        if doubt and doubt.kind != "unsure":
            named = ()
        elif theme and theme not in named:
            named = (theme, *named)
        why = self._why(words, best, judged.matches[i]) if reasons and words else ()
        return Prediction(
            model=self.version,
            lang=judged.languages[i],
            theme=theme,
            themes=named,
            confidence=confidence,
            scores=dict(zip((*themes, NONE), scores, strict=True)),
            reasons=(doubt, *why) if doubt else why,
            projects=self._facets.projects(words, judged.languages[i]),
            phenomena=self._facets.phenomena(words, judged.languages[i]),
        )

    def _nothing_met(self, scores: Sequence[float], own: Sequence[str], match: Match) -> Reason:
        """Off topic, where that is likely enough; a few words that meet no theme tell nothing."""
        if len(own) < _SHORT and not match.seeds:
            return Reason(kind="too_little", text="")
        if scores[-1] >= self.model.thresholds.off_topic:
            return Reason(kind="off_topic", text="")
        return Reason(kind="unsure", text=self._conformal_set(scores))

    def _conformal_set(self, scores: Sequence[float]) -> str:
        order = sorted(range(len(scores)), key=lambda k: -scores[k])
        # A last bit of rounding must not add a class.
        enough = bisect_left(list(accumulate(scores[k] for k in order)), self._conformal - 1e-9) + 1
        names = (*self.model.slugs, NONE)
        return ", ".join(names[k] for k in order[:enough])

    def _why(self, words: Sequence[str], column: int, match: Match) -> tuple[Reason, ...]:
        seeds = [
            Reason(kind="seed", text=word, weight=weight) for word, theme, weight in match.seeds if theme == column
        ]
        seeds = seeds[:_WORDS_FOR]
        if self._characters is None:
            return tuple(seeds)
        shown = {part for seed in seeds for part in seed.text.split()}
        by_word = sorted(self._characters.by_word(words, column).items(), key=_weight, reverse=True)
        speaking = [said for said in by_word if said[1] > 0 and said[0] not in shown][: _WORDS_FOR - len(seeds)]
        against = [said for said in by_word[-_WORDS_AGAINST:] if said[1] < 0][::-1]
        return (
            *seeds,
            *(Reason(kind="word", text=word, weight=round(weight, 4)) for word, weight in speaking),
            *(Reason(kind="against", text=word, weight=round(weight, 4)) for word, weight in against),
        )


_weight = itemgetter(1)


class _Judged:
    """What a batch of texts was found to be."""

    __slots__ = ("languages", "matches", "orders", "own", "probabilities", "read", "scores")

    def __init__(
        self,
        languages: Sequence[str],
        own: Sequence[list[str]],
        read: Sequence[list[str]],
        matches: Sequence[Match],
        probabilities: Matrix,
    ) -> None:
        self.languages, self.own, self.read, self.matches = languages, own, read, matches
        self.probabilities = probabilities
        # Once for all: picking single numbers out of arrays takes longer than reckoning with them.
        self.scores: list[list[float]] = probabilities.tolist()
        likeliest_first = np.argsort(-probabilities[:, :-1], axis=1, kind="stable")
        self.orders: list[list[int]] = likeliest_first.tolist()

"""A topic's name: the form in which people wrote it, never a bare lemma, which is often another word."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from trends.count import Utterance
from trends.terms import Reader, Token

_NEARLY_ALL = 2 / 3
"""Share of the strongest term's posts from which the longer name is the more telling one."""


def labels(terms: Sequence[str], posts: Sequence[Utterance], reader: Reader) -> dict[str, str]:
    """Return the topic's name in each language of its posts, the language of most posts first."""
    languages = Counter(sorted(post.lang for post in posts))
    named = {}
    for language, _ in languages.most_common():
        spoken = [post for post in posts if post.lang == language]
        named[language] = _surface(_most_telling(terms, spoken), spoken, reader)
    return named


def _most_telling(terms: Sequence[str], posts: Sequence[Utterance]) -> str:
    """Return the term of most posts, or a pair of words that nearly as many share; the strongest where equal."""
    written = Counter(term for post in posts for term in post.terms)
    present = [term for term in terms if written[term]]
    most = max(written[term] for term in present)
    telling = [term for term in present if written[term] >= _NEARLY_ALL * most]
    return min(telling, key=lambda term: (" " not in term, -written[term], terms.index(term)))


def _surface(term: str, posts: Sequence[Utterance], reader: Reader) -> str:
    """Return the form in which most posts wrote a term."""
    forms: Counter[tuple[str, ...]] = Counter()
    inside: Counter[tuple[str, ...]] = Counter()
    wanted = term.split(" ")
    for post in posts:
        tokens = reader.tokens(post.text, post.lang)
        for start, form in _occurrences(wanted, tokens):
            forms[_casefolded(form)] += 1
            inside[form] += 2 if start else 1
    best = min(forms.items(), key=lambda found: (-found[1], len(" ".join(found[0])), found[0]))[0]
    # A first word is capitalised by its place; inside a sentence people show how it is really written.
    written = [(form, times) for form, times in inside.items() if _casefolded(form) == best]
    return " ".join(min(written, key=lambda found: (-found[1], found[0]))[0])


def _casefolded(form: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in form)


def _occurrences(wanted: Sequence[str], tokens: Sequence[Token]) -> list[tuple[int, tuple[str, ...]]]:
    if len(wanted) == 1:
        return [(i, (t.surface,)) for i, t in enumerate(tokens) if wanted[0] == t.lemma or wanted[0] in t.parts]
    return [
        (i, (one.surface, other.surface))
        for i, (one, other) in enumerate(pairwise(tokens))
        if [one.lemma, other.lemma] == list(wanted)
    ]

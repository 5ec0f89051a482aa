"""A topic's name: a form in which people wrote it, never a bare lemma, which is often another word."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from language.text import split_hashtag
from trends.count import Utterance
from trends.terms import Reader, Token

_SHARED_BY = 1 / 2
"""Share of the posts that a phrase of two words needs to name the topic."""
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:…]\s+|\n)\W*$")
_LOOKED_BACK = 20
"""Characters before a word that tell whether a sentence begins with it."""

Form = tuple[str, ...]
"""A term's one or two words as somebody wrote them."""


def labels(terms: Sequence[str], posts: Sequence[Utterance], reader: Reader) -> dict[str, str]:
    """Return the topic's name in each language of its posts, the language of most posts first.

    Of the forms that people wrote: a phrase of two words that half of the posts share, else the topic's word in its
    base form where somebody wrote that, else in the form that most posts have.
    """
    languages = Counter(sorted(post.lang for post in posts))
    named = {}
    for language, _ in languages.most_common():
        spoken = [post for post in posts if post.lang == language]
        term = _phrase(terms, spoken) or _word(terms, spoken)
        named[language] = _surface(term, spoken, reader)
    return named


def _phrase(terms: Sequence[str], posts: Sequence[Utterance]) -> str | None:
    """Return the pair of words around one of the topic's that most posts share, at least half and at least two."""
    words = {word for term in terms for word in term.split(" ")}
    pairs = Counter(
        term for post in posts for term in post.terms if " " in term and not words.isdisjoint(term.split(" "))
    )
    shared = {pair: n for pair, n in pairs.items() if n >= max(2, _SHARED_BY * len(posts))}
    return min(shared, key=lambda pair: (-shared[pair], pair not in terms, pair), default=None)


def _word(terms: Sequence[str], posts: Sequence[Utterance]) -> str:
    """Return the single word of the topic that most posts have; a pair only where nothing else stood out."""
    written = Counter(term for post in posts for term in post.terms)
    present = [term for term in terms if written[term]]
    return min(present, key=lambda term: (" " in term, -written[term], terms.index(term)))


def _surface(term: str, posts: Sequence[Utterance], reader: Reader) -> str:
    """Return the form to show of a term: its base form where written, else the one of most posts."""
    forms, written, inside = Counter[Form](), Counter[Form](), Counter[Form]()
    wanted = term.split(" ")
    for post in posts:
        begins = _sentence_beginnings(post.text)
        for form in _occurrences(wanted, reader.tokens(post.text, post.lang)):
            forms[_casefolded(form)] += 1
            written[form] += 1
            inside[form] += not begins(form[0])
    if not forms:  # only as a part of compounds: by itself it was written in other weeks
        return term
    base = (term,) if len(wanted) == 1 else ()
    best = min(forms.items(), key=lambda found: (found[0] != base, -found[1], len(" ".join(found[0])), found[0]))[0]
    # A first word is capitalised by its place; inside a sentence people show how it is really written.
    alike = (form for form in written if _casefolded(form) == best)
    shown = min(alike, key=lambda form: (-inside[form], -written[form], form))
    tags = {tag for post in posts for tag in re.findall(r"[#\uff03](\w+)", post.text)}
    return " ".join(" ".join(split_hashtag(word)) if word in tags else word for word in shown)


def _casefolded(form: Form) -> Form:
    return tuple(word.casefold() for word in form)


def _occurrences(wanted: Sequence[str], tokens: Sequence[Token]) -> Iterator[Form]:
    if len(wanted) == 1:
        yield from ((token.surface,) for token in tokens if wanted[0] == token.lemma or wanted[0] in token.parts)
        return
    for one, other in pairwise(tokens):
        if [one.lemma, other.lemma] == list(wanted):
            yield one.surface, other.surface


def _sentence_beginnings(text: str) -> Callable[[str], bool]:
    """Return whether a word of a text stands at the beginning of a sentence, wherever it stands first."""

    def begins(word: str) -> bool:
        at = max(0, text.find(word))
        before = text[max(0, at - _LOOKED_BACK) : at]
        return _SENTENCE_BEGINS.search(before if at <= _LOOKED_BACK else f"_{before}") is not None

    return begins

"""Text as text: pure functions without a dictionary, a model or a file. Every one takes linear time on any input."""

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import nh3

# A letter, digit or underscore; combining marks too, for letters that have no composed form.
_W = r"[\w\u0300-\u036f]"
_LETTER = re.compile(r"[^\W\d_]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
# Soft hyphens, zero-width and bidirectional controls: they make equal texts unequal, and nobody sees them.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_URL = re.compile(r"(?:\bhttps?://|\bwww\.|\bpic\.twitter\.com/)\S++", re.IGNORECASE)
# @name on X, @name@server on Mastodon, @name.server on Bluesky; never the second half of an address.
_HANDLE = re.compile(rf"(?<![\w@\uff20])[@\uff20]{_W}++(?:[.-]{_W}++)*+(?:@{_W}++(?:[.-]{_W}++)*+)?")
# As on X: after a letter or "&" (an HTML entity) it is no hashtag, and digits alone are none.
_HASHTAG = re.compile(rf"(?<![\w&#\uff03])[#\uff03]++(?!\d++(?!{_W}))({_W}++)")
# Hyphens and apostrophes join; a colon only before a Finnish or Swedish case ending (EU:n, THL:ssä).
_TOKEN = re.compile(
    r"[^\W_][^\W_\u0300-\u036f]*+(?:[\u0300-\u036f]++[^\W_]*+)*+"
    r"(?:[-\u2010\u2011'\u2019][^\W_]++|:[^\W\d_]{1,5}(?![^\W_]))*+"
)
# What can be searched, at its place: a handle, a hashtag or a word; an address is passed over.
_TERM = re.compile(
    rf"(?i:{_URL.pattern})|({_HANDLE.pattern}|{_HASHTAG.pattern.replace(f'({_W}++)', f'{_W}++')}|{_TOKEN.pattern})"
)
_JOINTS = re.compile("[-\u2010\u2011'\u2019:]")
_HASHES = "#\uff03"
SIGNS = f"{_HASHES}@\uff20"
"""Of hashtags and handles."""
# Up to 100 characters, cut where nothing can compose across the cut.
_PIECE = re.compile(r".{1,100}(?=[\s!-~])|.{1,100}", re.DOTALL)
_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "blockquote", "pre", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_END_OF_PARAGRAPH = re.compile(r"</?(?:p|blockquote|pre|h[1-6])>")
_END_OF_LINE = re.compile(r"<br>|</?(?:div|li|ul|ol|tr)>")
_SPACE_AROUND_NEWLINE = re.compile(r" *+\n *+")
_THREE_NEWLINES = re.compile(r"\n{3,}+")
_TAGS_AT_ONCE = 300
# All that the canonical form escapes in text, "&" last: https://html.spec.whatwg.org/#escapingString
_ENTITIES = {"&nbsp;": " ", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
_LONGEST_TAG = 200
_SHORT = 400


def clean(text: str) -> str:
    """Return the text as it can be stored: U+0000 and lone surrogates become U+FFFD, nothing else changes."""
    if text.isascii():  # most of what an expression looks for need not be looked for in plain letters
        return text.replace("\0", "\ufffd")
    return _UNSTORABLE.sub("\ufffd", text)


def strip_noise(text: str) -> str:
    """Return the text without addresses of pages, ``@handles`` and ``#hashtags``, whitespace folded."""
    return _folded(_HASHTAG.sub(" ", _without_addresses(_composed(clean(text)))))


def plain(text: str) -> str:
    """Return what was said, in its own case: no addresses, handles and invisible characters; hashtags as words."""
    return _said(_composed(_seen(clean(text))))


def normalise(text: str) -> str:
    """Return the form in which two texts are compared.

    Composed (NFC) and casefolded; addresses, handles and invisible characters out; hashtags kept as words;
    whitespace folded. Normalising twice changes nothing.
    """
    return _said(_composed(_composed(_seen(clean(text))).casefold()))


def words(text: str) -> list[str]:
    """Return the words in order and in their own case: ``sote-uudistus`` and ``EU:n`` are one word each.

    A word has a letter; numbers alone are left out. Nothing is stripped: pass what ``strip_noise`` or ``normalise``
    returns where addresses and handles do not count.
    """
    return [token for token in _TOKEN.findall(_composed(text)) if _LETTER.search(token)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, a hashtag or a handle at its place in a text."""

    kind: Literal["word", "hashtag", "handle"]
    word: str
    """As ``fold`` gives it, without its sign."""
    raw: str
    """As written, with its sign, without invisible characters."""
    start: int
    """In characters of the text, its sign included."""
    end: int


def terms(text: str) -> list[Term]:
    """Return what a text can be found by, in order: words, numbers, hashtags and handles; addresses are passed over."""
    visible, places = _visible(text)
    found = []
    for match in _TERM.finditer(visible):
        if match[1]:
            start, end = match.span()
            if places:
                start, end = places[start], places[end - 1] + 1
            raw = match[1]
            found.append(Term(kind=kind_of(raw), word=fold(unsigned(raw)), raw=raw, start=start, end=end))
    return found


def raw_terms(text: str) -> list[str]:
    """Return what ``terms`` finds, faster: as written, signs included, nothing folded."""
    return [raw for raw in _TERM.findall(_visible(text)[0]) if raw]


def kind_of(raw: str) -> Literal["word", "hashtag", "handle"]:
    """Return what a term is, by its sign."""
    return "hashtag" if raw[0] in _HASHES else "handle" if raw[0] in SIGNS else "word"


def unsigned(raw: str) -> str:
    """Return a term without its sign."""
    return raw.lstrip(SIGNS)


def fold(word: str) -> str:
    """Return the form in which words are compared: casefolded and composed (NFC)."""
    return word.casefold() if word.isascii() else _composed(_composed(word).casefold())


def word_parts(word: str) -> list[str]:
    """Return the words of which a word is joined: ``sote`` and ``uudistus`` of ``sote-uudistus``, ``eu`` of ``eu:n``.

    A word that is not joined has none.
    """
    if not _JOINTS.search(word):
        return []
    stem = word.partition(":")[0]  # behind the colon stands a case ending
    return [part for part in _JOINTS.split(stem) if len(part) > 1]


def html_to_text(html: str) -> str:
    """Return what a reader of the HTML sees: paragraphs and ``<br>`` become newlines, links keep their visible text."""
    # nh3 parses as a browser does and writes canonical HTML with the listed tags only, so that literal tags suffice.
    canonical = "".join(
        nh3.clean(piece, tags={*_BLOCKS, "br"}, attributes={}, link_rel=None) for piece in _pieces(clean(html))
    )
    lines = _END_OF_PARAGRAPH.sub("\n\n", _END_OF_LINE.sub("\n", " ".join(canonical.split())))
    text = _THREE_NEWLINES.sub("\n\n", _SPACE_AROUND_NEWLINE.sub("\n", lines)).strip()
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return text


def hashtags_in(text: str) -> tuple[str, ...]:
    """Return the hashtags, casefolded and without ``#``, in order of appearance, each once."""
    found = _HASHTAG.findall(_without_addresses(_composed(text)))
    return tuple(dict.fromkeys(tag.casefold() for tag in found))


def split_hashtag(tag: str) -> list[str]:
    """Return the words of which a hashtag shows that it is made: by capitals, digits and underscores.

    ``TulevaisuudenKunta`` is two words; ``tulevaisuudenkunta`` stays one, since only a dictionary could split it.
    """
    tag = _composed(tag).lstrip("#\uff03")
    if len(tag) > _LONGEST_TAG or (tag.isalpha() and tag.islower()):
        return [tag]
    kinds = [_kind(character) for character in tag] + [""]
    parts: list[str] = []
    start = 0
    for i in range(1, len(tag) + 1):
        before, here, after = kinds[i - 1], kinds[i], kinds[min(i + 1, len(tag))]
        acronym_ends = before == here == "upper" and after == "lower"
        if acronym_ends or (before != here and (before, here) != ("upper", "lower")):
            parts.append(tag[start:i])
            start = i
    return [part for part in parts if part.strip("_")]


def text_hash(text: str) -> bytes:
    """Return 16 bytes that texts share exactly when their normalised forms are equal."""
    return blake2b(normalise(text).encode(), digest_size=16).digest()


def _seen(text: str) -> str:
    return text if text.isascii() else _INVISIBLE.sub("", text)


def _composed(text: str) -> str:
    if text.isascii():
        return text
    if len(text) <= _SHORT:
        return unicodedata.normalize("NFC", text)
    # CPython sorts a run of combining marks in quadratic time: 100 kB of them would take ten seconds.
    return "".join(unicodedata.normalize("NFC", piece) for piece in _PIECE.findall(text))


def _visible(text: str) -> tuple[str, list[int]]:
    """Return the text without invisible characters, and where each of the others stood; no places where none were."""
    if text.isascii() or not _INVISIBLE.search(text):
        return text, []
    places = [place for place, character in enumerate(text) if not _INVISIBLE.match(character)]
    return "".join(text[place] for place in places), places


def _pieces(html: str) -> list[str]:
    """Return the HTML cut before every three-hundredth tag: the parser takes quadratic time on nested tags."""
    tags = html.split("<")
    cut = ["<".join(tags[i : i + _TAGS_AT_ONCE]) for i in range(0, len(tags), _TAGS_AT_ONCE)]
    return [cut[0], *("<" + piece for piece in cut[1:])]


def _said(composed: str) -> str:
    return _folded(_HASHTAG.sub(r" \1", _without_addresses(composed)))


def _without_addresses(text: str) -> str:
    text = _URL.sub(" ", text)
    return _HANDLE.sub(" ", text) if "@" in text or "\uff20" in text else text


def _folded(text: str) -> str:
    return " ".join(text.split())


def _kind(character: str) -> str:
    if character.isupper():
        return "upper"
    if character.isdigit():
        return "digit"
    return "underscore" if character == "_" else "lower"

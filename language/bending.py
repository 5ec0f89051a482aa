"""The cases of a Finnish place name, from its nominative and genitive."""

_FRONT = frozenset("äöyÄÖY")
_BACK = frozenset("aouåAOUÅ")
_VOWELS = frozenset("aeiouyäöå")
_NEUTRAL_TAILS = ("nieme", "niemi", "vede", "vete", "vesi")
"""Last parts of compounds without a back vowel: Rovaniemellä, whatever stands before."""
_PLACE_ENDINGS = {
    "inessive": "ssA",
    "elative": "stA",
    "adessive": "llA",
    "ablative": "ltA",
    "allative": "lle",
    "translative": "ksi",
}
_RESIDENT_ENDINGS = (
    "nen", "sen", "stA", "sessA", "sestA", "seen", "sellA", "seltA", "selle", "senA", "seksi", "set", "sten", "siA",
    "sissA", "sistA", "siin", "sillA", "siltA", "sille", "sinA", "siksi", "suus", "suuden", "suutta",
)  # fmt: skip
_CLITICS = ("kin", "kAAn", "kO", "hAn")


def cases(name: str, genitive: str) -> dict[str, tuple[str, ...]]:
    """Return the forms of a name by case; where two forms are in use, both.

    Args:
        name: the nominative, ``Turku``.
        genitive: ``Turun``; ``Kauniaisten`` for a name in the plural; ``Uuden|maan`` where both parts bend.
    """
    if "|" in genitive:
        first, second = genitive.split("|")
        head = {"Uuden": "Uusi", "Ison": "Iso"}[first]
        heads, tails = cases(head, first), cases(name[len(head) :], second)
        return {case: tuple(one + other for one in heads[case] for other in tails[case]) for case in heads}
    if genitive.endswith("sten"):
        return _plural(name, genitive, genitive[:-3] + "i")
    if genitive == "Virtain":
        return _plural(name, genitive, "Virroi", "Virtoja", "Virtoihin")
    return _singular(name, genitive)


def with_clitics(form: str) -> list[str]:
    """Return a form, and the form with ``-kin``, ``-kaan``, ``-ko``, ``-han``."""
    return [form, *(form + _harmonic(clitic, form) for clitic in _CLITICS)]


def resident(name: str, genitive: str) -> str | None:
    """Return ``turkulainen``, who or what is of the place, in lower case; None for names in two parts."""
    if "|" in genitive or " " in name or "-" in name or genitive == "Virtain":
        return None
    weak, strong = _stems(name, genitive)
    stem = name if weak == name + weak[-1] else strong
    if genitive.endswith("sten"):
        stem = name[:-3] + "s"
    return (stem + _harmonic("lAinen", stem)).lower()


def resident_forms(word: str) -> list[str]:
    """Return the forms of a word like ``turkulainen``."""
    stem = word.removesuffix("nen")
    return [stem + _harmonic(ending, stem) for ending in _RESIDENT_ENDINGS]


def bent_swedish(name: str) -> dict[str, tuple[str, ...]]:
    """Return a Swedish name's Swedish forms and its cases in a Finnish sentence: ``Åbos``, ``Åbossa``."""
    genitive = name + ("n" if name[-1].lower() in _VOWELS else "in")
    forms = _singular(name, genitive)
    return forms | {"genitive": (*forms["genitive"], name if name.endswith("s") else name + "s")}


def _singular(name: str, genitive: str) -> dict[str, tuple[str, ...]]:
    weak, strong = _stems(name, genitive)
    forms: dict[str, tuple[str, ...]] = {
        case: (weak + _harmonic(ending, weak),) for case, ending in _PLACE_ENDINGS.items()
    }
    last = strong[-1]
    if len(strong) > 1 and strong[-2:-1].lower() == last:
        into: tuple[str, ...] = (strong + "seen", f"{strong}h{last}n")
    else:
        into = (f"{strong}{last}n",)
    return forms | {
        "nominative": (name,),
        "genitive": (genitive,),
        "partitive": tuple(dict.fromkeys(_partitives(name, strong))),
        "illative": into,
        "essive": (strong + _harmonic("nA", strong),),
    }


def _plural(name: str, genitive: str, stem: str, partitive: str = "", into: str = "") -> dict[str, tuple[str, ...]]:
    forms: dict[str, tuple[str, ...]] = {
        case: (stem + _harmonic(ending, stem),) for case, ending in _PLACE_ENDINGS.items()
    }
    return forms | {
        "nominative": (name,),
        "genitive": (genitive,),
        "partitive": (partitive or stem + _harmonic("A", stem),),
        "illative": (into or stem + "in",),
        "essive": (stem + _harmonic("nA", stem),),
    }


def _stems(name: str, genitive: str) -> tuple[str, str]:
    """Return the weak stem (``Turu``) and the strong one (``Turku``)."""
    weak = genitive[:-1]
    if weak == name or weak == name + weak[-1]:  # Porvoo; Tampere, of which both stems are long
        return weak, weak
    if name.endswith("si") and weak.endswith("de"):
        return weak, name[:-2] + "te"
    if name.endswith("us") and weak.endswith("de"):
        return weak, name[:-1] + "te"
    if name[-1] not in _VOWELS or name.endswith("nen"):
        return weak, weak
    return weak, name[:-1] + weak[-1]


def _partitives(name: str, strong: str) -> list[str]:
    if name.endswith("nen"):
        found = [(name[:-3], "stA")]
    elif name.endswith(("vesi", "Uusi")):
        found = [(name[:-2], "ttA")]
    elif name.endswith("us") and strong.endswith("te"):
        found = [(name[:-1], "ttA")]
    elif name.endswith("ri") and strong.endswith("re"):  # saari: saarta
        found = [(name[:-1], "tA")]
    elif name[-1] not in _VOWELS:
        found = [(name, "tA"), (strong, "A")]
    elif strong == name + strong[-1]:  # Tampere: Tamperetta
        found = [(name, "ttA")]
    else:
        found = [(strong, "A"), *([(strong, "tA")] if strong[-2:-1].lower() in _VOWELS else [])]
    return [stem + _harmonic(ending, name) for stem, ending in found]


def _harmonic(ending: str, stem: str) -> str:
    """Return an ending with the vowels that a stem asks for."""
    front = stem.endswith(_NEUTRAL_TAILS) or next(
        (letter in _FRONT for letter in reversed(stem) if letter in _FRONT or letter in _BACK), True
    )
    return ending.replace("A", "ä" if front else "a").replace("O", "ö" if front else "o")

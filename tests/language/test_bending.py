"""The cases of place names."""

import pytest

from language.bending import bent_swedish, cases, resident, resident_forms, with_clitics
from language.gazetteer import gazetteer

_CASES = ("partitive", "inessive", "elative", "illative", "adessive", "allative")


@pytest.mark.parametrize(
    ("name", "genitive", "forms"),
    [
        ("Turku", "Turun", "Turkua Turussa Turusta Turkuun Turulla Turulle"),
        ("Helsinki", "Helsingin", "Helsinkiä Helsingissä Helsingistä Helsinkiin Helsingillä Helsingille"),
        ("Lahti", "Lahden", "Lahtea Lahdessa Lahdesta Lahteen Lahdella Lahdelle"),
        ("Rovaniemi", "Rovaniemen", "Rovaniemeä Rovaniemessä Rovaniemestä Rovaniemeen Rovaniemellä Rovaniemelle"),
        ("Seinäjoki", "Seinäjoen", "Seinäjokea Seinäjoessa Seinäjoesta Seinäjokeen Seinäjoella Seinäjoelle"),
        ("Orivesi", "Oriveden", "Orivettä Orivedessä Orivedestä Oriveteen Orivedellä Orivedelle"),
        ("Pietarsaari", "Pietarsaaren", "Pietarsaarta Pietarsaaressa Pietarsaaresta Pietarsaareen Pietarsaarella"),
        ("Varkaus", "Varkauden", "Varkautta Varkaudessa Varkaudesta Varkauteen Varkaudella Varkaudelle"),
        ("Tampere", "Tampereen", "Tamperetta Tampereessa Tampereesta Tampereeseen Tampereella Tampereelle"),
        ("Ii", "Iin", "Iitä Iissä Iistä Iihin Iillä Iille"),
        ("Kauniainen", "Kauniaisten", "Kauniaisia Kauniaisissa Kauniaisista Kauniaisiin Kauniaisilla Kauniaisille"),
        ("Virrat", "Virtain", "Virtoja Virroissa Virroista Virtoihin Virroilla Virroille"),
        ("Uusikaupunki", "Uuden|kaupungin", "Uuttakaupunkia Uudessakaupungissa Uudestakaupungista Uuteenkaupunkiin"),
        ("Uusimaa", "Uuden|maan", "Uuttamaata Uudessamaassa Uudestamaasta Uuteenmaahan Uudellamaalla Uudellemaalle"),
        ("Isokyrö", "Ison|kyrön", "Isoakyröä Isossakyrössä Isostakyröstä Isoonkyröön"),
        ("Punkalaidun", "Punkalaitumen", "Punkalaidunta Punkalaitumessa Punkalaitumesta Punkalaitumeen"),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else None,
)
def test_names_bend_as_people_bend_them(name: str, genitive: str, forms: str) -> None:
    """Gradation, stems in -e, plurals, two bending parts and vowel harmony come out right."""
    bent = cases(name, genitive)
    for case, form in zip(_CASES, forms.split(), strict=False):
        assert form in bent[case]


def test_every_name_has_every_case() -> None:
    """No name of the list breaks the rules, and all forms of a name begin alike."""
    for one in gazetteer().municipalities.values():
        if " " in one.name_fi:
            continue
        for case, forms in cases(one.name_fi, one.genitive_fi).items():
            assert forms, (one.name_fi, case)
            assert all(form[:2] == one.name_fi[:2] and "|" not in form for form in forms), forms


def test_swedish_names_bend_in_both_languages() -> None:
    """Åbos, Åbossa; a name in -s has no genitive of its own."""
    assert "Åbos" in bent_swedish("Åbo")["genitive"]
    assert bent_swedish("Åbo")["inessive"] == ("Åbossa",)
    assert bent_swedish("Korsholm")["inessive"] == ("Korsholmissa",)
    assert "Nagus" not in bent_swedish("Nagus")["genitive"][:1]
    assert "Mariehamns" in bent_swedish("Mariehamn")["genitive"]


@pytest.mark.parametrize(
    ("name", "genitive", "word"),
    [
        ("Turku", "Turun", "turkulainen"),
        ("Lahti", "Lahden", "lahtelainen"),
        ("Tampere", "Tampereen", "tamperelainen"),
        ("Kauniainen", "Kauniaisten", "kauniaislainen"),
        ("Uusimaa", "Uuden|maan", None),
    ],
    ids=["-u", "-e", "-ee", "plural", "two parts"],
)
def test_residents_are_called_after_the_strong_stem(name: str, genitive: str, word: str | None) -> None:
    """Lahti has lahtelaisia, not lahtilaisia."""
    assert resident(name, genitive) == word


def test_residents_and_clitics_bend_in_harmony() -> None:
    """Endings take the vowels of their stem."""
    assert {"helsinkiläistä", "helsinkiläisille"} <= set(resident_forms("helsinkiläinen"))
    assert with_clitics("Turussa")[1:] == ["Turussakin", "Turussakaan", "Turussako", "Turussahan"]
    assert with_clitics("Iissä")[2] == "Iissäkään"

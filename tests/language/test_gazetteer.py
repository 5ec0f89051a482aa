"""The municipalities, regions and counties that come with the program."""

from datetime import date

from language.gazetteer import first_names, gazetteer


def test_the_list_is_that_of_2024() -> None:
    """309 municipalities, 16 of Åland, in 19 regions; 21 counties; everything belongs somewhere that exists."""
    places = gazetteer()
    assert (len(places.municipalities), len(places.regions), len(places.counties)) == (309, 19, 21)
    assert sum(one.region == "21" for one in places.municipalities.values()) == 16
    for one in places.municipalities.values():
        assert one.region in places.regions, one
        assert one.county in places.counties or (one.county is None and (one.code == "091" or one.region == "21")), one
        assert one.residents > 0, one
    assert {one.region for one in places.municipalities.values()} == set(places.regions)
    assert {one.county for one in places.municipalities.values()} - {None} == set(places.counties)


def test_what_was_merged_belongs_to_its_successor() -> None:
    """Each of the eleven mergers since 2014 has a date and a successor of today; an unknown code has none."""
    places = gazetteer()
    assert len(places.former) == 11
    assert (places.former["532"].name_fi, places.former["532"].merged_on) == ("Nastola", date(2016, 1, 1))
    assert places.today("532") == "398"
    assert places.today("853") == "853"
    assert places.today("999") is None
    assert all(places.today(code) in places.municipalities for code in places.former)


def test_a_doubt_is_of_a_known_kind() -> None:
    """A misspelt doubt would silently be none."""
    places = gazetteer()
    doubts = [one.doubt_fi | one.doubt_sv for one in (*places.municipalities.values(), *places.regions.values())]
    doubts += [one.doubt_fi for one in places.former.values()]
    assert frozenset[str]().union(*doubts) == {"lower", "word", "name", "company", "place"}


def test_no_first_name_is_a_municipality() -> None:
    """What names a municipality does not make the word after it a surname."""
    names = {one.name_fi.casefold() for one in gazetteer().municipalities.values()}
    assert not names & first_names()

"""The first programme's third theme: its words moved, and some of them mean something else."""

import pytest

from classifier.coldstart import cold_classifier
from classifier.example import Text
from classifier.predict import Classifier
from programme.types import Programme

REGION = "municipality-and-region"


@pytest.fixture(scope="module")
def classifier(programme: Programme) -> Classifier:
    """The classifier of the first day, without sentence vectors."""
    return cold_classifier(programme)


@pytest.mark.parametrize(
    "text",
    [
        "Maakuntauudistus kaatui, mutta kunnan ja maakunnan yhteistyö jatkuu",
        "Hyvinvointialue ja kunnat sopivat yhdyspinnoista",
        "Sote-uudistuksen jälkeen yhdyspinta on epäselvä",
        "Maakuntaliitto ja kuntayhtymä neuvottelivat työnjaosta",
        "Välfärdsområdet och kommunerna behöver tydligare kontaktytor",
        "Landskapsreformen och vårdreformen ändrar arbetsfördelningen",
        "Landskapsförbundet och samkommunen kom överens",
        "The wellbeing services county and the municipality share an interface",
    ],
)
def test_both_reforms_are_meant(text: str, classifier: Classifier) -> None:
    """The landscape reform that lapsed in 2019 and the wellbeing services counties since 2023 are one theme."""
    assert classifier.predict([Text(text=text)])[0].theme == REGION


@pytest.mark.parametrize(
    "text",
    [
        "Vägen förstör landskapsbilden vid stranden",
        "Vilket vackert kulturlandskap i kvällssolen",
        "Landskapet Åland valde ny landskapsregering i dag",
        "Ålands landskapsregering sammanträdde",
        "Maakuntalehti kirjoitti eilen jääkiekosta",
    ],
)
def test_scenery_aland_and_newspapers_are_not_meant(text: str, classifier: Classifier) -> None:
    """Landskap as scenery, Landskapet Åland and regional newspapers are not the region of the theme."""
    assert classifier.predict([Text(text=text)])[0].theme != REGION

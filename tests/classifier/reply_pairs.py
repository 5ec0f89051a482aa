"""Invented pairs of a post and a short reply, with the theme of the exchange: how replies really look, and no more."""

PAIRS = (
    (
        "fi",
        "participation-and-services",
        "Osallistuva budjetointi alkaa, ja asukkaat saavat ehdottaa kohteita.",
        "Hienoa!",
    ),
    ("fi", "participation-and-services", "Asukasraati kokoontuu kirjastossa, tule vaikuttamaan.", "Olen mukana"),
    ("fi", "participation-and-services", "Nuorisovaltuusto jätti aloitteen bussipysäkistä.", "Kannatan 👍"),
    (
        "fi",
        "participation-and-services",
        "Digituki auttaa sähköisessä asioinnissa torstaisin.",
        "Todella tarpeellinen!",
    ),
    ("fi", "municipality-and-region", "Hyvinvointialueen ja kunnan työnjako on yhä epäselvä.", "Samaa mieltä!"),
    ("fi", "municipality-and-region", "Yhdyspinnat kunnan ja hyvinvointialueen välillä puhuttavat.", "Niinpä"),
    ("fi", "municipality-and-region", "Maakuntauudistus kaatui, mutta yhteistyö jatkuu.", "Onneksi jatkuu"),
    ("fi", "municipality-and-region", "Kuka vastaa ehkäisevästä työstä, kunta vai hyvinvointialue?", "Hyvä kysymys."),
    ("sv", "participation-and-services", "Medborgarrådet träffas på biblioteket, kom och påverka.", "Jag kommer!"),
    ("sv", "participation-and-services", "Deltagande budgetering: invånarna får föreslå objekt.", "Bra idé"),
    ("sv", "participation-and-services", "Ungdomsfullmäktige lämnade ett initiativ om skolmaten.", "Stöder detta"),
    (
        "sv",
        "municipality-and-region",
        "Arbetsfördelningen mellan kommunen och välfärdsområdet är oklar.",
        "Håller med!",
    ),
    ("sv", "municipality-and-region", "Välfärdsområdet och kommunen söker en gemensam modell.", "Äntligen"),
    ("sv", "municipality-and-region", "Landskapsreformen föll, men samarbetet fortsätter.", "Som väl är"),
    ("en", "participation-and-services", "Participatory budgeting starts: residents may propose sites.", "Great news!"),
    ("en", "participation-and-services", "The youth council made a residents' initiative.", "Fully agree"),
    ("en", "municipality-and-region", "The wellbeing services county and the municipality must agree.", "Indeed!"),
    (
        "en",
        "municipality-and-region",
        "Who is responsible, the municipality or the wellbeing services county?",
        "Good question",
    ),
)
"""Language, theme of the shipped programme, post, reply."""

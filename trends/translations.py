"""Words of municipal talk in three languages: a Finnish and a Swedish topic named by one row are one topic.

Written by hand, after the official terms; only words that mean the same and hardly anything else. What a programme
speaks of besides stands in its phenomena and projects.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from trends.terms import Reader

_LANGUAGES = ("fi", "sv", "en")
_ROWS = """
työllisyyspalvelut | arbetskraftstjänster, sysselsättningstjänster | employment services
hyvinvointialue | välfärdsområde | wellbeing services county
varhaiskasvatus | småbarnspedagogik | early childhood education
perusopetus | grundläggande utbildning | basic education
päiväkoti | daghem | kindergarten
koulu | skola | school
lukio | gymnasium | upper secondary school
ammattikoulu | yrkesskola | vocational school
kirjasto | bibliotek | library
lähikirjasto | närbibliotek | local library
kirjastoauto | bokbuss | mobile library
museo | museum | museum
nuoriso | ungdom | youth
nuorisotyö | ungdomsarbete | youth work
ikääntyminen | åldrande | ageing
vanhustenhoito | äldreomsorg | elderly care
vammaispalvelut | handikappservice, funktionshinderservice | disability services
terveyskeskus | hälsocentral, hälsovårdscentral | health centre
sairaala | sjukhus | hospital
pelastuslaitos | räddningsverk | rescue department
kuntaliitos | kommunsammanslagning | municipal merger
kuntarakenne | kommunstruktur | municipal structure
kuntavaalit | kommunalval | municipal election
aluevaalit | välfärdsområdesval, områdesval | county election
kunnanvaltuusto | kommunfullmäktige | municipal council
kaupunginvaltuusto | stadsfullmäktige | city council
kunnanhallitus | kommunstyrelse | municipal board
kunnanjohtaja | kommundirektör | municipal manager
kaupunginjohtaja | stadsdirektör | city manager
pormestari | borgmästare | mayor
kuntalainen | kommuninvånare | resident
kuntalaisaloite | invånarinitiativ | residents' initiative
osallistuva budjetointi | medborgarbudgetering | participatory budgeting
osallisuus | delaktighet | participation
talousarvio | budget | budget
veronkorotus | skattehöjning | tax increase
kunnallisvero | kommunalskatt | municipal tax
kiinteistövero | fastighetsskatt | property tax
valtionosuus | statsandel | central government transfer
säästöt | besparingar, inbesparingar | savings
yt-neuvottelut | samarbetsförhandlingar | redundancy talks
lakko | strejk | strike
kaavoitus | planläggning | land use planning
asemakaava | detaljplan | local detailed plan
yleiskaava | generalplan | master plan
tonttimaa | tomtmark | building land
vuokra-asunto | hyresbostad | rental housing
asunnottomuus | hemlöshet, bostadslöshet | homelessness
joukkoliikenne | kollektivtrafik | public transport
raitiotie | spårväg | tramway
pyörätie | cykelväg | cycle path
kimppakyyti | samåkning | ride sharing
katuvalo | gatubelysning, gatljus | street light
tienhoito | väghållning | road maintenance
lautta | färja | ferry
uimahalli | simhall | swimming hall
liikuntahalli | idrottshall | sports hall
leikkipuisto | lekpark | playground
tuulivoima | vindkraft | wind power
tuulivoimala | vindkraftverk | wind turbine
aurinkovoima | solkraft | solar power
ydinvoima | kärnkraft | nuclear power
kaukolämpö | fjärrvärme | district heating
sähkökatko | elavbrott, strömavbrott | power cut
jätevesi | avloppsvatten | waste water
juomavesi | dricksvatten | drinking water
ilmastonmuutos | klimatförändring | climate change
hiilineutraali | koldioxidneutral, klimatneutral | carbon neutral
luontokato | biologisk mångfald, naturförlust | biodiversity loss
tulva | översvämning | flood
tekoäly | artificiell intelligens | artificial intelligence
tietosuoja | dataskydd | data protection
tietoturva | datasäkerhet | cybersecurity
tietomurto | dataintrång | data breach
etätyö | distansarbete | remote work
maahanmuutto | invandring | immigration
kotoutuminen | integration | integration
pakolainen | flykting | refugee
syrjäytyminen | utslagning, marginalisering | social exclusion
työttömyys | arbetslöshet | unemployment
elinvoima | livskraft | vitality
maaseutu | landsbygd | countryside
saaristo | skärgård | archipelago
yhdenvertaisuus | likabehandling | equality
kaksikielisyys | tvåspråkighet | bilingualism
vapaaehtoistyö | frivilligarbete | volunteering
varautuminen | beredskap | preparedness
väestönsuoja | skyddsrum | shelter
rokotus | vaccination | vaccination
hankinta | upphandling | procurement
"""
_CUT = 2
"""Letters at the end of a longer word that its bent forms may change: *arbetskraftstjänsterna*."""
_ADDED = 4
_LONG = 9

Meanings = Mapping[str, Mapping[str, frozenset[int]]]
"""By language and word as counted, the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translations:
    """What words of a language mean, by number of a row."""

    meanings: Meanings

    @classmethod
    def read(cls, reader: Reader) -> "Translations":
        """Return the table as the reader counts its words."""
        found: dict[str, dict[str, frozenset[int]]] = {language: {} for language in _LANGUAGES}
        for number, row in enumerate(_ROWS.strip().splitlines()):
            for language, words in zip(_LANGUAGES, row.split("|"), strict=True):
                for word in words.split(","):
                    term = " ".join(reader.lemmas(word, language))
                    found[language][term] = found[language].get(term, frozenset()) | {number}
        return cls(meanings=found)

    def of(self, term: str, language: str) -> frozenset[int]:
        """Return the rows of a word of a language; a long word is known in forms that no dictionary knows, too."""
        known = self.meanings.get(language, {})
        if term in known:
            return known[term]
        bent = (rows for word, rows in known.items() if _is_form(term, word))
        return frozenset(row for rows in bent for row in rows)


def _is_form(term: str, word: str) -> bool:
    stem = word[: len(word) - _CUT]
    return len(word) >= _LONG and term.startswith(stem) and len(term) <= len(word) + _ADDED

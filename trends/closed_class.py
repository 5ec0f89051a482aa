"""Words without a subject of their own, by language: they make no topic, however often they are written."""

_FINNISH = """
aikana aina aivan alkaa alla antaa asia asti edes ehkä ei eikä eilen eivät eli ellei emme en enemmän eniten ennen ensi
entä entäs et ette ettei ettemme että haluta he heidän heille heillä heitä huomenna hyvin hän häneen hänelle hänellä
hänen hänet häntä ihan ilman itse ja jo joka jokainen joku jolla jolle jolloin jonka jonkin jopa jos joskus jossa
josta jota jotka jotta juuri jälkeen kai kaikki kanssa kautta keitä ken kenellä kenen kerran kertoa keskellä kesken
ketkä ketä kohdalla kohti koko koska koskaan kuin kuinka kuitenkin kuka kun kunnes kuten kyllä kysyä käydä käyttää
lisäksi luona lähes löytyä me meidän meille meillä meitä melko mihin miksi mikä mikäli mikään milloin millä minkä
minne minua minulla minulle minun minut minä missä mistä miten mitä mitään mm molemmat monet moni mukaan mukana mutta
muu muun muut muuta myöhemmin myös ne niiden niille niillä niin niinpä niissä niistä niitä no noin nuo nyt nähdä
näiden näillä näin näissä näistä näitä nämä ohi oikein ole olemme olen olet oletko oli olin olisi olivat olla olleet
ollut on onko ottaa ovat paitsi paljon pian pitkin pitäisi pitää pois päin pääasiassa päästä saada saattaa sama samoin
sanoa se sekä sellainen sen siellä sieltä siihen siinä siis siitä sijaan sillä siltä sinne sinua sinulla sinun sinut
sinä sisällä sitten sitä taas tai takia tarkoittaa tavalla te tehdä tehty teidän teille teillä teitä tietää toinen
toki tulee tuli tulla tuo tuolla tuon tuossa tuosta tuota tällainen tälle tällä tämä tämän tänne tänään tässä tästä
tätä täällä ulkona vaan vai vaikka vain varten vasta vastaan vielä voi voida voivat vuoksi vuonna vähän yhä yli ym
ystävällisesti älkää älä
"""
_SWEDISH = """
aldrig all alla allt alltid alltså andra att av bara bland blev bli blir blivit borde bort bra by både de dem den
denna deras dess dessa det detta dig din dina ditt dock du där därför då efter eftersom ej eller en enligt er era ett
fast fick finnas finns fram från få får för före förut ge genast genom ger gick gjorde gå går gör göra ha hade han
hans har hela henne hennes hit hon honom hos hur här i idag igen in inga ingen inget innan inne inte ja jag jo ju kan
kanske kom komma kommer kunde kunna likaså lite man med medan mellan men mer mera mest mig min mina mindre mitt mot
mycket många måste ned nej ni nog nu när någon något några nån och också olika om oss på redan rätt sade samma samt se
sedan ser sig sin sina sitt själv ska skall skulle som säga säger så sådan sådana till tycker under upp ur ut utan vad
var vara varför varit varje vars vart vem vems vet vi vid vilka vilken vilket vill väl än ännu är även åren åt över
"""
_ENGLISH = """
a about after again all also am amp an and any are aren't as at be been before being between both but by can can't
could did didn't do does doesn't doing don't down each even ever few for from further get gets getting go goes going
gone got had has hasn't have haven't having he he's her here hers herself him himself his how how's i i'd i'll i'm
i've if in into is isn't it it's its itself just know let let's like made make makes may me might more most much must
my myself need never no nor not now of off ok on once one only or other our ours out over own please put really rt
same say says see she should so some still such than that that's the their theirs them themselves then there there's
these they they're this those through thus to too u under until up ur us use used using very via want was wasn't way
we we're we've well were what what's when where which while who who's whom why will with won't would yes yet you
you're your yours
"""

_SCANDINAVIAN = """
ad af alle alt altid andre at av bare begge blandt blant ble blev bli blir blive bliver bort både da de deg deira dem
den denne der deres derfor det dette dig din dine disse dit ditt dog du dykk då efter eg ei ein eit eller en enn er et
etter far fik fikk fleire flere for fordi fra fram frem frå få får før først gi gir gjennom gjera gjort gjør gjøre gå
går gør gøre ha hadde haft han hans har havde have hele hende henne hennes her hit hjå ho hos hun hva hvad hvem hver
hvert hvilke hvilken hvis hvor hvordan hvorfor hvornår i igen igjen ikke ikkje ind ingen ingenting inn inne ja jeg jo
kan kanskje kom komme kommer korleis kunne kva kven lidt litt man mange med meg meget mellem mellom men mer mere mest
mig min mine mit mitt mod mot mye mykje må måtte nei nej no noe noen nogen noget nok noko nokon nu ny nye nå når og
også om op opp os oss over på rundt sa saman samme sammen seg selv si sidan siden sier sig sin sine sit sitt sjølv
skal skulle slik som så sådan til tilbake ud uden under ut uten var ved vel vere verte vi vil ville vore vores vort
vår våre vårt være vært å
"""

CLOSED_CLASS = {
    "da": frozenset(_SCANDINAVIAN.split()),
    "nb": frozenset(_SCANDINAVIAN.split()),
    "nn": frozenset(_SCANDINAVIAN.split()),
    "no": frozenset(_SCANDINAVIAN.split()),
    "fi": frozenset(_FINNISH.split()),
    "sv": frozenset(_SWEDISH.split()),
    "en": frozenset(_ENGLISH.split()),
}
"""Casefolded, lemmas and surface forms alike; a language without an entry has none."""

EVERY_LANGUAGE = frozenset[str]().union(*(CLOSED_CLASS[code] for code in ("fi", "sv", "en")))
"""For texts whose language nobody knows."""

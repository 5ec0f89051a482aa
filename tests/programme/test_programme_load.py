"""Reading a configuration directory: what may be left out, what things mean, and the shipped programme."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from programme.load import ConfigurationError, load, load_or_raise, shipped_directory
from programme.types import Configuration, Programme

SMALLEST = '[programme]\n[[theme]]\nname = { et = "Kalapüük" }\nseed_words = { et = ["kala"] }\n'
HARBOUR = Path(__file__).parent.parent / "programmes" / "harbour"


def configured(directory: Path, **files: str) -> Configuration:
    """Return the configuration of files given by their names without ending."""
    for name, text in {"programme": SMALLEST, **files}.items():
        (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_or_raise(directory)


@pytest.fixture
def shipped() -> Programme:
    """Return the shipped programme."""
    return load_or_raise(shipped_directory()).programme


def test_smallest_configuration_is_valid(tmp_path: Path) -> None:
    """A programme needs its table and one theme with a name and seed words; all else has a default."""
    configuration = configured(tmp_path)
    programme = configuration.programme
    assert programme.languages == ("et",)
    assert programme.slug == "programme"
    assert programme.name["et"] == "programme"
    assert programme.time_zone == "UTC"
    assert programme.hashtags == ()
    assert programme.slugs == ("kalapuuk",)
    assert programme.themes[0].short_name["et"] == "Kalapüük"
    assert configuration.sources == configuration.recipients == ()
    assert configuration.delivery.smtp is None
    assert configuration.delivery.sender.endswith("<kuntakaiku@localhost>")
    assert configuration.site.public_url is None
    assert len(configuration.site.privacy.missing) == 9


def test_description_stands_for_seed_words(tmp_path: Path) -> None:
    """A theme with a description and no seed words is whole."""
    theme = '[[theme]]\nname = { en = "Fish" }\ndescription = { en = "All\\nabout fish." }'
    text = f'[programme]\nname = {{ en = "Sea" }}\n{theme}'
    programme = configured(tmp_path, programme=text).programme
    assert programme.slug == "sea"
    assert programme.themes[0].description["en"] == "All about fish."
    assert programme.themes[0].seed_words == {}


def test_slug_without_latin_letters_is_numbered(tmp_path: Path) -> None:
    """A theme whose name has no Latin letter gets its number as slug."""
    text = '[programme]\n[[theme]]\nname = { el = "Θάλασσα" }\nseed_words = { el = ["νερό"] }'
    assert configured(tmp_path, programme=text).programme.slugs == ("theme-1",)


def test_names_fall_back_between_languages(tmp_path: Path) -> None:
    """A short name missing in one language is the name in that language, not the short name of another."""
    text = (
        '[programme]\nlanguages = ["fi", "sv"]\n[[theme]]\nname = { fi = "Pitkä nimi", sv = "Långt namn" }\n'
        'short_name = { fi = "Lyhyt" }\nseed_words = { fi = ["a", "a"] }'
    )
    theme = configured(tmp_path, programme=text).programme.themes[0]
    assert (theme.short_name["fi"], theme.short_name["sv"]) == ("Lyhyt", "Långt namn")
    assert theme.seed_words == {"fi": ("a",)}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("#TulevaisuudenKunta", "tulevaisuudenkunta", id="sign and capitals"),
        pytest.param("＃kunta", "kunta", id="full-width sign"),
        pytest.param("STRASSE_1", "strasse_1", id="underscore and digit"),
        pytest.param("Hyvä", "hyvä", id="letters with dots"),
        pytest.param("hyva\u0308", "hyvä", id="decomposed letter"),
    ],
)
def test_hashtags_are_folded(tmp_path: Path, written: str, read: str) -> None:
    """A hashtag is watched casefolded and without its sign, however it is written."""
    text = SMALLEST.replace("[programme]", f'[programme]\nhashtags = ["{written}", "{read}"]')
    assert configured(tmp_path, programme=text).programme.hashtags == (read,)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("15 min", timedelta(minutes=15), id="minutes"),
        pytest.param("1 h", timedelta(hours=1), id="hour"),
        pytest.param("90s", timedelta(seconds=90), id="seconds without space"),
        pytest.param("7 d", timedelta(days=7), id="longest"),
    ],
)
def test_durations(tmp_path: Path, written: str, read: timedelta) -> None:
    """A duration is a whole number with its unit."""
    sources = f'[[source]]\nnetwork = "x"\nevery = "{written}"'
    assert configured(tmp_path, sources=sources).sources[0].every == read


def test_source_defaults(tmp_path: Path) -> None:
    """A source is off, named by its network, and X knows its own address."""
    (source,) = configured(tmp_path, sources='[[source]]\nnetwork = "x"').sources
    assert (source.name, source.base_url, source.enabled) == ("x", "https://api.x.com", False)
    assert source.every == timedelta(minutes=15)
    assert source.monthly_budget_usd is None


def test_stream_is_none_unless_named(tmp_path: Path) -> None:
    """A source of Bluesky is read by rounds alone; the address of a stream is kept to the letter."""
    head = '[[source]]\nnetwork = "bluesky"\nbase_url = "https://bluesky.example"\n'
    (source,) = configured(tmp_path, sources=head).sources
    assert source.stream is None
    for address in ("ws://127.0.0.1:1/subscribe", "wss://bluesky.example/xrpc/com.atproto.sync.subscribeRepos"):
        (source,) = configured(tmp_path, sources=f'{head}stream = "{address}"').sources
        assert source.stream == address


def test_feed_address_is_kept_to_the_letter(tmp_path: Path) -> None:
    """A feed's address keeps its last slash, a server's address loses it."""
    sources = (
        '[[source]]\nname = "news"\nnetwork = "feed"\nbase_url = "https://k.example/feed/?a=1"\n'
        '[[source]]\nnetwork = "mastodon"\nbase_url = "http://127.0.0.1:3000/"\nenabled = true\noptions = { a = "b" }'
    )
    configuration = configured(tmp_path, sources=sources)
    assert [s.base_url for s in configuration.sources] == ["https://k.example/feed/?a=1", "http://127.0.0.1:3000"]
    assert [s.name for s in configuration.enabled_sources] == ["mastodon"]
    assert configuration.source("mastodon").options == {"a": "b"}


def test_organisation_has_a_home(tmp_path: Path) -> None:
    """A listed organisation's accounts are folded, and its municipality's code is text."""
    text = SMALLEST + '[[organisation]]\nname = { et = "Linn" }\naccounts = ["X:@Linn"]\nmunicipality = "049"'
    (organisation,) = configured(tmp_path, programme=text).programme.organisations
    assert (organisation.accounts, organisation.municipality) == (("x:linn",), "049")


def test_recipient_defaults(tmp_path: Path) -> None:
    """A recipient is a reader in the programme's first language."""
    (recipient,) = configured(tmp_path, recipients='[[recipient]]\naddress = "a.b+c@kunta.example"').recipients
    assert (recipient.language, recipient.role) == ("et", "reader")


@pytest.mark.parametrize(
    ("smtp", "auth"),
    [
        pytest.param('{ host = "smtp.kunta.example" }', "password", id="starttls"),
        pytest.param('{ host = "127.0.0.1", security = "none" }', "none", id="open line"),
        pytest.param('{ host = "::1", security = "none", auth = "password" }', "password", id="open line on loopback"),
        pytest.param('{ host = "localhost", security = "none", auth = "xoauth2" }', "xoauth2", id="open line by name"),
        pytest.param('{ host = "smtp.kunta.example", security = "tls", auth = "xoauth2" }', "xoauth2", id="token"),
    ],
)
def test_login_by_default_only_where_the_line_is_closed(tmp_path: Path, smtp: str, auth: str) -> None:
    """The login defaults to a password, but to none on a line that is not encrypted."""
    delivery = configured(tmp_path, delivery=f'sender = "K <k@kunta.example>"\nsmtp = {smtp}').delivery
    assert delivery.smtp is not None
    assert delivery.smtp.auth == auth


def test_authorities_lie_beside_the_configuration(tmp_path: Path) -> None:
    """A relative path of trusted authorities counts from the configuration directory."""
    (tmp_path / "ca.pem").touch()
    smtp = '{ host = "localhost", ca_file = "ca.pem", user = "k" }'
    text = f'sender = "k@kunta.example"\nsmtp = {smtp}\nauto_send = "Fri 12:00"'
    delivery = configured(tmp_path, delivery=text).delivery
    assert delivery.smtp is not None
    assert delivery.smtp.ca_file == str((tmp_path / "ca.pem").resolve())
    assert delivery.auto_send == "fri 12:00"


def test_site_and_privacy(tmp_path: Path) -> None:
    """The privacy keys take text or lists of it, and what is left out is named."""
    text = (
        'public_url = "https://kaiku.example/"\nlogin = "oidc"\n'
        '[oidc]\nissuer = "https://login.example"\nclient_id = "k"\n'
        '[privacy]\ncontroller = "Kunta"\nrecipients = ["tiimi", "tutkijat"]\nretention_months = 24'
    )
    site = configured(tmp_path, site=text).site
    assert site.public_url == "https://kaiku.example"
    assert site.privacy.recipients == "tiimi; tutkijat"
    assert "retention_months" not in site.privacy.missing
    assert "legal_basis" in site.privacy.missing


def test_a_byte_order_mark_is_forgiven(tmp_path: Path) -> None:
    """A file saved by an editor that writes a byte order mark is read."""
    (tmp_path / "programme.toml").write_bytes(b"\xef\xbb\xbf" + SMALLEST.encode())
    assert load(tmp_path).faults == ()


def test_themes_change_during_a_programme() -> None:
    """A theme's dates say on which days it belongs to the programme; both ends are inclusive."""
    programme = load_or_raise(HARBOUR).programme
    assert not programme.theme("old-warehouses").is_valid_on(date(2023, 12, 31))
    assert programme.theme("old-warehouses").is_valid_on(date(2024, 1, 1))
    assert programme.theme("jobs").is_valid_on(date(2030, 12, 31))


def test_the_invented_programme_shares_nothing_with_the_shipped(shipped: Programme) -> None:
    """Another programme, with seven themes and a language without a catalogue, is only another directory."""
    harbour = load_or_raise(HARBOUR).programme
    assert len(harbour.themes) == 7
    assert harbour.default_language == "et"
    assert not set(harbour.slugs) & set(shipped.slugs)
    assert harbour.projects[0].accounts == ("mastodon:nightferry@harbour.example",)
    assert harbour.organisations[0].accounts == ("x:harbouroffice",)


def test_the_shipped_programme_names_its_themes(shipped: Programme) -> None:
    """The four themes stand in the programme's order under the programme's own names."""
    assert [theme.name["fi"] for theme in shipped.themes] == [
        "Osallisuus ja asukaslähtöiset palvelukanavat",
        "Hyvinvoinnin, osaamisen, elinvoiman ja johtamisen toimintamallit",
        "Kunnan ja maakunnan yhteistyö",
        "Erilaisten kuntien roolit, vahvuudet ja toimintaedellytykset",
    ]
    assert [theme.name["sv"] for theme in shipped.themes] == [
        "Delaktighet och servicekanaler som utgår från invånarnas behov",
        "Verksamhetsmodeller för välfärd, kunnande, livskraft och ledarskap",
        "Samarbete mellan kommunen och landskapet",
        "Olika kommuners roller, styrkor och verksamhetsförutsättningar",
    ]


def test_the_shipped_programme_is_whole(shipped: Programme) -> None:
    """Every theme and phenomenon speaks all three languages, and no project is invented."""
    languages = set(shipped.languages)
    assert shipped.languages == ("fi", "sv", "en")
    assert shipped.hashtags == ("tulevaisuudenkunta",)
    assert shipped.page["sv"] == "Framtidens kommun"
    assert not shipped.projects
    assert not shipped.organisations
    assert len(shipped.phenomena) == 5
    for theme in shipped.themes:
        for texts in (theme.name, theme.short_name, theme.description):
            assert set(texts.by_language) == languages
        assert set(theme.seed_words) == languages
        assert all(30 <= len(words) <= 65 for words in theme.seed_words.values())
    assert all(set(phenomenon.words) == languages for phenomenon in shipped.phenomena)


def test_a_seed_word_speaks_for_one_theme(shipped: Programme) -> None:
    """No word stands for two themes of the shipped programme: it would decide nothing."""
    for language in shipped.languages:
        words = [word for theme in shipped.themes for word in theme.seed_words[language]]
        assert sorted({word for word in words if words.count(word) > 1}) == []


def test_nothing_is_switched_on_as_shipped() -> None:
    """The shipped configuration reads no network and mails nobody."""
    configuration = load_or_raise(shipped_directory())
    assert list(configuration.enabled_sources) == []
    assert configuration.delivery.smtp is None
    assert configuration.delivery.auto_send is None
    assert not any(source.government_use_attested for source in configuration.sources)


def test_all_faults_are_raised_together(tmp_path: Path) -> None:
    """The error of a faulty directory has a line for each fault of each file."""
    with pytest.raises(ConfigurationError) as raised:
        configured(tmp_path, sources="a = 1", delivery="b = 2", site="c = 3")
    assert raised.value.exit_code == 2
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == [
        "sources.toml",
        "delivery.toml",
        "site.toml",
    ]

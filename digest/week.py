"""One week's material from the corpus, and the issue composed of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from corpus.post import ClassifiedPost
from digest.compose import Material, compose
from digest.inert import inert, one_line, web_address
from digest.issue import ClassifierFacts, Issue, ShownPost
from programme.types import Configuration, Localised, Organisation, Programme, SourceSettings
from programme.week import Week

if TYPE_CHECKING:
    from collector.coverage import CoverageReport
    from corpus.store import Corpus
    from trends.report import TrendReport

QuotePrivate = Literal["none", "link", "text"]
LONGEST_ON_X = 600
"""Characters up to which a post of X is shown: it may not be shortened, so a longer one is linked."""


def gather(
    corpus: "Corpus",
    configuration: Configuration,
    week: Week,
    *,
    posts: Iterable[ClassifiedPost],
    trends: "TrendReport",
    coverage: "CoverageReport",
    covered: Callable[[Week], bool],
    classifier: ClassifierFacts,
    now: datetime,
    demonstration: bool = False,
    corrects: Issue | None = None,
    explanation: Localised | None = None,
) -> Issue:
    """Return the issue of a week from posts of it and of the seven weeks before; others are ignored.

    ``covered`` tells which weeks were collected or lie inside an imported archive, ``coverage`` is the collector's
    report on the week. The issue of the week before is read from the corpus, so that what changed since it was printed
    can be told. A correction is given what it ``corrects``, and a person's ``explanation``.
    """
    from trends.find import theme_change

    programme = configuration.programme
    stored = corpus.issues.printed(week.plus(-1), now)
    quote_private = configuration.delivery.quote_private
    reported = {line.source for line in coverage.sources}
    return compose(
        Material(
            week=week,
            programme=programme,
            posts=posts,
            covered=covered,
            change=lambda this, history: theme_change(this, history, themes=len(programme.themes)),
            trends=trends,
            coverage=coverage,
            networks={one.name: one.network for one in configuration.sources if one.name in reported},
            gap_limit=configuration.delivery.gap_limit,
            previous=Issue.from_json(stored.numbers) if stored else None,
            classifier=classifier,
            quotable=lambda post: may_quote(post, programme, quote_private),
            composed_at=now,
            homes=programme.homes,
            corrects=corrects,
            explanation=explanation or Localised({}),
            demonstration=demonstration,
            mastodon=_mastodon(configuration.sources),
        )
    )


def _mastodon(sources: Sequence[SourceSettings]) -> str:
    own = (source.base_url for source in sources if source.network == "mastodon" and source.enabled)
    return next((url.rstrip("/") for url in own if web_address(url)), "https://mastodon.social")


def show_posts(
    corpus: "Corpus", issue: Issue, programme: Programme, quote_private: QuotePrivate
) -> Mapping[str, ShownPost]:
    """Return what may be shown now of the posts that an issue names, by key; deleted ones are not among them."""
    shown = {}
    for key in issue.shown_keys:
        network, _, native_id = key.partition(":")
        post = corpus.posts.by_native_id(network, native_id)
        view = show(post, programme, quote_private) if post else None
        if view:
            shown[key] = view
    return shown


def organisation_of(post: ClassifiedPost, programme: Programme) -> Organisation | None:
    """Return the listed organisation that wrote a post."""
    author = post.stored.post.author
    if author is None or not author.handle:
        return None
    account = f"{post.stored.post.network}:{author.handle.removeprefix('@').casefold()}"
    return next((one for one in programme.organisations if account in one.accounts), None)


def may_quote(post: ClassifiedPost, programme: Programme, quote_private: QuotePrivate) -> bool:
    """Return whether a post's text may be shown: a listed organisation's always, a private person's by the setting."""
    view = show(post, programme, quote_private)
    return view is not None and view.style != "link"


def show(post: ClassifiedPost, programme: Programme, quote_private: QuotePrivate) -> ShownPost | None:
    """Return what may be shown of a post, None where nothing may or nothing is left.

    On X a text is shown unmodified with the author's name, handle and a permanent link, or not at all; see
    https://docs.x.com/developer-terms/display-requirements
    """
    told = post.stored.post
    url = web_address(told.url)
    organisation = organisation_of(post, programme)
    if told.gone is not None or told.text is None or (organisation is None and quote_private == "none"):
        return None
    view = ShownPost(style="link", network=told.network, url=url, created_at=told.created_at, language=post.stored.lang)
    if organisation is None and quote_private == "link":
        return view
    text = inert(as_shown(told.text) if told.network == "x" else told.text)
    name = organisation.name if organisation else Localised({})
    if told.network == "x":
        return _on_x(post, text, view)
    return ShownPost(
        style="organisation" if organisation else "text",
        network=told.network,
        url=url,
        created_at=told.created_at,
        language=post.stored.lang,
        text=text,
        name=Localised({language: one_line(value) for language, value in name.by_language.items()}),
    )


def as_shown(text: str) -> str:
    """Return a text of X as X shows it: its API sends these three signs escaped, and the corpus keeps what was sent."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _on_x(post: ClassifiedPost, text: str, otherwise: ShownPost) -> ShownPost:
    author = post.stored.post.author
    whole = len(text) <= LONGEST_ON_X and post.stored.post.cut_from is None
    if author is None or not author.handle or otherwise.url is None or not whole:
        return otherwise
    return ShownPost(
        style="x",
        network="x",
        url=otherwise.url,
        created_at=otherwise.created_at,
        language=otherwise.language,
        text=text,
        name=Localised({"": one_line(author.name or author.handle)}),
        handle=one_line(author.handle),
    )

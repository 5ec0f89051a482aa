"""`kuntakaiku search QUERY`."""

from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from programme.errors import MisuseError
from runtime.cli.speak import progress_bar
from runtime.days import instant
from runtime.wiring import Program

if TYPE_CHECKING:
    from corpus.search import Hit

_WIDTH = 300
"""Characters of a post that people are shown."""
_BEFORE = 80
"""Of them before the first match."""
_UNTHEMED = ("none", "unsure", "unclassified")


def command(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help='Like: kunta OR kommun "kunnan talous" -vero #sote')],
    *,
    theme: Annotated[str | None, typer.Option(help="A theme's slug, or none, unsure, unclassified.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the posts, like sv.")] = None,
    network: Annotated[str | None, typer.Option(help="x, mastodon, bluesky, lemmy or feed.")] = None,
    source: Annotated[str | None, typer.Option(help="Name of the source that brought it, or import.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this day or instant.")] = None,
    municipality: Annotated[str | None, typer.Option(metavar="CODE", help="Three digits.")] = None,
    discussion: Annotated[str | None, typer.Option(metavar="ID", help="As the network calls it.")] = None,
    via: Annotated[str | None, typer.Option(help="hashtag, thread, account, word or import.")] = None,
    labelled: Annotated[bool | None, typer.Option("--labelled/--unlabelled", help="Whether people judged it.")] = None,
    relevance: Annotated[bool, typer.Option("--relevance", help="The best first, not the newest.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Posts on a page.")] = 20,
    after: Annotated[str | None, typer.Option(metavar="KEY", help="Go on from the page that told this key.")] = None,
) -> None:
    """Find posts by words in any inflected form, phrases, hashtags and handles.

    Words are all needed; OR stands between alternatives, a minus before what must not be there.
    """
    from corpus.search_query import Filters
    from runtime.jobs.search import as_json, search

    program: Program = context.obj
    programme = program.configuration.programme
    slugs = [one.slug for one in programme.themes]
    if theme is not None and theme not in (*slugs, *_UNTHEMED):
        raise MisuseError(f"The programme has no theme {theme!r}.", f"Its themes: {', '.join((*slugs, *_UNTHEMED))}.")
    zone = programme.zone
    found = search(
        program,
        query,
        filters=Filters(
            theme=theme,
            language=language,
            network=network,
            source=source,
            since=instant(since, zone, "--since") if since else None,
            until=instant(until, zone, "--until") if until else None,
            municipality=municipality,
            discussion=discussion,
            via=via,
            is_labelled=labelled,
        ),
        order="relevance" if relevance else "newest",
        limit=limit,
        key=after,
        show=partial(progress_bar, shown=not program.quiet),
    )
    lines = [line for hit in found.hits for line in _lines(hit, zone)]
    total = f"{found.total} posts" if found.is_total_exact else f"More than {found.total} posts"
    more = [f"More of them: --after {found.next_key}"] if found.next_key else []
    program.tell(as_json(found), [total, *lines, *more])


def _lines(hit: "Hit", zone: tzinfo) -> list[str]:
    post = hit.post.stored.post
    at = f"{post.created_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return ["", f"{at}  {post.network}  {hit.post.standing}  {post.url or post.native_id}", f"  {excerpt(hit)}"]


def excerpt(hit: "Hit") -> str:
    """Return the part of a post around the first match, on one line, with ``**`` around what matched."""
    text = hit.post.stored.post.text or ""
    start = max(0, (hit.spans[0][0] if hit.spans else 0) - _BEFORE)
    end = start + _WIDTH
    pieces, place = [], start
    for first, last in hit.spans:
        if first >= end:
            break
        pieces += [text[place:first], "**", text[first:last], "**"]
        place = last
    pieces.append(text[place : max(end, place)])
    cut = " ".join("".join(pieces).split())
    return f"{'…' if start else ''}{cut}{'…' if end < len(text) else ''}"

"""One form for all the ways in which people pass on the address of the same page, pure; nothing is ever fetched.

Two posts that link the same story are told by it (decision 0016). What cannot be a story has no form: a front page, a
section, a network's profile, a search.
"""

import re
from functools import lru_cache
from urllib.parse import unquote

_ADDRESS = re.compile(r"https?://(?:[^/?#@\s]*@)?([^/?#:\s]+)(?::(\d+))?([^?#\s]*)(?:\?([^#\s]*))?", re.IGNORECASE)
_LONGEST = 4_000
"""Characters of an address that is looked at: longer ones are no links to a story."""
_TRACKING = re.compile(
    r"utm_.*|at_(?:campaign|medium|format|link.*|ptr.*|bbc.*)|(?:mtm|pk|piwik|matomo|hsa|ns|stm|wt\.|vero|oly)_.*"
    r"|(?:fb|g|d|ms|y|tw|tt|li_fat_|sc|epik|irc)clid|gclsrc|gbraid|wbraid|wickedid|igshid|igsh|li_fat_id|mibextid"
    r"|fb_(?:action|comment|ref|source).*|fbadid|__tn__|__cft__.*|mc_[ce]id|mkt_tok|trk|trkcampaign|trkinfo|_hs\w+|_ga"
    r"|_gl|__s|s_cid|ss_.*|cmpid|cmp|campaign_?id|ito|ncid|ocid|ref_src|ref_url|referrer|share|shared|sharetype|smid"
    r"|source|src|rss|partner|xtor|feature|si|pp|ved|usg|cvid|amp|outputtype",
    re.IGNORECASE,
)
"""Parameters that tell how a link was passed on and not what it leads to, after the lists of ClearURLs and Firefox."""
_OF_HOST = {"x.com": {"s", "t", "ref"}, "youtube.com": {"t", "list", "index", "ab_channel"}}
"""Further ones that mean nothing on one host."""
_SAME_HOST = {
    "twitter.com": "x.com",
    "mobile.twitter.com": "x.com",
    "mobile.x.com": "x.com",
    "m.youtube.com": "youtube.com",
    "m.facebook.com": "facebook.com",
    "touch.facebook.com": "facebook.com",
    "amp.hs.fi": "hs.fi",
    "m.hs.fi": "hs.fi",
    "m.is.fi": "is.fi",
    "m.iltalehti.fi": "iltalehti.fi",
    "m.kauppalehti.fi": "kauppalehti.fi",
    "m.yle.fi": "yle.fi",
}
"""Hosts for small screens that show the same pages: a list, since ``m.`` alone may be anybody's."""
_WIKIPEDIA = re.compile(r"([a-z-]+)\.m\.((?:wikipedia|wikinews)\.org)")
_AMP_CACHE = re.compile(r"/[cv](?:/s)?/(.+)")
_INDEX = re.compile(r"/(?:index|default|etusivu|home|start)\.(?:html?|php|aspx?|jsp)", re.IGNORECASE)
_STATUS = re.compile(r"/(?:[^/]+|i/web)/status/(\d+)(?:/.*)?")
_NETWORKS = frozenset(
    {
        *("x.com", "facebook.com", "instagram.com", "linkedin.com", "threads.net", "tiktok.com", "youtube.com"),
        *("bsky.app", "t.me", "vimeo.com", "medium.com", "github.com", "flickr.com", "pinterest.com"),
    }
)
"""Where a single step of a path is somebody's page."""
_PLACES = frozenset(
    {
        *("user", "users", "u", "profile", "people", "author", "authors", "kirjoittaja", "channel", "c", "company"),
        *("in", "school", "showcase", "groups", "group", "pages", "tag", "tags", "tagged", "hashtag", "avainsana"),
        *("topic", "topics", "aihe", "category", "kategoria", "search", "haku", "sok", "explore", "events"),
    }
)
"""First steps of a path of two that lead to a person, a list or a search."""
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.IGNORECASE)
_HEADLINE = re.compile(r"[^-_]+(?:[-_]+[^-_]+){2,}|.*\d{5,}.*")
_SEARCHED = frozenset({"q", "query", "search", "s", "haku", "page", "lang", "language", "kieli", "sprak"})
"""Parameters that make no page of its own."""


@lru_cache(maxsize=1 << 16)
def canonical_link(address: str) -> str | None:
    """Return ``host/path?query`` by which links to one story are equal, None where it leads to no story.

    Scheme, ``www.``, port, fragment, tracking parameters, a trailing slash and AMP's marks do not count. A story has a
    path of two steps, or of one that reads like a headline or holds a number of five digits, or a telling parameter.
    """
    found = _ADDRESS.match(address.strip()) if len(address) <= _LONGEST else None
    if found is None:
        return None
    host, path = _host_of(found[1]), found[3]
    if host.endswith("cdn.ampproject.org") and (inner := _AMP_CACHE.fullmatch(path)):
        return canonical_link(f"https://{inner[1]}")
    if host == "google.com" and path.startswith("/amp/"):
        return canonical_link(f"https://{path.removeprefix('/amp/').removeprefix('s/')}")
    if host == "youtu.be":
        host, path, query = "youtube.com", "/watch", [f"v={path.strip('/')}"]
    else:
        query = _query_of(host, found[4]) if found[4] else []
    path = _path_of(host, path)
    if any(letter.isspace() or not letter.isprintable() for letter in path):
        return None  # what no address shows as itself
    if not _is_story(host, path, query):
        return None
    return f"{host}{path}?{'&'.join(query)}" if query else f"{host}{path}"


def _host_of(written: str) -> str:
    host = written.lower().rstrip(".").removeprefix("www.")
    if (wiki := _WIKIPEDIA.fullmatch(host)) is not None:
        return f"{wiki[1]}.{wiki[2]}"
    return _SAME_HOST.get(host, host)


def _path_of(host: str, path: str) -> str:
    path = unquote(path).rstrip("/")
    if path.lower().endswith(("/amp", ".amp")):
        path = path[:-4].rstrip("/")
    if host == "x.com" and (status := _STATUS.fullmatch(path)):
        return f"/i/status/{status[1]}"
    last = path.rfind("/")
    return path[:last] if last >= 0 and _INDEX.fullmatch(path, last) else path


def _query_of(host: str, query: str) -> list[str]:
    """Return what of a query tells one page from another, in order of the alphabet."""
    idle = _OF_HOST.get(host, set())
    kept = []
    for parameter in query.replace("&amp;", "&").split("&"):
        name = parameter.partition("=")[0].lower()
        if name and name not in idle and not _TRACKING.fullmatch(name):
            kept.append(parameter)
    return sorted(kept)


def _is_story(host: str, path: str, query: list[str]) -> bool:
    if "." not in host:
        return False
    steps = [step for step in path.split("/") if step]
    if steps and _LANGUAGE.fullmatch(steps[0]) and host not in _NETWORKS:
        steps = steps[1:]
    if any(name not in _SEARCHED and value for name, _, value in (parameter.partition("=") for parameter in query)):
        return not steps or steps[0].lower() not in {"search", "haku", "sok"}
    if not steps:
        return False
    if len(steps) == 1:
        return host not in _NETWORKS and not steps[0].startswith("@") and bool(_HEADLINE.fullmatch(steps[0]))
    return len(steps) > 2 or steps[0].lower() not in _PLACES  # noqa: PLR2004 - a place has a kind and a name

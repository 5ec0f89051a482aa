"""A page of blocks as a document of its own: pictures inside, and fit for paper."""

from base64 import b64encode

from markupsafe import escape

from digest.blocks import Page
from digest.render import environment

_PRINT = """<style type="text/css">@page{size:A4;margin:14mm 12mm}
@media print{:root{color-scheme:light}
body,.page,.page>table,.sheet,.sheet>table,.tint,.tint>table{background:#fff!important}
.gap{display:none}h2,h3{break-after:avoid}table table,blockquote,img{break-inside:avoid}a{color:inherit!important}
.ink,.sheet div,.tint div{color:#17212B!important}.mut,.alt,.foot div{color:#4B5864!important}
.sheet>table>tbody>tr>td,.tint>table>tbody>tr>td,.foot>table>tbody>tr>td{padding-top:10px!important;padding-bottom:10px!important}}
</style></head>"""


def html_of(page: Page) -> str:
    """Return a page as a mail's HTML, with its pictures by content id."""
    return environment().get_template("issue.html.j2").render(page=page)


def printed(page: Page) -> str:
    """Return a page as an HTML document that stands alone."""
    html = html_of(page).replace("</head>", _PRINT, 1)
    for cid, png in page.charts.items():
        html = html.replace(f"cid:{escape(cid)}", f"data:image/png;base64,{b64encode(png).decode()}")
    return html

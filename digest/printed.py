"""A page of blocks as a document of its own: pictures inside, and fit for paper."""

from digest.blocks import Page
from digest.charts import with_pictures
from digest.render import environment

_PRINT = """<style type="text/css">@page{size:A4;margin:14mm 12mm}
@media print{:root{color-scheme:light}
body,.page,.page>table,.sheet,.sheet>table,.tint,.tint>table{background:#fff!important}
.gap{display:none}h2,h3{break-after:avoid}table table,blockquote,img{break-inside:avoid}a{color:inherit!important}
.ink,.sheet div,.tint div{color:#17212B!important}.mut,.alt,.foot div{color:#4B5864!important}
.sheet>table>tbody>tr>td,.tint>table>tbody>tr>td,.foot>table>tbody>tr>td{padding-top:10px!important;padding-bottom:10px!important}}
</style></head>"""
_ONE_SHEET = """<style type="text/css">@media print{body{zoom:.78}h1{font-size:24px!important}
h2{margin:0 0 4px!important;font-size:17px!important;line-height:22px!important}
p{margin-bottom:8px!important}img.alt{max-width:none!important}.page,.sheet,.tint,.sheet>table,.tint>table,.foot{max-width:none!important}}
.gap{display:none}</style></head>"""


def html_of(page: Page) -> str:
    """Return a page as a mail's HTML, with its pictures by content id."""
    return environment().get_template("issue.html.j2").render(page=page)


def printed(page: Page, *, on_one_sheet: bool = False) -> str:
    """Return a page as an HTML document that stands alone; on asking, set closer, for one sheet of paper."""
    html = html_of(page).replace("</head>", _PRINT, 1)
    if on_one_sheet:
        html = html.replace("</head>", _ONE_SHEET, 1)
    return with_pictures(html, page.charts)

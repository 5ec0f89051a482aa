"""The trend note as a mail, in one language: what its approval freezes."""

from datetime import datetime

from jinja2 import TemplateError

from digest.plain import plain_text
from digest.printed import html_of
from digest.render import LARGEST, RenderedIssue, RenderingError
from digest.scene import Addresses
from digest.speech import Speaker
from digest.trend_note import TrendNote
from digest.trend_page import trend_page
from programme.messages import Messages


def render_note(
    note: TrendNote,
    *,
    language: str,
    messages: Messages,
    addresses: Addresses | None = None,
    approved_at: datetime | None = None,
) -> RenderedIssue:
    """Return a trend note as a mail, with the slots that ``digest.slots`` names.

    Raises:
        RenderingError: it is too large, or the template or the words fail; then there is no mail.
    """
    speak = Speaker(messages, language, note.programme.time_zone)
    try:
        page = trend_page(note, speak, addresses or Addresses(), approved_at)
        html = html_of(page)
    except (KeyError, TemplateError) as error:
        what = error.args[0] if error.args else type(error).__name__
        raise RenderingError(
            f"The trend note {note.key} cannot be written in {language}: {what}.",
            "Mend the words under locales/, or the template, and draft it again.",
        ) from error
    if len(html.encode()) >= LARGEST:
        raise RenderingError(
            f"The trend note {note.key} has more than {LARGEST:,} bytes in {language}.",
            "Make one of each theme: kuntakaiku digest trend-note draft --theme",
        )
    return RenderedIssue(
        issue=note.key,
        language=language,
        role="editor",
        subject=page.subject,
        text=plain_text(page),
        html=html,
        charts=page.charts,
    )

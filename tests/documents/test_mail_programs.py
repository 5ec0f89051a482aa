"""The page on what mail programs leave out."""

from tests.real.mail_checkers.allowed import PAGE, page


def test_page_on_mail_programs_tells_the_list_of_what_may_stay() -> None:
    """It is what the list makes; `python -m tests.real.mail_checkers.allowed` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()

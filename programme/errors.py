"""The base of every error that Kuntakaiku tells a person."""


class KuntakaikuError(Exception):
    """A fault with its remedy: who, what, and what to do next.

    ``problem`` says who and what; ``remedy`` what to do next. Neither holds a secret, a post's text or an address.
    """

    exit_code = 1
    """What the command line exits with: 1 failed, 2 misused or misconfigured, 3 partly done."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


class MisuseError(KuntakaikuError):
    """The command or its configuration cannot mean what it says."""

    exit_code = 2

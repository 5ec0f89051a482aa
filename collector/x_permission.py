"""Without what X is not read at all."""

from collector.errors import SourceRefusedError
from programme.types import SourceSettings


def check_permission(settings: SourceSettings, bearer: str | None, *, has_account: bool) -> None:
    """Return where X may be read.

    Raises:
        SourceRefusedError: the attestation, the token, or the account of a budget is missing.
    """
    if not settings.government_use_attested:
        raise SourceRefusedError(
            f"Source {settings.name!r}: X's developer terms limit use by or for government bodies to what X has "
            "approved, and nobody has attested that this use is.",
            "Read X's Developer Agreement, get X's approval of the use case, then set "
            "government_use_attested = true in sources.toml.",
        )
    if not bearer:
        raise SourceRefusedError(
            f"Source {settings.name!r}: there is no bearer token for X.", "Set KUNTAKAIKU_X_BEARER_TOKEN."
        )
    if not has_account and settings.monthly_budget_usd is not None:
        raise SourceRefusedError(
            f"Source {settings.name!r}: there is a budget, and nobody keeps the account.", "Report this as a fault."
        )

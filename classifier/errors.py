"""What can go wrong with a model or with what it should learn from."""

from programme.errors import MisuseError


class ModelUnusableError(MisuseError):
    """A model directory is damaged, foreign, or made for other themes; nothing was changed."""


class UntrainableError(MisuseError):
    """The examples or the themes' texts do not say what to learn; the previous model stays in use."""

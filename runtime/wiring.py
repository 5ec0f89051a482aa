"""The whole house, wired for one invocation; each part is made when it is first asked for."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from programme.errors import MisuseError
from programme.load import load_or_raise, shipped_directory
from programme.messages import Messages
from programme.types import Configuration
from programme.week import Week
from runtime.cli.speak import tell_json, tell_lines, tell_warning
from runtime.clock import Clock, clock_from, machine_clock
from runtime.settings import ERASURE_KEY, PREFIX, Options, Secrets, Settings, settle

if TYPE_CHECKING:
    from classifier.predict import Classifier
    from corpus.custody import Custody
    from corpus.store import Corpus
    from corpus.vocabulary import Vocabulary
    from language.lemma import Lemmatiser
    from language.vectors import Vectors
    from programme.guidelines import Guidelines


class Program:
    """Settings, configuration, corpus, catalogues and classifier of one invocation."""

    def __init__(self, options: Options, *, environment: Mapping[str, str], working_directory: Path) -> None:
        self._options = options
        self._environment = environment
        self._working_directory = working_directory
        self._open = ExitStack()
        self.secrets = Secrets(environment)
        self.stop = threading.Event()
        """Set when the program is asked to end; whatever rests, wakes."""
        self.counting = threading.Lock()
        """Held by the one job that classifies or drafts: two at once would do the same posts."""
        self.tells_privacy = False
        """Set by a verb that speaks of missing privacy keys itself; the others warn as they read the configuration."""
        self.classified_with: object = None
        """Stamp of the model by which all posts were last classified; None before that."""
        self._classifier: tuple[object, Classifier] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def as_json(self) -> bool:
        """Whether one JSON value is asked for on standard output."""
        return self._options.as_json

    @property
    def now(self) -> str | None:
        """The instant at which the program's clock is asked to start, as written."""
        return self._options.now or self._environment.get("KUNTAKAIKU_NOW")

    @property
    def quiet(self) -> bool:
        """Whether progress and log lines are unwanted."""
        return self._options.quiet

    @cached_property
    def settings(self) -> Settings:
        """Where things are.

        Raises:
            MisuseError: an option cannot be read.
        """
        return settle(self._options, self._environment, self._working_directory)

    @cached_property
    def clock(self) -> Clock:
        """The program's clock."""
        return clock_from(self.settings.now) if self.settings.now else machine_clock

    @property
    def environment_for_child(self) -> dict[str, str]:
        """What a process gets that is to work on the same corpus, at the same hour."""
        settings = self.settings
        named = {"CONFIG": str(settings.config.absolute()), "DATABASE": settings.database, "DATA": str(settings.data)}
        now = {"NOW": self.clock().isoformat()} if settings.now else {}
        return {**self._environment, **{PREFIX + key: value for key, value in (named | now).items()}}

    def rest(self, seconds: float) -> None:
        """Wait, unless the program is asked to end."""
        self.stop.wait(seconds)

    @cached_property
    def configuration(self) -> Configuration:
        """The configuration.

        Raises:
            ConfigurationError: it has faults; all are told at once.
        """
        configuration = load_or_raise(self.settings.config)
        missing = configuration.site.privacy.missing
        if missing and not (self.quiet or self.tells_privacy):
            tell_warning(f"site.toml: [privacy] lacks {', '.join(missing)}; `run` refuses to start without it.")
        return configuration

    @cached_property
    def guidelines(self) -> "Guidelines":
        """What belongs to each theme, for people who label.

        Raises:
            ConfigurationError: a file of theirs has faults; all are told at once.
        """
        from programme.guidelines import guidelines_or_raise

        return guidelines_or_raise(self.settings.config, self.configuration.programme)

    @cached_property
    def messages(self) -> Messages:
        """Words for people: the shipped catalogues under those of the configuration."""
        return Messages.load(shipped_directory(), self.settings.config)

    @cached_property
    def corpus(self) -> "Corpus":
        """The corpus; a SQLite database is created or upgraded on the way.

        Raises:
            MisuseError: the database is newer than the program, or a PostgreSQL one needs `db upgrade`.
        """
        from corpus.store import Corpus

        if self.settings.database.startswith("sqlite"):
            self._make_data_directory()
        return self._open.enter_context(Corpus.open(self.settings.database, custody=self._custody()))

    def _custody(self) -> "Custody":
        from corpus.custody import LEDGER, Custody
        from corpus.marks import Keys

        data = self.settings.data
        return Custody(
            keys=Keys(data / ERASURE_KEY, lambda: self.secrets("PSEUDONYM_KEY")),
            ledger=data / LEDGER,
            forget_texts=self._forget_vectors,
        )

    def _forget_vectors(self, texts: Sequence[str]) -> None:
        from language.vectors import forget_vectors

        forget_vectors(self.settings.data / "vectors", texts)

    @cached_property
    def lemmatiser(self) -> "Lemmatiser":
        """Lemmas of the programme's languages, from tries in the data directory."""
        from language.lemma import Lemmatiser

        return Lemmatiser(self.settings.data / "lemmas", self.configuration.programme.languages)

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """By what posts are found: words, and their dictionary forms in the programme's languages."""
        from corpus.vocabulary import Vocabulary
        from language.identify import Identifier
        from language.lemma import Lemmatiser

        languages = self.configuration.programme.languages
        # The vocabulary remembers what it makes of a word; another memory in front of it would only take room.
        lemmatiser = Lemmatiser(self.settings.data / "lemmas", languages, words_kept=0)
        identifier = Identifier(languages)
        return Vocabulary(
            languages,
            lemma=lemmatiser.lemma,
            identify=identifier.identify_words,
            identify_all=identifier.identify_all,
            dictionaries=lemmatiser.version,
        )

    @cached_property
    def vectors(self) -> "Vectors | None":
        """Sentence vectors, kept in the data directory; None where the machine has none."""
        from language.vectors import open_vectors

        self._make_data_directory()
        try:
            return open_vectors(self.settings.data / "vectors")
        except OSError:
            return open_vectors(None)  # a directory that may only be read: they are made anew each time

    def tell_missing_vectors(self) -> None:
        """Warn where this machine has no sentence vectors: answers come from words alone, and are right less often."""
        from language.vectors import why_unavailable

        if not self.quiet and (why := why_unavailable()):
            tell_warning(f"No sentence vectors ({why}): texts are sorted by their words alone, which is less accurate.")

    def _make_data_directory(self) -> None:
        data = self.settings.data
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise MisuseError(
                f"{data} cannot be the data directory: {error.strerror}.",
                "Name a directory that you may write to with --data.",
            ) from error

    @property
    def models(self) -> Path:
        """Directory of the trained classifiers, one directory a version."""
        return self.settings.data / "models"

    @property
    def classifier(self) -> "Classifier":
        """The classifier in use: the active model, else the cold start from the theme texts.

        A program that runs for months notices when somebody has trained another.
        """
        from runtime.jobs.classify import model_stamp, open_classifier

        stamp = model_stamp(self.models)
        if self._classifier is None or self._classifier[0] != stamp:
            self._classifier = stamp, open_classifier(self)
        return self._classifier[1]

    def week(self, name: str | None) -> Week:
        """Return the named week, else the last whole one by the program's clock."""
        if name:
            return Week.named(name)
        return Week.of(self.clock(), self.configuration.programme.zone).plus(-1)

    def tell(self, value: object, lines: Sequence[str]) -> None:
        """Print a result: as one JSON value where asked, else as lines."""
        if self.as_json:
            tell_json(value)
        else:
            tell_lines(lines)

"""What Annif, fastText through Annif, and river answer; run by ``classifier.py`` in an environment of their own.

    python benchmarks/classifier_peers.py < ROWS

Reads a JSON line for each set, ``{learn: [[text, lang, class]…], aside: [[text, lang]…]}``, and writes one: the classes
that each peer gives the texts kept aside, or why it gives none. Annif trains one project a language, as its authors
advise; river learns the examples once, in their order, as it does a stream.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

Answers = list[str]
Peer = Callable[[list[list[str]], list[list[str]]], Answers]
ANALYSERS = {"fi": "snowball(finnish)", "sv": "snowball(swedish)", "en": "snowball(english)"}
BACKENDS = {
    "tfidf": "",
    "svc": "min_df=1\n",
    "fasttext": "dim=100\nlr=0.5\nepoch=50\nloss=softmax\nminn=3\nmaxn=5\nlimit=1\nchunksize=24\n",
}


def annif(backend: str) -> Peer:
    """Return Annif with a backend, as its wiki sets it up."""

    def answer(learn: list[list[str]], aside: list[list[str]]) -> Answers:
        answers = [""] * len(aside)
        for language in sorted({row[1] for row in aside}):
            here = [i for i, row in enumerate(aside) if row[1] == language]
            of_language = [row for row in learn if row[1] == language] or learn
            found = annif_project(backend, language, of_language, [aside[i][0] for i in here])
            for i, one in zip(here, found, strict=True):
                answers[i] = one
        return answers

    return answer


def annif_project(backend: str, language: str, learn: list[list[str]], texts: list[str]) -> Answers:
    """Train a project in a directory of its own and return its first suggestion for each text, "" where none."""
    import annif as library
    import nltk
    from annif.corpus import Document, DocumentFileTSV
    from annif.registry import get_project, initialize_projects
    from annif.vocab import VocabFileTSV

    # A post is taken for one sentence: the splitter's data would have to be downloaded, and words are what counts.
    nltk.tokenize.sent_tokenize = lambda text, language="english": [text]  # noqa: ARG005 - its signature
    classes = sorted({row[2] for row in learn})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "vocabulary.tsv").write_text(
            "".join(f"<http://example.org/{i}>\t{one}\n" for i, one in enumerate(classes)), encoding="utf-8"
        )
        rows = (f"{' '.join(row[0].split())}\t<http://example.org/{classes.index(row[2])}>\n" for row in learn)
        (folder / "learn.tsv").write_text("".join(rows), encoding="utf-8")
        (folder / "projects.cfg").write_text(
            f"[it]\nname=it\nlanguage={language}\nbackend={backend}\nvocab=classes\nanalyzer={ANALYSERS[language]}\n"
            + BACKENDS[backend],
            encoding="utf-8",
        )
        app = library.create_flask_app()
        app.config |= {"PROJECTS_CONFIG_PATH": str(folder / "projects.cfg"), "DATADIR": str(folder / "data")}
        app.config["INITIALIZE_PROJECTS"] = False
        initialize_projects(app)
        with app.app_context():
            project = get_project("it")
            project.vocab.load_vocabulary(VocabFileTSV(str(folder / "vocabulary.tsv"), language))
            project.train(DocumentFileTSV(str(folder / "learn.tsv"), project.subjects), jobs=1)
            found = [next(iter(project.suggest([Document(text=text)])[0]), None) for text in texts]
    return [classes[one.subject_id] if one else "" for one in found]


def river(learn: list[list[str]], aside: list[list[str]]) -> Answers:
    """Return river's naive Bayes over a bag of words, the recipe of its documentation."""
    from river import feature_extraction, naive_bayes

    words = feature_extraction.BagOfWords(lowercase=True, ngram_range=(1, 2))
    model = words | naive_bayes.MultinomialNB(alpha=1)
    for text, _, one in learn:
        model.learn_one(text, one)
    return [str(model.predict_one(text)) for text, _ in aside]


def main() -> None:
    """Answer each line; a peer that fails says why, and the others go on."""
    peers: dict[str, Peer] = {f"Annif {backend}": annif(backend) for backend in BACKENDS} | {"river": river}
    for line in sys.stdin:
        asked = json.loads(line)
        told: dict[str, Sequence[str] | str] = {}
        for name, peer in peers.items():
            try:
                told[name] = peer(asked["learn"], asked["aside"])
            except Exception as error:  # noqa: BLE001 - a peer's own failure is its result
                told[name] = f"{type(error).__name__}: {error}"
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()

"""A schedule of faults on a stream, drawn from a seed."""

from random import Random

from tests.collector.ear import Ear
from tests.collector.fake_stream import TAG

WRITER = "did:plc:asukas1"


def run_schedule(ear: Ear, seed: int) -> None:
    """Let things happen and connections break at random, then hear all there is and compare."""
    chance = Random(seed)
    texts: dict[str, str] = {}
    buried: set[str] = set()
    broken = ["drop 1", "drop 2", "drop 5", "error ConsumerTooSlow 2", "503", "429", "429 90", "html", ""]
    asked = ["429 reset", "503", "rst", "html", "truncated"]
    for step in range(12):
        for number in range(chance.randrange(5)):
            did = f"did:plc:asukas{chance.randrange(4)}"
            alive = sorted(texts)
            match chance.choice(["post", "post", "post", "delete", "edit", "other", "close"]):
                case "delete" if alive:
                    gone = chance.choice(alive)
                    ear.stream.delete(gone)
                    buried.add(gone)
                    del texts[gone]
                case "edit" if alive:
                    edited = chance.choice(alive)
                    texts[edited] = f"Korjattu {step} {number} #{TAG}"
                    ear.stream.post(texts[edited], did=edited.split("/")[2], edits=edited)
                case "close" if chance.random() < 0.3:
                    ear.stream.account(did, status="deactivated")
                    closed = {uri for uri in alive if uri.split("/")[2] == did}
                    buried |= closed
                    texts = {uri: text for uri, text in texts.items() if uri not in closed}
                case "other":
                    ear.stream.post("Muuta asiaa", did=did)
                case _:
                    text = f"Keksitty {step} {number} 🌲 #{TAG}"
                    texts[ear.stream.post(text, did=did)] = text
        ear.search.faults.extend(chance.choices(asked, k=chance.randrange(2)))
        ear.hear(*filter(None, [chance.choice(broken)]))
        ear.search.faults.clear()
        ear.clock.pass_by(seconds=chance.choice([1, 30, 1000]))
    ear.stream.faults.clear()
    ear.clock.pass_by(minutes=16)
    assert ear.hear().problem is None
    found = {uri: ear.post(uri) for uri in ear.stored()}
    assert {uri: post.text for uri, post in found.items() if post.gone is None} == texts
    assert {uri for uri, post in found.items() if post.gone is not None} <= buried
    assert (ear.stream.too_early, ear.search.too_early) == ([], [])

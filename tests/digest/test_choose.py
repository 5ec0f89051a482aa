"""What tells of a theme: a central post that may be quoted, and its largest discussion."""

from datetime import UTC, datetime, timedelta
from typing import Any

from corpus.post import Author, ClassifiedPost, Label, Post, Prediction, Reason, StoredPost
from digest.choose import doubts, sections, telling_first

AT = datetime(2026, 11, 17, tzinfo=UTC)
SLUGS = ("a", "b")


def said(native_id: str, text: str | None, **changes: Any) -> ClassifiedPost:  # noqa: ANN401 - any field of the carrier
    """Return a judged post."""
    theme, scores = changes.pop("theme", "a"), changes.pop("scores", {"a": 0.6, "b": 0.3, "none": 0.1})
    labels = tuple(Label(theme=one, by="x", at=AT) for one in changes.pop("labels", ()))
    judged, lang = changes.pop("judged", True), changes.pop("lang", "fi")
    joined = changes.pop("joined", None)
    fields: dict[str, Any] = {
        "network": "mastodon",
        "native_id": native_id,
        "author": Author(native_id=changes.pop("author", native_id), handle="h", name="n"),
        "text": text,
        "created_at": AT + timedelta(minutes=int(native_id)),
        "via": "hashtag",
    }
    prediction = Prediction(
        model="m",
        lang=lang,
        theme=theme,
        themes=(),
        confidence=0.7,
        scores=scores,
        reasons=() if theme else (Reason(kind="unsure", text=""),),
    )
    stored = StoredPost(
        post=Post(**(fields | changes)),
        post_id=1,
        source="s",
        first_seen_at=AT,
        last_seen_at=AT,
        lang=lang,
        discussion=joined,
    )
    return ClassifiedPost(stored=stored, prediction=prediction if judged else None, labels=labels)


LIBRARY = "kirjasto ja omatoimiaika lähellä asukkaita"
SCHOOL = "koulumatkat ja kuljetukset yli kuntarajan"


def test_the_central_post_comes_first() -> None:
    """Words that many share lead; a short cry, a post without a text, and a writer's second post do not."""
    posts = [
        said("1", SCHOOL),
        said("2", LIBRARY),
        said("3", "kirjasto omatoimiaika asukkaita varten iltaisin"),
        said("4", "kirjasto!"),
        said("5", None),
        said("6", LIBRARY, author="2"),
    ]
    assert [post.stored.post.native_id for post in telling_first(posts)] == ["2", "3", "1", "4"]


def test_a_labelled_post_is_surer_than_a_predicted_one() -> None:
    """A person's judgement weighs more than the classifier's, which weighs more than nothing."""
    posts = [said("1", LIBRARY), said("2", SCHOOL, labels=["a"]), said("3", "aivan muuta tästä samasta", judged=False)]
    assert telling_first(posts)[0].stored.post.native_id == "2"


def test_a_theme_shows_a_quote_and_a_discussion() -> None:
    """One text is quoted, then the largest exchange; further quotable texts are not."""
    posts = [
        said("1", LIBRARY, network="x"),
        said("2", SCHOOL, network="x"),
        said("3", "mitä tästä ajatellaan kunnassa", lang="sv", joined="mastodon:3"),
        said("4", "samaa mieltä ollaan täällä", joined="mastodon:3"),
    ]
    (a, b) = sections(posts, SLUGS, lambda post: post.stored.post.network == "x")
    assert [(item.post, item.posts) for item in a.items] == [("x:1", 1), ("mastodon:3", 2)]
    assert (a.items[1].networks, a.items[1].language) == (("mastodon",), None)
    assert b.items == ()


def test_without_quotes_unlike_posts_are_linked() -> None:
    """A second post that says the same as the quoted one is passed over."""
    posts = [said("1", LIBRARY, network="x"), said("2", f"{LIBRARY} nyt"), said("3", SCHOOL)]
    (a, _) = sections(posts, SLUGS, lambda post: post.stored.post.network == "x")
    assert [item.post for item in a.items] == ["x:1", "mastodon:3"]


def test_a_discussion_belongs_to_the_theme_of_most_of_its_posts() -> None:
    """Posts of the discussion on another theme do not move it; unclear ones decide nothing."""
    posts = [
        said("1", LIBRARY, joined="mastodon:1", labels=["unsure"]),
        said("2", SCHOOL, joined="mastodon:1", labels=["unsure"]),
        said("3", "viesti toisesta teemasta tässä näin", theme="b", joined="mastodon:1"),
    ]
    (a, b) = sections(posts, SLUGS, lambda _: False)
    assert (len(a.items), [item.posts for item in b.items]) == (0, [3])


def test_one_discussion_is_one_example() -> None:
    """Two telling posts of one discussion, on two networks, are not both shown; nor one beside its own discussion."""
    alone = [
        said("1", LIBRARY, joined="mastodon:1", author="1"),
        said("2", SCHOOL, network="x", joined="mastodon:1", author="1"),
        said("3", "jäteasema avataan lauantaisin pienille kuormille"),
    ]
    (a, _) = sections(alone, SLUGS, lambda _: False)
    assert len({item.post for item in a.items} & {"mastodon:1", "x:2"}) == 1
    assert "mastodon:3" in {item.post for item in a.items}
    answered = [*alone, said("4", "samaa mieltä ollaan täällä", joined="mastodon:1")]
    (a, _) = sections(answered, SLUGS, lambda post: post.stored.post.network == "x")
    assert {(item.post, item.posts) for item in a.items} == {("mastodon:3", 1), ("mastodon:1", 3)}


def test_doubts_ask_about_the_closest_themes() -> None:
    """The post between two nearly equal themes comes first; labelled and textless ones are not asked about."""
    near = said("1", "teksti", theme=None, scores={"a": 0.4, "b": 0.39, "none": 0.21, "other": 0.0})
    far = said("2", "teksti", theme=None, scores={"a": 0.5, "b": 0.2, "none": 0.3})
    single = said("5", "teksti", theme=None, scores={"a": 1.0})
    done = said("3", "teksti", theme=None, labels=["unsure"])
    gone = said("4", None, theme=None)
    found = doubts([far, single, near, done, gone, said("6", "teksti")], SLUGS)
    assert [(doubt.post, doubt.candidates) for doubt in found] == [
        ("mastodon:1", ("a", "b")),
        ("mastodon:2", ("a", "none")),
        ("mastodon:5", ("a",)),
    ]

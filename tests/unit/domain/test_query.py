"""The search language: what each term means, how it is spelled, what is said when it is not understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from reviewdesk.domain import query_terms
from reviewdesk.domain.query import (
    And,
    Created,
    Effect,
    Field,
    Has,
    Is,
    NoScore,
    Not,
    Or,
    Overdue,
    Query,
    QueryError,
    Replied,
    Stars,
    Words,
    parse,
)

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC).timestamp()


def root(text: str, **kwargs: object) -> object:
    return parse(text, now=NOW, tz=UTC, **kwargs).root  # type: ignore[arg-type]


def seconds(*parts: int, tz: object = UTC) -> int:
    return int(datetime(*parts, tzinfo=tz).timestamp())  # type: ignore[arg-type, misc]


A, B, C = Words(("a",)), Words(("b",)), Words(("c",))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", None),
        ("   ", None),
        ("Étui", Words(("etui",))),
        ("étui*", Words(("etui",), True)),
        ('"some Words"', Words(("some", "words"))),
        ('"some words"*', Words(("some", "words"), True)),
        ("“some words”", Words(("some", "words"))),
        ("foo-bar", Words(("foo", "bar"))),
        ("寿司", Words(("寿", "司"))),
        ("http://shop.example", Words(("http", "shop", "example"))),
        ("10:30", Words(("10", "30"))),
        ("or", Words(("or",))),
        ('"OR"', Words(("or",))),
        ("a b", And((A, B))),
        ("a & b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("((a))", A),
        ("-a", Not(A)),
        ("--a", A),
        ("-(a b)", Not(And((A, B)))),
        ("-(-a)", A),
        ('-"a b"', Not(Words(("a", "b")))),
        ("stars:2", Stars(2, 2)),
        ("stars:=2", Stars(2, 2)),
        ("stars:4.5", Stars(4.5, 4.5)),
        ("stars:4,5", Stars(4.5, 4.5)),
        ("stars:<=2", Stars(None, 2)),
        ("stars:<2", Stars(None, 2, open_high=True)),
        ("stars:>=4", Stars(4, None)),
        ("stars:>4", Stars(4, None, open_low=True)),
        ("stars:1..3", Stars(1, 3)),
        ("stars:3..1", Stars(1, 3)),
        ("stars:..3", Stars(None, 3)),
        ("Stars:3..", Stars(3, None)),
        ("score:none", NoScore()),
        ("stars:none", NoScore()),
        ("score:<=2", Stars(None, 2)),
        ("is:needs-reply", Is("needs-reply")),
        ("IS:Needs_Reply", Is("needs-reply")),
        ('is:"under moderation"', Is("under-moderation")),
        ("state:done", Is("done")),
        ("has:photo", Has("photo")),
        ("has:picture", Has("photo")),
        ("provider:trustpilot", Field("provider", "trustpilot")),
        ('provider:"Guaranteed Reviews"', Field("provider", "guaranteed-reviews")),
        ('account:"ACME  Dänemark"', Field("account", "acme danemark")),
        ("lang:FR", Field("lang", "fr")),
        ("lang:none", Field("lang", "none", none=True)),
        ('lang:"none"', Field("lang", "none")),
        ("account:none", Field("account", "none")),
        ("sku:AB-1*", Field("sku", "ab-1", True)),
        ("from:Zoé", Field("from", "zoe")),
        ("from:zoe@example.org", Field("from", "zoe example org")),
        ('product:"Casque X2"', Field("product", "casque x2")),
        ("order:FR-2024/0012", Field("order", "fr20240012")),
        ("tag:Urgent", Field("tag", "urgent")),
        ("owner:me", Field("owner", "me")),
        ("owner:none", Field("owner", "none", none=True)),
        ("source:google", Field("source", "google")),
        ("before:2026-01-31", Created(None, seconds(2026, 1, 31))),
        ("after:2026-01-31", Created(seconds(2026, 2, 1), None)),
        ("before:2026-02", Created(None, seconds(2026, 2, 1))),
        ("after:2025-12", Created(seconds(2026, 1, 1), None)),
        ("after:2024", Created(seconds(2025, 1, 1), None)),
        ("before:today", Created(None, seconds(2026, 3, 31))),
        ("after:yesterday", Created(seconds(2026, 3, 31), None)),
        ("older:7d", Created(None, seconds(2026, 3, 24, 12))),
        ("newer:36h", Created(seconds(2026, 3, 30, 0), None)),
        ("older:2w", Created(None, seconds(2026, 3, 17, 12))),
        ("older:1m", Created(None, seconds(2026, 2, 28, 12))),
        ("newer:1Y", Created(seconds(2025, 3, 31, 12), None)),
    ],
)
def test_reads(text: str, wanted: object) -> None:
    assert root(text) == wanted
    canonical = parse(text, now=NOW, tz=UTC).canonical
    assert root(canonical) == wanted
    assert parse(canonical, now=NOW, tz=UTC).canonical == canonical


@pytest.mark.parametrize(
    ("text", "term", "position", "suggestion"),
    [
        ("good starz:2", "starz:2", 5, "stars:2"),
        ("is:unred", "is:unred", 0, "is:unread"),
        ("a -is:photo", "is:photo", 3, "has:photo"),
        ("has:unread", "has:unread", 0, "is:unread"),
        ("has:pho", "has:pho", 0, "has:photo"),
        ("langage:fr", "langage:fr", 0, "lang:fr"),
        ("stars:many", "stars:many", 0, "stars:<=2"),
        ("stars:9", "stars:9", 0, "stars:5"),
        ("stars:", "stars:", 0, "stars:<=2"),
        ('is:""', 'is:""', 0, "is:new"),
        ("before:2026-02-30", "before:2026-02-30", 0, "before:2026-01-31"),
        ("after:0000", "after:0000", 0, "after:2026-01-31"),
        ("older:7", "older:7", 0, "older:7d"),
        ("from:!!!", "from:!!!", 0, "from:anna"),
        ("(a", "(", 0, None),
        ("a)", ")", 1, None),
        ("a OR", "OR", 2, None),
        ("OR a", "OR", 0, None),
        ('"a', '"a', 0, None),
        ("!!!", "!!!", 0, None),
        ("()", "()", 0, None),
    ],
)
def test_says_what_it_does_not_understand(
    text: str, term: str, position: int, suggestion: str | None
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, now=NOW, tz=UTC)
    error = caught.value
    assert (error.term, error.position, error.suggestion) == (term, position, suggestion)
    assert suggestion is None or suggestion in error.remedy
    typed = parse(text, now=NOW, tz=UTC, as_typed=True)
    assert all(problem.term == text[problem.start : problem.end] for problem in typed.problems)


def test_an_unknown_operator_does_not_empty_the_list() -> None:
    typed = parse("colour:red is:new late", now=NOW, as_typed=True)
    assert typed.root == And((Is("new"), Words(("late",), True)))
    (problem,) = typed.problems
    assert (problem.term, problem.start, problem.end) == ("colour:red", 0, 10)
    assert "colour:" in problem.message


def test_the_last_word_is_a_beginning_while_it_is_typed() -> None:
    assert root("late del", as_typed=True) == And((Words(("late",)), Words(("del",), True)))
    assert root("late del ", as_typed=True) == And((Words(("late",)), Words(("del",))))
    assert root("late del") == And((Words(("late",)), Words(("del",))))
    assert root('"late del', as_typed=True) == Words(("late", "del"), True)
    assert root('"late del"', as_typed=True) == Words(("late", "del"))
    assert root("from:ann", as_typed=True) == Field("from", "ann", True)
    assert root("lang:fr", as_typed=True) == Field("lang", "fr")
    for unfinished in ("late stars:", "late is:", "late -", "late (", "late OR", 'late "'):
        assert root(unfinished, as_typed=True) in (Words(("late",)), Words(("late",), True)), unfinished


def test_days_are_those_of_the_given_zone() -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    spring = parse("after:2026-03-28 before:2026-03-30", now=NOW, tz=kyiv).root
    assert spring == And(
        (
            Created(seconds(2026, 3, 29, tz=kyiv), None),
            Created(None, seconds(2026, 3, 30, tz=kyiv)),
        )
    )
    assert seconds(2026, 3, 30, tz=kyiv) - seconds(2026, 3, 29, tz=kyiv) == 23 * 3600
    west = timezone(timedelta(hours=-11))
    assert parse("before:today", now=NOW, tz=west).root == Created(None, seconds(2026, 3, 31, tz=west))
    # The machine's own zone.
    day = parse("before:2026-01-31", now=NOW).root
    assert isinstance(day, Created)
    assert day.high_s == int(datetime(2026, 1, 31).timestamp())


def test_ends_of_the_calendar() -> None:
    for text in ("before:0001-01-01", "after:9999-12-31", "after:9999", "older:999999y", "newer:999999w"):
        assert isinstance(root(text), Created), text
        assert isinstance(parse(text, now=NOW).root, Created), text


def test_known_values_are_checked_where_they_are_given() -> None:
    known = {"provider": ["trustpilot", "sitejabber"], "account": ["ACME Dänemark"], "tag": []}
    assert root("provider:Trustpilot account:acme*", known=known) == And(
        (Field("provider", "trustpilot"), Field("account", "acme", True))
    )
    with pytest.raises(QueryError) as caught:
        parse("provider:trustpilto", now=NOW, known=known)
    assert caught.value.suggestion == "provider:trustpilot"
    with pytest.raises(QueryError) as caught:
        parse("account:acmee", now=NOW, known=known)
    assert caught.value.suggestion == 'account:"ACME Dänemark"'
    with pytest.raises(QueryError):
        parse("tag:x", now=NOW, known=known)
    assert root("lang:xx", known=known) == Field("lang", "xx")


def test_chips_are_the_parts_of_the_text() -> None:
    text = '-has:reply  (a OR b) stars:<=2 "late delivery"'
    query = parse(text, now=NOW)
    assert [(c.text, c.kind, c.value, c.negated) for c in query.chips] == [
        ("-has:reply", "has", "reply", True),
        ("(a OR b)", "group", "a OR b", False),
        ("stars:<=2", "stars", "<=2", False),
        ('"late delivery"', "text", "late delivery", False),
    ]
    assert [text[c.start : c.end] for c in query.chips] == [
        "-has:reply",
        "(a OR b)",
        "stars:<=2",
        '"late delivery"',
    ]
    for chip in query.chips:
        left = parse(query.without(chip), now=NOW)
        assert [c.text for c in left.chips] == [c.text for c in query.chips if c is not chip]
    (alternatives,) = parse("a OR b c", now=NOW).chips
    assert (alternatives.text, alternatives.start, alternatives.end) == ("(a OR b c)", 0, 8)
    assert parse(parse("a OR b", now=NOW).plus("is:new"), now=NOW).root == And((Or((A, B)), Is("new")))
    assert parse("", now=NOW).plus("is:new") == "is:new"


def test_what_a_query_asks_for() -> None:
    assert parse("a OR (b is:removed)", now=NOW).wants_removed
    assert not parse("a -is:removed", now=NOW).wants_removed
    assert parse("is:twin", now=NOW).wants_twins
    assert not Query().wants_twins
    query = parse('Étui -bad "good fit"* from:anna lang:fr Étui', now=NOW)
    assert query.needles == (("Étui", False), ("good fit", True), ("anna", False))


def test_limits() -> None:
    with pytest.raises(QueryError):
        parse("x" * 5_000, now=NOW)
    with pytest.raises(QueryError):
        parse("x " * 500, now=NOW)
    with pytest.raises(QueryError):
        parse("(" * 200 + "x" + ")" * 200, now=NOW)
    for text in ("x" * 5_000, "x " * 1_500, "(" * 2_000, "-" * 3_000 + "x", '"' * 3_001):
        parse(text, now=NOW, as_typed=True)
    deep = parse("(" * 200 + "x" + ")" * 200, now=NOW, as_typed=True)
    assert deep.problems


@pytest.mark.parametrize(
    ("text", "wanted", "spelled"),
    [
        ("replied:4h", Replied("<=", 4 * 3600), "replied:<=4h"),
        ("replied:<=4H", Replied("<=", 4 * 3600), "replied:<=4h"),
        ("replied:>2d", Replied(">", 2 * 86_400), "replied:>2d"),
        ("replied:<30min", Replied("<", 1_800), "replied:<30min"),
        ("replied:>=1w", Replied(">=", 7 * 86_400), "replied:>=1w"),
        ("replied:any", Replied("any"), "replied:any"),
        ("replied:None", Replied("none"), "replied:none"),
        ("effect:UP", Effect("up"), "effect:up"),
        ("is:overdue", Overdue(None), "is:overdue"),
    ],
)
def test_terms_about_our_replies(text: str, wanted: object, spelled: str) -> None:
    query = parse(text, now=NOW, tz=UTC)
    assert query.root == wanted and query.canonical == spelled
    assert parse(spelled, now=NOW, tz=UTC) == query


@pytest.mark.parametrize(("text", "near"), [("replied:soon", "replied:<=4h"), ("effect:upp", "effect:up")])
def test_what_is_no_term_about_our_replies(text: str, near: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, now=NOW)
    assert caught.value.suggestion == near


def test_overdue_knows_from_when_on() -> None:
    assert root("is:overdue", late_before=1_000) == Overdue(1_000)


def test_every_name_has_an_example_that_reads() -> None:
    more = {"stars", "is", "has", "before", "after", "older", "newer", "replied", "effect"}
    for name in sorted(query_terms.FIELDS | more):
        with pytest.raises(QueryError) as caught:
            parse(f"{name}:", now=NOW)
        suggestion = caught.value.suggestion
        assert suggestion is not None
        assert parse(suggestion, now=NOW).root is not None
    for value in query_terms.IS_VALUES:
        assert root(f"is:{value}") == (Overdue(None) if value == "overdue" else Is(value))
    for value in query_terms.EFFECT_VALUES:
        assert root(f"effect:{value}") == Effect(value)
    for value in query_terms.HAS_VALUES:
        assert root(f"has:{value}") == Has(value)

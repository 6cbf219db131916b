"""Retargeting over HTTP against the practice server (docs/providers/retargeting.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reviewdesk.domain.errors import (
    BadAnswer,
    NotAvailable,
    PermissionDenied,
    ProviderError,
    ServerError,
    SignInError,
)
from reviewdesk.domain.models import ActionKind, Rejected, ReviewKind, ReviewRecord
from reviewdesk.practice.keys import RETARGETING
from reviewdesk.practice.retargeting import ACTIVE
from tests.support.contexts import Box
from tests.support.desks import Desk, open_desk

CALL = r"/v1/email-campaigns/json-feedback$"
DAY = 86_400
WEEK = 7 * DAY


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk("retargeting") as made:
        yield made


class Read:
    """Syncs one after the other, as the store would keep them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.records: dict[str, ReviewRecord] = {}
        self.rejected: list[Rejected] = []
        self.given: list[ReviewRecord] = []
        self.cursor: dict[str, Any] = {}

    def sync(self, provider: Any = None, *, full: bool = False) -> Read:
        self.given, self.rejected = [], []
        for page in (provider or self.desk.provider).fetch(self.cursor, full=full):
            assert page.deletions == ()
            self.given += page.reviews
            self.rejected += page.rejected
            self.cursor = json.loads(json.dumps(page.cursor))
        self.records.update((r.native_id, r) for r in self.given)
        return self

    def of(self, order: str, product: str | None = None) -> ReviewRecord:
        (found,) = (
            r
            for r in self.records.values()
            if r.order_id == order and (r.product.id if r.product else None) == product
        )
        return found


def since(desk: Desk) -> int | None:
    asked = desk.last(CALL).query.get("t")
    return None if asked is None else int(asked)


def answer(desk: Desk, body: object, status: int = 200) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    desk.shop.faults.on(CALL, status=status, body=text, headers={"Content-Type": "application/json"})


# --- records -------------------------------------------------------------------------------------------


def test_feedback_on_orders_and_on_products(desk: Desk) -> None:
    found = Read(desk).sync()
    expected = 0
    for order in desk.server.orders():
        theirs = desk.server.feedback(order)
        if theirs["score"] is not None or theirs["comment"]:
            expected += 1
            record = found.of(order)
            assert (record.kind, record.score) == (ReviewKind.BUSINESS, theirs["score"])
            assert record.body == (theirs["comment"] or "") and record.created_at == theirs["added"]
            assert dict(record.private_facts)["Ordered on"]
        for product in theirs["products"]:
            expected += 1
            record = found.of(order, product["realid"])
            assert (record.kind, record.score) == (ReviewKind.PRODUCT, product["score"])
            assert record.body == (product["comment"] or "") and record.created_at == product["added"]
    assert len(found.records) == expected and found.rejected == []
    assert any(r.score is None and r.body for r in found.records.values())
    assert any(r.score is not None and not r.body for r in found.records.values())
    assert {(r.score_min, r.score_max) for r in found.records.values()} == {(0, 10)}
    assert desk.last(CALL).query == {"k": "(hidden)", "u": RETARGETING["customer_id"]}


def test_scores_and_comments_of_null(desk: Desk) -> None:
    desk.server.add_feedback("77001", score=None, comment="Numai text")
    desk.server.add_feedback("77002", score=0, comment=None)
    desk.server.add_feedback("77003", score=None, comment=None)
    desk.server.add_product_review("77003", "21", score=None, comment="Doar produsul")
    desk.server.add_product_review("77003", "22", score=7, comment=None)
    desk.server.add_feedback("77004", score=None, comment=None)
    desk.server.break_feedback(
        "77002",
        product_reviews=[{"realid": "23", "added_on": "2026-01-02 03:04:05", "score": None, "comment": ""}],
    )
    found = Read(desk).sync()
    assert (found.of("77001").score, found.of("77001").body) == (None, "Numai text")
    assert found.of("77002").score == 0, "a zero is a score"
    assert not [r for r in found.records.values() if r.order_id == "77003" and r.product is None]
    assert (found.of("77003", "21").score, found.of("77003", "22").body) == (None, "")
    places = {r.where.split(",")[-1].strip(): r.reason for r in found.rejected}
    assert len(found.rejected) == 2 and places["product 1"] == "neither a score nor a comment"


def test_ids_are_stable_whatever_else_changes(desk: Desk) -> None:
    desk.server.add_feedback("88001", score=9, comment="Bun", at=1_790_000_000)
    first = Read(desk).sync().of("88001")
    mark = f"{RETARGETING['customer_id']}|88001|2026-09-21 17:13:20"
    assert first.native_id == hashlib.sha1(mark.encode()).hexdigest()
    desk.server.edit_feedback("88001", score=2, comment="Nu mai este bun")
    for settings in ({}, {"timezone": "Asia/Tokyo"}, {"score_max": "5"}):
        again = Read(desk).sync(desk.open(**settings)).of("88001")
        assert again.native_id == first.native_id and again.body == "Nu mai este bun"
    other = Read(desk).sync(desk.open(customer_id=RETARGETING["customer_id"])).of("88001")
    assert other.native_id == first.native_id


def test_ids_differ_where_anything_that_names_them_does(desk: Desk) -> None:
    found = Read(desk).sync()
    desk.server.customer_id = "another-shop"
    other = Read(desk).sync(desk.open(customer_id="another-shop"))
    assert len(found.records) == len(found.given) and not found.records.keys() & other.records.keys()


def test_the_same_order_twice_with_other_dates_is_two(desk: Desk) -> None:
    one = {"order": {"orderno": 5, "date": None}, "score": 1, "added_on": "2026-01-01 00:00:00"}
    two = one | {"score": 2, "added_on": "2026-01-02 00:00:00"}
    answer(desk, {"status": "success", "data": [one, two, one]})
    assert sorted(r.score or 0 for r in Read(desk).sync().given) == [1, 2]


def test_score_scale_and_zone_are_settings(desk: Desk) -> None:
    order = desk.server.orders()[0]
    here = Read(desk).sync().of(order)
    there = Read(desk).sync(desk.open(score_max="5", timezone="UTC")).of(order)
    assert there.score_max == 5 and here.score_max == 10 and there.score == here.score
    assert there.created_at - here.created_at == 2 * 3600  # type: ignore[operator]
    for nonsense in ("0", "-3", "x", "nan", "1e99"):
        assert Read(desk).sync(desk.open(score_max=nonsense)).of(order).score_max == 10


def test_comments_are_plain_text(desk: Desk) -> None:
    desk.server.add_feedback("99001", comment="<b>Bun</b>\u0000 & ieftin\r\n")
    assert Read(desk).sync().of("99001").body == "<b>Bun</b> & ieftin"


# --- what is asked for ---------------------------------------------------------------------------------


def test_a_day_is_read_again_and_nothing_moves_without_news(desk: Desk) -> None:
    read = Read(desk).sync()
    assert since(desk) is None
    newest = max(r.created_at or 0 for r in read.records.values())
    cursor, known = read.cursor, dict(read.records)
    for _ in range(3):
        desk.clock.advance(3600)
        read.sync()
        assert since(desk) == newest - DAY
        assert read.cursor == cursor and read.records == known
    assert 0 < len(read.given) < len(known)


def test_new_feedback_within_the_overlap_is_not_missed(desk: Desk) -> None:
    read = Read(desk).sync()
    newest = max(r.created_at or 0 for r in read.records.values())
    desk.server.add_feedback("66001", comment="Cu o zi mai veche", at=newest - DAY + 60)
    read.sync()
    assert read.of("66001")


def test_everything_is_read_once_a_week(desk: Desk) -> None:
    read = Read(desk).sync()
    old = desk.server.orders()[-1]
    desk.server.add_product_review(old, "4711", score=9, comment="Abia acum")
    read.sync()
    assert not [r for r in read.records.values() if r.product and r.product.id == "4711"]
    desk.clock.advance(WEEK - 60)
    read.sync()
    assert since(desk) is not None
    desk.clock.advance(61)
    read.sync()
    assert since(desk) is None and read.of(old, "4711").body == "Abia acum"
    read.sync()
    assert since(desk) is not None


def test_a_person_may_read_everything_any_time(desk: Desk) -> None:
    read = Read(desk).sync()
    old = desk.server.orders()[-1]
    desk.server.edit_feedback(old, comment="Schimbat", score=3)
    read.sync()
    assert "Schimbat" not in {r.body for r in read.records.values()}
    read.sync(full=True)
    assert since(desk) is None and read.of(old).body == "Schimbat"
    desk.clock.advance(WEEK - 60)
    read.sync()
    assert since(desk) is not None, "the week counts from the last whole reading"


def test_a_clock_set_back_reads_everything(desk: Desk) -> None:
    read = Read(desk).sync()
    desk.clock.jump(-400 * DAY)
    read.sync()
    assert since(desk) is None


def test_a_date_in_the_future_hides_nothing(desk: Desk) -> None:
    read = Read(desk).sync()
    desk.server.add_feedback("55001", at=desk.clock.now() + 300 * DAY)
    read.sync()
    asked = int(desk.clock.now())
    read.sync()
    assert since(desk) == asked - DAY


def test_without_any_feedback_everything_is_asked_for_again(desk: Desk) -> None:
    desk.server.data["feedback"].clear()
    read = Read(desk).sync()
    assert read.given == [] and read.rejected == []
    desk.server.add_feedback("44001", at=desk.clock.now() - 30 * DAY)
    assert read.sync().of("44001")


def test_a_long_answer_is_given_out_in_pages(desk: Desk) -> None:
    one = {"order": {"orderno": "1"}, "score": 5, "comment": "x", "product_reviews": []}
    data = [one | {"order": {"orderno": str(n)}, "added_on": "2026-01-01 00:00:00"} for n in range(1201)]
    answer(desk, {"status": "success", "data": data})
    pages = list(desk.provider.fetch({}, full=False))
    assert [len(p.reviews) for p in pages] == [500, 500, 201, 0]
    assert [bool(p.cursor) for p in pages] == [False, False, False, True], (
        "stopped before, all is asked for again"
    )


# --- errors --------------------------------------------------------------------------------------------

SENTENCES = [
    ("No customer id provided!", SignInError),
    ("No rest key provided!", SignInError),
    ("Incorrect rest key!", SignInError),
    ("No customer found with the provided id!", SignInError),
    ("Your account is not active!", PermissionDenied),
    ("Something went wrong", ServerError),
]


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 409, 422, 500, 503])
@pytest.mark.parametrize(("sentence", "kind"), SENTENCES)
def test_the_body_decides_whatever_the_status(desk: Desk, sentence: str, kind: type, status: int) -> None:
    answer(desk, {"status": "error", "message": sentence}, status)
    with pytest.raises(ProviderError) as caught:
        Read(desk).sync()
    assert type(caught.value) is kind and caught.value.provider_words == sentence
    assert caught.value.remedy or kind is ServerError


@pytest.mark.parametrize("status", [200, 403, 500])
def test_wrong_key_wrong_customer_and_missing_ones(desk: Desk, status: int) -> None:
    desk.server.error_status = status
    wrong = Box({"rest_key": "WRONG0KEY"})
    for sibling in (False, True):
        desk.server.sibling_errors = sibling
        with pytest.raises(SignInError, match="REST API key"):
            Read(desk).sync(desk.open(box=wrong))
    for customer in ("nobody", ""):
        with pytest.raises(SignInError, match="customer id"):
            Read(desk).sync(desk.open(customer_id=customer))
    stages = list(desk.open(box=wrong).check())
    assert [s.stage for s in stages if not s.ok] == ["sign-in"] and "WRONG0KEY" not in repr(stages)
    before = desk.asked()
    with pytest.raises(SignInError):
        Read(desk).sync(desk.open(box=Box({})))
    assert desk.asked() == before


@pytest.mark.parametrize("state", [*ACTIVE, "Inactive", "Closed"])
def test_account_states(desk: Desk, state: str) -> None:
    desk.server.account_state = state
    if state in ACTIVE:
        assert Read(desk).sync().records
        return
    with pytest.raises(PermissionDenied, match="not active"):
        Read(desk).sync()
    assert [s.stage for s in desk.provider.check() if not s.ok] == ["permission"]


@pytest.mark.parametrize(
    "body",
    [
        # As the document prints it: no quotes around the outer names, commas missing, dots for the rest.
        '{ status: "success", data: [{ "order": { "orderno": "31" "date": "2026-05-04 19:57:50" }, "score": 8, '
        '"comment": "Bun", "added_on": "2026-05-20 14:25:27" "product_reviews": [] }, { ... }] }',
        '{"status": "success", "data": [{"order": {"orderno": "1"}, "score": 8',
        "success",
        "[]",
        '{"status": "success", "data": null}',
        '{"status": "success", "data": "none"}',
        '{"status": ["success"], "data": []}',
        "{}",
    ],
)
def test_an_answer_that_is_none_is_refused_readably(desk: Desk, body: str) -> None:
    answer(desk, body)
    with pytest.raises(BadAnswer) as caught:
        Read(desk).sync()
    message = caught.value.message
    assert message.startswith(("The answer can't be read", "Retargeting")) and len(message) < 300
    assert "31" not in message and "Bun" not in message, "nothing of the customers in messages"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"status": "fail", "data": {"validator": {"t": ["must be whole"], "u": ["is short"]}}},
            "must be whole; is short",
        ),
        ({"status": "Limit reached"}, "Limit reached"),
        ({"status": "error", "message": {"text": "x"}}, "error"),
        ({"status": "error", "message": "  ", "data": "see below"}, "see below"),
        ({"status": "", "message": "<b>Odd</b>"}, "Odd"),
    ],
)
def test_errors_in_other_shapes(desk: Desk, body: dict[str, Any], words: str) -> None:
    answer(desk, body)
    with pytest.raises(BadAnswer) as caught:
        Read(desk).sync()
    assert caught.value.provider_words == words


def test_a_broken_entry_costs_only_itself(desk: Desk) -> None:
    good = {"order": {"orderno": "1"}, "score": 5, "added_on": "2026-01-01 00:00:00"}
    bad: list[Any] = [
        7,
        None,
        [],
        {"order": 3},
        {"score": 5},
        good | {"score": {}},
        good | {"product_reviews": {}},
    ]
    products = [{"realid": "", "score": 1}, {"realid": 9, "score": "8"}, 4]
    answer(desk, {"status": "success", "data": [*bad, good | {"product_reviews": products}]})
    read = Read(desk).sync()
    assert [(r.kind, r.score) for r in sorted(read.given, key=lambda r: r.kind)] == [
        (ReviewKind.BUSINESS, 5),
        (ReviewKind.PRODUCT, 8),
    ]
    assert [r.where for r in read.rejected] == [
        *(f"feedback {n}" for n in range(1, 8)), "feedback 8, product 1", "feedback 8, product 3",
    ]  # fmt: skip


# --- the rest ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 500])
def test_no_key_is_written_into_an_error(desk: Desk, status: int) -> None:
    key = desk.box.values["rest_key"]
    answer(desk, {"status": "error", "message": f"Key {key} is odd"}, status)
    with pytest.raises(ProviderError) as caught:
        Read(desk).sync()
    assert key not in f"{caught.value} {caught.value.message} {caught.value.provider_words}"
    assert "is odd" in caught.value.provider_words


def test_nothing_can_be_sent(desk: Desk) -> None:
    Read(desk).sync()
    before = desk.asked()
    for kind in ActionKind:
        with pytest.raises(NotAvailable):
            desk.send(kind, desk.business("x"), "x")
    with pytest.raises(NotAvailable):
        desk.provider.thread(desk.business("x"))
    assert desk.asked() == before


def test_the_connection_test_asks_for_nothing_old(desk: Desk) -> None:
    stages = list(desk.provider.check())
    assert [s.stage for s in stages] == ["address", "connect", "sign-in", "permission", "read"]
    assert since(desk) == int(desk.clock.now()) and desk.asked() == 1


def test_raw_records_are_kept(desk: Desk) -> None:
    read = Read(desk).sync()
    for record in read.records.values():
        raw = json.loads(record.raw)
        assert raw["score"] == record.score
        assert replace(record, raw="").raw == ""

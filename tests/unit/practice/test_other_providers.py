"""The practice Guaranteed Reviews and Retargeting."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from reviewdesk.practice import PracticeShop
from reviewdesk.practice.keys import GUARANTEED_REVIEWS, RETARGETING
from tests.support.clock import FakeClock
from tests.support.practice import Wire

PUBLIC = f"/public/v3/reviews/{GUARANTEED_REVIEWS['public_key']}"
PRIVATE = {"api_key": GUARANTEED_REVIEWS["private_key"]}
FEEDBACK = "/email-campaigns/json-feedback"
KEYS = {"k": RETARGETING["rest_key"], "u": RETARGETING["customer_id"]}


def guaranteed(shop: PracticeShop) -> Wire:
    return Wire(shop.server.url("guaranteed-reviews"))


def retargeting(shop: PracticeShop) -> Wire:
    return Wire(shop.server.url("retargeting/v1"))


# --- Guaranteed Reviews ----------------------------------------------------------------------------


def test_public_reviews_of_the_shop_and_of_products(still: PracticeShop) -> None:
    got = guaranteed(still).get(f"{PUBLIC}/site").json
    reviews = got["reviews"]
    assert len(reviews) >= 15
    assert got["ratings"]["total"] == len(reviews)
    assert sum(int(n) for n in got["ratings"]["distribution"].values()) == len(reviews)
    assert isinstance(got["ratings"]["average"], str)
    assert [r["date"] for r in reviews] == sorted((r["date"] for r in reviews), reverse=True)
    kinds = Counter(type(r["r"]) for r in reviews)
    assert set(kinds) == {str, int}, "numbers come as text and as numbers"
    assert 0 < sum("lang" in r for r in reviews) < len(reviews)
    assert 0 < sum("o" in r for r in reviews) < len(reviews)
    assert any(r["reply"] and r["rdate"] for r in reviews)
    assert {r["rdate"] for r in reviews if not r["reply"]} == {""}
    assert not any("@" in str(r) for r in reviews)
    products = [
        guaranteed(still).get(f"{PUBLIC}/{number}").json["reviews"] for number in (2101, 2183, 2204, 2271)
    ]
    assert any(products)
    empty = guaranteed(still).get(f"{PUBLIC}/999").json
    assert (empty["reviews"], empty["ratings"]["distribution"]) == ([], [])


def test_dates_are_the_vendors_time(still: PracticeShop) -> None:
    review = still.guaranteed_reviews.review_ids()[0]
    at = still.guaranteed_reviews.review(review)["at"]
    got = next(r for r in guaranteed(still).get(f"{PUBLIC}/site").json["reviews"] if r["id"] == review)
    from datetime import UTC, datetime

    written = datetime.strptime(got["date"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp()
    assert written - at // 60 * 60 in (3_600, 7_200)


def test_wrong_keys(still: PracticeShop) -> None:
    wire = guaranteed(still)
    got = wire.get("/public/v3/reviews/wrong/site")
    assert got.status == 403
    assert got.json == {"code": "invalid_key", "message": "Invalid public key", "data": 403}
    assert wire.get("/private/v3/reviews", api_key="wrong").json["code"] == "invalid_key"
    assert wire.get("/private/v3/nothing").json["data"] == {"status": 404}
    entry = still.journal.entries("guaranteed-reviews", path="/private/v3/reviews$")[-1]
    assert entry.query["api_key"] == "(hidden)"
    assert GUARANTEED_REVIEWS["public_key"] not in repr(still.journal.entries("guaranteed-reviews"))


def test_private_reviews(still: PracticeShop) -> None:
    wire = guaranteed(still)
    got = wire.get("/private/v3/reviews", **PRIVATE, limit=10, page=2, review_type="both").json
    assert len(got["reviews"]) == 10
    assert set(got["reviews"][0]) == {
        "id", "order", "product", "review_rating", "review_text", "date_time", "reviewer_name", "reviewer_lastname",
        "reviewer_email", "review_status",
    }  # fmt: skip
    assert got["pagination"]["total_pages"] == -(-got["pagination"]["total_results"] // 10)
    site = wire.get("/private/v3/reviews", **PRIVATE, review_type="site", limit=1000).json
    assert {r["product"] for r in site["reviews"]} == {"no"}
    newer = wire.get("/private/v3/reviews", **PRIVATE, update_from="2026-05-01", limit=1000).json
    assert 0 < newer["pagination"]["total_results"] < got["pagination"]["total_results"]
    ascending = wire.get("/private/v3/reviews", **PRIVATE, sort="asc", limit=1000).json["reviews"]
    assert [r["date_time"] for r in ascending] == sorted(r["date_time"] for r in ascending)
    for wrong in (
        {"limit": 1001},
        {"page": 0},
        {"review_type": "all"},
        {"update_from": "May"},
        {"perPage": 1},
    ):
        assert wire.get("/private/v3/reviews", **(PRIVATE | wrong)).status == 403, wrong


def test_private_reviews_may_be_missing_from_a_plan(shop: PracticeShop) -> None:
    shop.guaranteed_reviews.private_reviews_offered = False
    shop.guaranteed_reviews.error_status = 200
    got = guaranteed(shop).get("/private/v3/reviews", **PRIVATE)
    assert (got.status, got.json["code"]) == (200, "forbidden")


ORDER = {
    "id_order": "9001",
    "order_date": "2026-05-01 10:00:00",
    "firstname": "Ola",
    "lastname": "Nord",
    "email": "ola.nord@example.org",
    "products": [{"id": 2101, "name": "Headset X2"}],
}


def test_orders(shop: PracticeShop) -> None:
    wire = guaranteed(shop)
    form = PRIVATE | {"orders": json.dumps([ORDER])}
    assert wire.post("/private/v3/orders", form=form).json == {
        "success": 1, "orders_count": 1, "products_imported": 1, "message": "OK",
    }  # fmt: skip
    assert wire.post("/private/v3/orders", PRIVATE | {"orders": [ORDER]}).json["success"] == 1
    assert len(shop.guaranteed_reviews.orders) == 2, "the same order twice is not noticed"
    missing = wire.post(
        "/private/v3/orders", form=PRIVATE | {"orders": json.dumps([ORDER | {"lastname": ""}])}
    ).json
    assert missing["success"] == 0
    assert missing["message"].startswith("Missing fields for array")
    for wrong in (
        "{",
        "[]",
        json.dumps([ORDER | {"order_date": "1 May"}]),
        json.dumps([ORDER | {"name": "x"}]),
    ):
        assert wire.post("/private/v3/orders", form=PRIVATE | {"orders": wrong}).json["success"] == 0
    assert (
        wire.post("/private/v3/orders", form={"api_key": "x", "orders": "[]"}).json["code"] == "invalid_key"
    )
    assert len(shop.guaranteed_reviews.orders) == 2


def test_guaranteed_reviews_change(shop: PracticeShop, clock: FakeClock) -> None:
    server, wire = shop.guaranteed_reviews, guaranteed(shop)
    clock.advance(60)
    new = server.add_review(stars=2, text="Bof & rebof.")
    first, second, third, *_ = server.review_ids()
    assert first == new
    assert wire.get(f"{PUBLIC}/site").json["reviews"][0]["txt"] == "Bof &amp; rebof."
    server.edit_review(second, text="Autrement.", stars=1)
    server.colleague_replies(second, "Merci.")
    server.remove_review(third)
    server.break_review(new, r="many")
    reviews = {r["id"]: r for r in wire.get(f"{PUBLIC}/site").json["reviews"]}
    assert third not in reviews
    assert reviews[new]["r"] == "many"
    assert (reviews[second]["txt"], str(reviews[second]["r"]), reviews[second]["reply"]) == (
        "Autrement.",
        "1",
        "Merci.",
    )
    assert len(reviews[second]["rdate"]) == 10
    server.mend()
    assert server.review(new)["stars"] == 2


# --- Retargeting -----------------------------------------------------------------------------------


def test_feedback(still: PracticeShop) -> None:
    got = retargeting(still).get(FEEDBACK, **KEYS).json
    assert got["status"] == "success"
    data = got["data"]
    assert len(data) >= 35
    assert set(data[0]) == {"order", "score", "comment", "added_on", "product_reviews"}
    assert set(data[0]["order"]) == {"orderno", "date"}
    reviews = [p for d in data for p in d["product_reviews"]]
    assert any(not d["product_reviews"] for d in data)
    assert any(p["score"] is None for p in reviews)
    assert any(p["comment"] is None for p in reviews)
    assert not any(p["score"] is None and p["comment"] is None for p in reviews)
    assert any(d["score"] is None for d in data)
    assert max(d["score"] or 0 for d in data) == 10
    assert all(len(d["added_on"]) == 19 for d in data)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"k": "x"}, "No customer id provided!"),
        ({"u": KEYS["u"]}, "No rest key provided!"),
        (KEYS | {"k": "x"}, "Incorrect rest key!"),
        (KEYS | {"u": "x"}, "No customer found with the provided id!"),
        (KEYS | {"t": "yesterday"}, "Something went wrong"),
    ],
)
def test_error_sentences(still: PracticeShop, query: dict[str, str], message: str) -> None:
    got = retargeting(still).get(FEEDBACK, **query)
    assert (got.status, got.json) == (200, {"status": "error", "message": message})


def test_account_states_and_bad_days(shop: PracticeShop) -> None:
    server, wire = shop.retargeting, retargeting(shop)

    def answer(**query: Any) -> Any:
        return wire.get(FEEDBACK, **(KEYS | query)).json

    for state in ("PAID", "PAYMENT ERROR", "ACCOUNT SUSPENDED"):
        server.account_state = state
        assert answer()["status"] == "success"
    for state in ("Inactive", "Closed"):
        server.account_state = state
        assert answer()["message"] == "Your account is not active!"
    server.account_state = "PAID"
    server.something_wrong = True
    assert answer()["message"] == "Something went wrong"
    server.something_wrong = False
    server.sibling_errors = True
    assert answer(k="wrong") == {"status": "Incorrect key"}
    assert RETARGETING["rest_key"] not in repr(shop.journal.entries("retargeting"))


def test_since(shop: PracticeShop, clock: FakeClock) -> None:
    server, wire = shop.retargeting, retargeting(shop)
    clock.advance(3_600)
    server.add_feedback("99001", score=2, comment=None)
    got = wire.get(FEEDBACK, **KEYS, t=int(clock.now()) - 60).json["data"]
    assert [d["order"]["orderno"] for d in got] == ["99001"]
    server.add_product_review("99001", "2101", score=None, comment="Târziu.")
    with pytest.raises(ValueError, match="without score and comment"):
        server.add_product_review("99001", "2101", score=None, comment=None)
    server.edit_feedback("99001", score=5)
    got = wire.get(FEEDBACK, **KEYS).json["data"][0]
    assert (got["score"], got["product_reviews"][0]["comment"]) == (5, "Târziu.")
    server.break_feedback("99001", score="five")
    assert wire.get(FEEDBACK, **KEYS).json["data"][0]["score"] == "five"
    server.mend()
    server.remove_feedback("99001")
    assert "99001" not in server.orders()
    old = server.orders()[-1]
    assert server.feedback(old)["orderno"] == old

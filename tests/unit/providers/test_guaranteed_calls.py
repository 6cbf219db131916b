"""Guaranteed Reviews over HTTP against the practice server (docs/providers/guaranteed-reviews.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NetworkError,
    NotAvailable,
    NotFound,
    PermissionDenied,
    ProviderError,
    RateLimited,
    Refused,
    ServerError,
    SignInError,
)
from reviewdesk.domain.models import ActionKind, Rejected, ReviewKind, ReviewRecord, Role
from reviewdesk.practice.keys import GUARANTEED_REVIEWS
from tests.support.contexts import Box
from tests.support.desks import Desk, open_desk

PUBLIC, PRIVATE, ORDERS = r"/public/v3/reviews/", r"/private/v3/reviews$", r"/private/v3/orders$"
ORDER = {
    "order_id": "HB-9", "order_date": "2026-11-02 09:30:00", "first_name": "Léa", "last_name": "Noël",
    "email": "lea@example.org",
}  # fmt: skip


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk("guaranteed-reviews") as made:
        yield made


@pytest.fixture
def public() -> Box:
    return Box({"public_key": GUARANTEED_REVIEWS["public_key"]})


class Read:
    def __init__(self, provider: Any) -> None:
        self.records: dict[str, ReviewRecord] = {}
        self.rejected: list[Rejected] = []
        self.given: list[str] = []
        for page in provider.fetch({}, full=False):
            assert page.deletions == () and page.cursor == {}
            self.records.update((r.native_id, r) for r in page.reviews)
            self.rejected += page.rejected
            self.given += [r.native_id for r in page.reviews]


def order_form(desk: Desk) -> dict[str, Any]:
    (order,) = json.loads(desk.sent(ORDERS)["orders"])
    assert isinstance(order, dict)
    return order


# --- public lists --------------------------------------------------------------------------------------


def test_public_lists_of_the_shop_and_its_products(desk: Desk, public: Box) -> None:
    found = Read(desk.open(box=public))
    assert set(found.records) == set(desk.server.data["reviews"])
    assert len(found.given) == len(set(found.given))
    for native_id, record in found.records.items():
        theirs = desk.server.review(native_id)
        assert record.score == theirs["stars"] and record.body == theirs["text"].strip()
        assert record.kind is (ReviewKind.PRODUCT if theirs["product"] else ReviewKind.BUSINESS)
        assert (record.product.id if record.product else None) == theirs["product"]
        assert record.created_at == theirs["at"] // 60 * 60
        assert (
            record.author.name == f"{theirs['given']} {theirs['family'][:1]}." and record.author.email is None
        )
        assert record.language in (theirs["language"], "fr")
    assert {len(p.path.split("/")) for p in desk.shop.journal.entries(path=PUBLIC)} == {6}


def test_the_public_key_and_a_scope_cannot_reach_another_call(desk: Desk) -> None:
    box = Box({"public_key": "../../private/v3/orders?x=/#"})
    with pytest.raises(SignInError):
        Read(desk.open(box=box, scopes="a/../b"))
    raw = desk.shop.journal.entries()[-1].path
    assert raw.startswith("/public/v3/reviews/") and raw.count("/") == 5


def test_replies_are_seen_with_text_and_date(desk: Desk, public: Box) -> None:
    first = Read(desk.open(box=public)).records
    native_id = next(i for i, r in first.items() if r.thread and not r.thread.comments)
    desk.server.colleague_replies(native_id, "Merci & à bientôt !")
    (reply,) = Read(desk.open(box=public)).records[native_id].thread.comments  # type: ignore[union-attr]
    assert (reply.text, reply.role, reply.id) == ("Merci & à bientôt !", Role.BUSINESS, "reply")
    paris = datetime.fromtimestamp(reply.created_at or 0, UTC).astimezone(ZoneInfo("Europe/Paris"))
    now = datetime.fromtimestamp(desk.clock.now(), UTC).astimezone(ZoneInfo("Europe/Paris"))
    assert (paris.date(), paris.hour) == (now.date(), 0)


@pytest.mark.parametrize(
    "half",
    [{"reply": "Draft", "rdate": ""}, {"reply": "", "rdate": "2026-01-01"}, {"reply": None, "rdate": None}],
)
def test_half_a_reply_is_none(desk: Desk, public: Box, half: dict[str, Any]) -> None:
    native_id = desk.server.review_ids()[0]
    desk.server.break_review(native_id, **half)
    thread = Read(desk.open(box=public)).records[native_id].thread
    assert thread is not None and thread.comments == ()


def test_entities_translation_and_odd_scores(desk: Desk, public: Box) -> None:
    one, two, three = desk.server.review_ids()[:3]
    desk.server.break_review(
        one, txt="Tr&egrave;s bien &lt;3", c="J&eacute;r&ocirc;me B.", transl=1, lang="DE"
    )
    desk.server.break_review(two, r="0", transl="0", o=None, date="")
    desk.server.break_review(three, c="Anonymous", txt=None, r=None)
    found = Read(desk.open(box=public)).records
    assert (found[one].body, found[one].author.name) == ("Très bien <3", "Jérôme B.")
    assert found[one].language == "de" and found[one].facts == (("Translated", "The text is a translation"),)
    assert found[two].score is None and found[two].created_at is None and found[two].facts == ()
    assert found[three].anonymised and found[three].body == "" and found[three].score is None


def test_the_account_s_language_and_zone(desk: Desk, public: Box) -> None:
    native_id = desk.server.review_ids()[0]
    desk.server.break_review(native_id, lang="", transl=0)
    there = Read(desk.open(box=public, language="IT", timezone="Europe/London")).records[native_id]
    here = Read(desk.open(box=public, language="")).records[native_id]
    assert (there.language, here.language) == ("it", None)
    assert there.created_at - here.created_at == 3600  # type: ignore[operator]


def test_whole_list_compare_never_deletes(desk: Desk, public: Box) -> None:
    before = Read(desk.open(box=public)).records
    gone = desk.server.review_ids()[0]
    desk.server.remove_review(gone)
    after = Read(desk.open(box=public)).records
    assert {k: v for k, v in before.items() if k != gone} == after


def test_the_first_thousand_of_a_long_list(desk: Desk, public: Box) -> None:
    pattern = desk.server.review(desk.server.review_ids()[0])
    with desk.server.lock:
        desk.server.data["reviews"] = {
            str(n): pattern | {"id": str(n), "product": None, "at": pattern["at"] - n} for n in range(1, 1301)
        }
    provider = desk.open(box=public, scopes="site")
    assert len(Read(provider).records) == 1000
    summary = provider.summary("site")
    assert summary.total == 1300 and sum(summary.distribution.values()) == 1300
    desk.box.values["private_key"] = GUARANTEED_REVIEWS["private_key"]
    found = Read(desk.open(scopes="site"))
    assert len(found.records) == 1300 and found.rejected == []
    replies_unknown = [r for r in found.records.values() if r.thread is None]
    assert len(replies_unknown) == 300, "beyond the public thousand nobody tells of replies"


def test_summary_with_numbers_as_text_and_an_empty_distribution(desk: Desk) -> None:
    site = desk.provider.summary("site")
    assert site.total == len(desk.server.review_ids()) and 1 <= site.average <= 5
    assert set(site.distribution) == {1, 2, 3, 4, 5}
    nothing = desk.provider.summary("no-such-product")
    assert (nothing.total, nothing.distribution) == (0, {})
    body = {
        "ratings": {"total": "7", "average": 4.5, "distribution": {"5": 7, "4": "x", "3": None}},
        "reviews": [],
    }
    desk.shop.faults.on(PUBLIC, body=json.dumps(body))
    odd = desk.provider.summary("site")
    assert (odd.total, odd.average, odd.distribution) == (7, 4.5, {1: 0, 2: 0, 3: 0, 4: 0, 5: 7})


def test_a_review_in_two_lists_is_one_and_belongs_to_its_product(desk: Desk, public: Box) -> None:
    native_id = desk.server.review_ids("2101")[0]
    with desk.server.lock:
        scope = desk.server._scope
        desk.server._scope = lambda name: (
            scope(name) + ([desk.server.data["reviews"][native_id]] if name == "site" else [])
        )
    found = Read(desk.open(box=public))
    assert found.given.count(native_id) == 1
    product = found.records[native_id].product
    assert product is not None and product.id == "2101"


# --- private lists -------------------------------------------------------------------------------------


def test_private_reading_is_merged_with_the_public_lists(desk: Desk, public: Box) -> None:
    mine, theirs = Read(desk.provider), Read(desk.open(box=public))
    assert mine.records.keys() == theirs.records.keys() and mine.rejected == []
    for native_id, record in mine.records.items():
        server, other = desk.server.review(native_id), theirs.records[native_id]
        assert record.author.email == server["email"]
        assert record.author.name == f"{server['given']} {server['family']}"
        assert record.created_at == server["at"], "with seconds"
        assert (record.thread, record.language, record.facts) == (other.thread, other.language, other.facts)
        assert (record.kind, record.score, record.body) == (other.kind, other.score, other.body)
        assert record.order_id == str(server["order"])
    assert any(r.thread and r.thread.comments for r in mine.records.values())
    query = desk.last(PRIVATE).query
    assert query == {
        "api_key": "(hidden)", "review_type": "both", "limit": "1000", "page": "1", "sort": "desc", "status": "1",
    }  # fmt: skip


def test_only_the_account_s_scopes(desk: Desk) -> None:
    found = Read(desk.open(scopes="site,2101")).records.values()
    assert {r.product.id if r.product else "site" for r in found} == {"site", "2101"}


def test_what_only_the_public_list_has_is_kept(desk: Desk) -> None:
    everything = set(desk.server.data["reviews"])
    native_id = desk.server.review_ids()[0]
    body = {"reviews": [{"id": native_id, "product": "no", "review_rating": "5"}], "pagination": {}}
    desk.shop.faults.on(PRIVATE, body=json.dumps(body))
    found = Read(desk.provider)
    assert set(found.records) == everything and len(found.given) == len(everything)


@pytest.mark.parametrize(
    "refuse",
    [
        lambda d: d.box.values.update(private_key="1/fr/wrong"),
        lambda d: setattr(d.server, "private_reviews_offered", False),
        lambda d: d.shop.faults.on(PRIVATE, status=404, body="<html>", headers={"Content-Type": "text/html"}),
        lambda d: d.shop.faults.on(PRIVATE, body="not json at all"),
        lambda d: d.shop.faults.on(PRIVATE, body='{"hello": 1}'),
        lambda d: d.shop.faults.on(PRIVATE, status=405, body="{}"),
    ],
)
def test_without_private_reading_the_public_lists_are_read_and_it_is_said(
    desk: Desk, public: Box, refuse: Any
) -> None:
    expected = Read(desk.open(box=public)).records
    refuse(desk)
    found = Read(desk.provider)
    assert found.records == expected
    (note,) = found.rejected
    assert note.where == "private reading" and "without e-mail addresses" in note.reason
    assert desk.box.values["private_key"] not in note.reason


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"cut": "mid"}, NetworkError),
        ({"status": 503, "body": "{}"}, ServerError),
        ({"status": 429, "body": "{}"}, RateLimited),
    ],
)
def test_a_passing_fault_is_no_reason_to_fall_back(desk: Desk, fault: Any, kind: type) -> None:
    desk.shop.faults.on(PRIVATE, **fault)
    with pytest.raises(kind):
        Read(desk.provider)


def test_a_broken_record_in_either_list_is_set_aside(desk: Desk) -> None:
    native_id = desk.server.review_ids()[0]
    desk.server.break_review(native_id, r=[1])
    found = Read(desk.provider)
    assert [r.where for r in found.rejected] == ["site, item 1"]
    assert native_id in found.records, "the private list has it whole"


# --- orders --------------------------------------------------------------------------------------------


def test_orders(desk: Desk) -> None:
    result = desk.send(
        ActionKind.INVITE_EMAIL, **ORDER, reference="R-1", store_id="2", colour="not a field",
        products=[{"id": "42", "name": "Lampe", "qty": 2, "unit_price": 10.5, "url": "https://h.example/42", "x": 1}],
    )  # fmt: skip
    assert result.answer == {"orders": 1, "message": "OK"}
    assert order_form(desk) == {
        "id_order": "HB-9", "order_date": "2026-11-02 09:30:00", "firstname": "Léa", "lastname": "Noël",
        "email": "lea@example.org", "reference": "R-1", "store_id": "2",
        "products": [{"id": 42, "name": "Lampe", "qty": 2, "unit_price": 10.5, "url": "https://h.example/42"}],
    }  # fmt: skip
    assert desk.sent(ORDERS)["api_key"] == "(hidden)"
    assert [o["id_order"] for o in desk.server.orders] == ["HB-9"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"order_date": "2026-11-02"}, {"order_date": "2026-11-02 00:00:00"}),
        ({"order_date": 1_793_600_000}, {"order_date": "2026-11-02 07:13:20"}),
        (
            {"first_name": "", "last_name": "", "name": "Anne Marie Petit"},
            {"firstname": "Anne Marie", "lastname": "Petit"},
        ),
    ],
)
def test_dates_and_names_of_orders(desk: Desk, given: dict[str, Any], sent: dict[str, Any]) -> None:
    desk.send(ActionKind.INVITE_EMAIL, **ORDER | given)
    order = order_form(desk)
    assert {k: order[k] for k in sent} == sent and "products" not in order


@pytest.mark.parametrize("missing", ["order_id", "order_date", "first_name", "last_name", "email"])
def test_an_incomplete_order_is_not_sent(desk: Desk, missing: str) -> None:
    with pytest.raises(Refused):
        desk.send(ActionKind.INVITE_EMAIL, **ORDER | {missing: " "})
    assert desk.asked() == 0


def _says(desk: Desk, body: object, status: int = 200, **more: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    desk.shop.faults.on(
        ORDERS, status=status, body=text, headers={"Content-Type": "application/json"}, **more
    )


@pytest.mark.parametrize(
    ("body", "status", "kind", "delivery"),
    [
        (
            {"success": 0, "orders_count": 0, "message": "Missing fields for array"},
            200,
            Refused,
            Delivery.REFUSED,
        ),
        ({"success": "0", "message": "x"}, 200, Refused, Delivery.REFUSED),
        ({"success": 1, "orders_count": "0", "message": "x"}, 200, Refused, Delivery.REFUSED),
        ({"code": "invalid_key", "message": "Invalid", "data": 403}, 200, SignInError, Delivery.NOT_SENT),
        (
            {"code": "invalid_key", "message": "Invalid", "data": {"status": 401}},
            401,
            SignInError,
            Delivery.NOT_SENT,
        ),
        ({"message": "Bad order", "data": 400}, 400, Refused, Delivery.REFUSED),
        ({"message": "Bad order", "data": {"status": 422}}, 200, Refused, Delivery.REFUSED),
        ({"message": "No route", "data": {"status": 404}}, 404, NotFound, Delivery.REFUSED),
        ({"message": "Slow down"}, 429, RateLimited, Delivery.NOT_SENT),
        ({"message": "Broken", "data": 500}, 200, ServerError, Delivery.UNKNOWN),
        ({}, 500, ServerError, Delivery.UNKNOWN),
        ({}, 200, BadAnswer, Delivery.UNKNOWN),
        ("[1", 200, BadAnswer, Delivery.UNKNOWN),
        ("", 200, BadAnswer, Delivery.UNKNOWN),
        ("{}", 403, PermissionDenied, Delivery.NOT_SENT),
    ],
)
def test_what_a_failed_order_may_conclude(
    desk: Desk, body: Any, status: int, kind: type, delivery: Delivery
) -> None:
    _says(desk, body, status)
    with pytest.raises(ProviderError) as caught:
        desk.send(ActionKind.INVITE_EMAIL, **ORDER)
    assert (type(caught.value), caught.value.delivery) == (kind, delivery)
    assert desk.asked(ORDERS) == 1, "an order is never sent twice by itself: it might be e-mailed twice"


@pytest.mark.parametrize(("cut", "arrives"), [("before", False), ("after", True), ("mid", True)])
def test_a_cut_order_is_unknown(desk: Desk, cut: str, arrives: bool) -> None:
    desk.shop.faults.on(ORDERS, cut=cut)
    with pytest.raises(NetworkError) as caught:
        desk.send(ActionKind.INVITE_EMAIL, **ORDER)
    assert caught.value.delivery is Delivery.UNKNOWN
    assert bool(desk.server.orders) is arrives


def test_wrong_and_missing_keys_of_orders(desk: Desk, public: Box) -> None:
    desk.box.values["private_key"] = "1/fr/wrong"
    for status in (200, 400, 401, 403, 500):
        desk.server.error_status = status
        with pytest.raises(SignInError) as caught:
            desk.send(ActionKind.INVITE_EMAIL, **ORDER)
        assert caught.value.delivery is Delivery.NOT_SENT and "1/fr/wrong" not in caught.value.message
    desk._first = desk.open(box=public)
    before = desk.asked()
    with pytest.raises(SignInError):
        desk.send(ActionKind.INVITE_EMAIL, **ORDER)
    assert desk.asked() == before and desk.server.orders == []


# --- the rest ------------------------------------------------------------------------------------------


def test_what_it_has_no_call_for(desk: Desk) -> None:
    review = desk.business(desk.server.review_ids()[0])
    for kind in set(ActionKind) - {ActionKind.INVITE_EMAIL}:
        with pytest.raises(NotAvailable):
            desk.send(kind, review, "x")
    with pytest.raises(NotAvailable):
        desk.provider.thread(review)
    assert desk.asked() == 0


def test_the_connection_test_says_what_the_keys_open(desk: Desk, public: Box) -> None:
    def last(**settings: str) -> str:
        stages = list(desk.open(**settings).check())
        assert all(s.ok for s in stages)
        return str(stages[-1].message)

    assert "e-mail addresses" in last()
    desk.server.private_reviews_offered = False
    assert "With the private key none can" in last()
    assert [s.message for s in desk.open(box=public).check()][-1].count("private") == 0
    stages = list(desk.open(box=Box({})).check())
    assert [s.stage for s in stages if not s.ok] == ["sign-in"]


def test_no_key_is_written_into_an_error(desk: Desk) -> None:
    key = desk.box.values["public_key"]
    body = {"message": f"The key {key} is unknown", "data": 403}
    for status in (200, 403):
        desk.shop.faults.on(PUBLIC, status=status, body=json.dumps(body))
        with pytest.raises(SignInError) as caught:
            Read(desk.open())
        assert key not in f"{caught.value.message} {caught.value.provider_words}"

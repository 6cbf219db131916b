"""Reading: passes, watermarks, resuming, conversations, kinds that a plan lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reviewdesk.domain.errors import (
    BadAnswer,
    NetworkError,
    NotFound,
    PermissionDenied,
)
from reviewdesk.domain.models import ProviderState, ReviewKind, ReviewRecord, Role
from reviewdesk.providers.base import Cursor, Page
from reviewdesk.providers.pacing import Pacer
from reviewdesk.providers.trustpilot.provider import TrustpilotProvider
from reviewdesk.providers.trustpilot.spec import SPEC
from tests.support.clock import FakeClock
from tests.support.contexts import Token
from tests.support.trustpilot import UNIT, Desk, open_desk

LIST = "/private/product-reviews/business-units/.*/reviews$"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        yield made


def run(
    provider: TrustpilotProvider, cursor: Cursor | None = None, *, full: bool = False
) -> tuple[list[Page], Cursor]:
    pages = list(provider.fetch(cursor or {}, full=full))
    return pages, json.loads(json.dumps(pages[-1].cursor))


def records(pages: list[Page]) -> dict[str, ReviewRecord]:
    return {r.native_id: r for page in pages for r in page.reviews}


def test_all_four_states_are_read(desk: Desk) -> None:
    found = records(run(desk.provider)[0])
    for state, ours in (
        ("published", ProviderState.PUBLISHED),
        ("unpublished", ProviderState.UNPUBLISHED),
        ("underModeration", ProviderState.UNDER_MODERATION),
        ("archived", ProviderState.ARCHIVED),
    ):
        assert {i for i, r in found.items() if r.provider_state is ours} == set(
            desk.server.review_ids("dk", state=state)
        )
    assert {r.kind for r in found.values()} == {ReviewKind.PRODUCT}


def test_a_record_in_full(desk: Desk) -> None:
    shop = desk.server
    native_id = next(
        i for i in shop.review_ids("dk") if shop.review(i)["attachments"] and shop.conversation(i)
    )
    wire = shop.review(native_id)
    record = records(run(desk.provider)[0])[native_id]
    assert (record.body, record.score, record.language) == (wire["content"], wire["stars"], wire["language"])
    assert (record.author.name, record.author.email) == (wire["consumer"]["name"], wire["consumer"]["email"])
    assert record.product is not None and record.product.sku == wire["product"]["sku"]
    assert record.product.image_url == wire["product"]["productImages"][0]["url"]
    assert record.order_id == record.reference == wire["referenceId"]
    assert [(s.name, s.score) for s in record.sub_scores] == [
        (a["attributeName"], a["rating"]) for a in wire["attributeRatings"]
    ]
    sizes = [a.url.rpartition("_")[2] for a in record.attachments]
    assert sizes == ["1024.png"] * len(wire["attachments"])
    assert all(a.thumbnail_url and a.thumbnail_url.endswith("_200.png") for a in record.attachments)
    assert json.loads(record.raw) == wire
    assert record.thread is not None and record.thread_id == wire["conversationId"]
    assert [(c.id, c.text, c.role) for c in record.thread.comments] == [
        (c["commentId"], c["content"], Role.CONSUMER if c["author"]["type"] == "consumer" else Role.BUSINESS)
        for c in shop.comments(native_id)
    ]


def test_progress_has_a_total_in_a_whole_reading_only(desk: Desk) -> None:
    pages, cursor = run(desk.provider)
    assert pages[0].total == len(desk.server.review_ids("dk"))
    assert pages[0].pass_name == "published"
    assert all(page.total is None for page in run(desk.provider, cursor)[0])


def test_an_ordinary_sync_stops_at_what_it_knows(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    before = desk.asked(LIST)
    pages, cursor = run(desk.provider, cursor)
    # One page of each state, and one old page of the published ones.
    assert desk.asked(LIST) - before == 5
    new = desk.server.add_review("dk")
    pages, _ = run(desk.provider, cursor)
    assert records(pages)[new].body == "Fresh from the practice shop."


def test_more_than_a_page_of_new_reviews_is_read_whole(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    new = set()
    for _ in range(230):
        desk.clock.advance(60)  # type: ignore[attr-defined]
        new.add(desk.server.add_review("dk"))
    assert new <= set(records(run(desk.provider, cursor)[0]))


def test_an_edit_deep_down_is_found_within_some_syncs(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    oldest = desk.server.review_ids("dk")[-1]
    desk.clock.advance(3600)  # type: ignore[attr-defined]
    desk.server.edit_review(oldest, content="Ten years later: still fine.")
    pages = len(desk.server.review_ids("dk")) // 100 + 1
    bodies = set()
    for _ in range(pages):
        found, cursor = run(desk.provider, cursor)
        bodies |= {r.body for r in records(found).values() if r.native_id == oldest}
    assert "Ten years later: still fine." in bodies


def test_a_change_of_state_is_found(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    native_id = desk.server.review_ids("dk")[0]
    desk.server.set_state(native_id, "archived")
    assert records(run(desk.provider, cursor)[0])[native_id].provider_state is ProviderState.ARCHIVED


def test_a_new_comment_under_a_recent_review_is_found_without_an_edit(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    native_id = next(i for i in desk.server.review_ids("dk") if desk.server.conversation(i))
    desk.server.customer_comments(native_id, "And one more question.")
    thread = records(run(desk.provider, cursor)[0])[native_id].thread
    assert thread is not None and thread.comments[-1].text == "And one more question."


def test_conversations_come_in_portions(desk: Desk) -> None:
    """Nobody waits for a hundred calls: between two pages the worker looks for a person's action and a cancel."""
    most = 0
    for page in run(desk.provider)[0]:
        most = max(most, sum(r.thread is not None for r in page.reviews))
    assert most <= 10


def test_a_kill_in_the_middle_of_a_page_reads_that_page_again(desk: Desk) -> None:
    whole = records(run(desk.provider)[0])
    fetching = desk.provider.fetch({}, full=False)
    got = [next(fetching), next(fetching)]
    rest, _ = run(desk.open(), got[-1].cursor)
    assert set(whole) == set(records(got)) | set(records(rest))


def test_a_broken_off_full_reading_is_resumed_by_the_next_and_does_not_hold_up_others(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    fetching = desk.provider.fetch(cursor, full=True)
    for page in fetching:
        if page.cursor["run"]["page"] == 2:
            break
    broken_off = page.cursor
    assert broken_off["run"]["full"] is True
    before = desk.asked(LIST)
    run(desk.provider, broken_off)
    assert desk.asked(LIST) - before == 5
    seen = desk.shop.journal.entries(path=LIST)
    run(desk.provider, broken_off, full=True)
    resumed = desk.shop.journal.entries(path=LIST)[len(seen) :]
    assert resumed[0].query["page"] == "2"
    desk.clock.advance(7 * 3600)  # type: ignore[attr-defined]
    seen = desk.shop.journal.entries(path=LIST)
    run(desk.provider, broken_off, full=True)
    assert desk.shop.journal.entries(path=LIST)[len(seen)].query["page"] == "1"


def test_an_empty_answer_deletes_nothing_and_forgets_nothing(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    desk.shop.faults.on(LIST, body='{"productReviews": [], "total": 0}', times=None)
    pages, after = run(desk.provider, cursor, full=True)
    assert all(not page.reviews and not page.deletions for page in pages)
    desk.shop.faults.off()
    assert after["marks"] == cursor["marks"]


def test_a_server_that_gives_smaller_pages_is_read_to_its_end(desk: Desk) -> None:
    shop = desk.server
    whole = [shop.review(i) for i in shop.review_ids("dk")[:55]]
    for number in range(3):
        part = whole[number * 20 : number * 20 + 20]
        body = json.dumps({"productReviews": part, "total": "55"})
        desk.shop.faults.on(LIST, body=body, times=1)
    found = records(run(desk.provider)[0])
    assert {w["id"] for w in whole} <= set(found)


def test_a_page_that_repeats_is_a_bad_answer_also_in_another_order(desk: Desk) -> None:
    shop = desk.server
    whole = [shop.review(i) for i in shop.review_ids("dk")[:100]]
    desk.shop.faults.on(LIST, body=json.dumps({"productReviews": whole}), times=1)
    desk.shop.faults.on(LIST, body=json.dumps({"productReviews": whole[::-1]}), times=None)
    with pytest.raises(BadAnswer, match="same page"):
        run(desk.provider)


def test_a_conversation_that_can_not_be_read_does_not_cost_its_review(desk: Desk) -> None:
    native_id = next(i for i in desk.server.review_ids("dk") if desk.server.conversation(i))
    talk = desk.server.conversation(native_id)
    assert talk is not None
    for fault, rejected in (
        ({"status": 404, "body": "{}"}, 0),
        ({"body": '{"comments": 7}'}, 1),
        ({"status": 403, "body": "{}"}, 1),
    ):
        desk.shop.faults.on(f"/conversations/{talk['id']}$", **fault)  # type: ignore[arg-type]
        pages, _ = run(desk.open())
        assert records(pages)[native_id].thread is None
        problems = [r for page in pages for r in page.rejected]
        assert len(problems) == rejected
        desk.shop.faults.off()
    desk.shop.faults.on(f"/conversations/{talk['id']}$", cut="before")
    with pytest.raises(NetworkError):
        run(desk.open())


def test_company_reviews_with_their_reply(desk: Desk) -> None:
    provider = desk.open(kinds="service")
    found = records(run(provider)[0])
    assert set(found) == set(desk.server.service_ids("dk"))
    assert {r.kind for r in found.values()} == {ReviewKind.BUSINESS}
    for native_id, record in found.items():
        wire = desk.server.service_review(native_id)
        assert (record.title, record.body, record.score) == (wire["title"], wire["text"], wire["stars"])
        assert record.thread is not None
        reply = wire["companyReply"]
        assert [c.text for c in record.thread.comments] == ([reply["text"]] if reply else [])
        assert [c.id for c in record.thread.comments] == (["reply"] if reply else [])
    assert desk.asked(LIST) == 0


def test_without_a_choice_a_kind_that_the_plan_lacks_is_passed_over(desk: Desk) -> None:
    desk.shop.faults.on("/private/business-units/.*/reviews$", status=403, body="{}", times=None)
    provider = desk.open(kinds="")
    assert all(stage.ok for stage in provider.check())
    assert set(records(run(provider)[0])) == {
        i for s in (None,) for i in desk.server.review_ids("dk", state=s)
    }
    chosen = desk.open(kinds="product,service")
    assert [s.stage for s in chosen.check() if not s.ok] == ["permission"]
    with pytest.raises(PermissionDenied):
        run(chosen)
    desk.shop.faults.on(LIST, status=404, body="{}", times=None)
    with pytest.raises((PermissionDenied, NotFound)):
        run(provider)


def test_another_company_in_the_settings_begins_again(desk: Desk) -> None:
    _, cursor = run(desk.provider)
    other = desk.open(business_unit=desk.shop.accounts[1].settings["business_unit"])
    assert set(records(run(other, cursor)[0])) == set(desk.server.review_ids("fr", state=None))


def test_public_data_by_api_key(desk: Desk) -> None:
    shop = desk.server
    imported = next(iter(shop.data["imported"].values()))
    sku = imported["_sku"]
    provider = desk.open(grant="api_key", skus=f"{sku}, ", kinds="")
    assert all(stage.ok for stage in provider.check())
    first = records(run(provider)[0])
    public = {i for i in shop.review_ids("dk") if shop.review(i)["product"]["sku"] == sku}
    assert public and public <= set(first)
    for native_id in public:
        record = first[native_id]
        assert record.author.email is None and record.order_id is None
        assert record.product is not None and record.product.sku == sku
    ours = {r.native_id for r in first.values() if r.source == "imported"}
    assert len(ours) == sum(1 for r in shop.data["imported"].values() if r["_sku"] == sku)
    assert all(i.startswith("imported-") for i in ours)
    assert set(shop.service_ids("dk")) <= set(first)
    assert records(run(provider, full=True)[0]) == first, "made-up ids are the same every time"
    assert desk.asked("/accesstoken$") == 0


def test_api_key_without_products_reads_company_reviews_or_says_what_is_missing(desk: Desk) -> None:
    assert set(records(run(desk.open(grant="api_key", kinds=""))[0])) == set(desk.server.service_ids("dk"))
    lacking = desk.open(grant="api_key", kinds="product")
    assert [s.stage for s in lacking.check() if not s.ok] == ["address"]
    with pytest.raises(PermissionDenied, match="products whose numbers"):
        run(lacking)


def test_imported_reviews_beside_private_ones(desk: Desk) -> None:
    sku = next(iter(desk.server.data["imported"].values()))["_sku"]
    found = records(run(desk.open(skus=sku))[0])
    assert any(r.source == "imported" for r in found.values())
    assert any(r.author.email for r in found.values())


@pytest.mark.parametrize("plain", [True, False])
def test_dates_with_and_without_their_zone_mean_the_same(desk: Desk, plain: bool) -> None:
    before = {i: (r.created_at, r.updated_at) for i, r in records(run(desk.provider)[0]).items()}
    desk.server.plain_dates = plain
    after = {i: (r.created_at, r.updated_at) for i, r in records(run(desk.provider, full=True)[0]).items()}
    assert after == before


def test_the_limits_of_the_document_are_kept(desk: Desk) -> None:
    clock, pacer = FakeClock(), desk.provider.api.http.pacer
    assert [limit for limit, _ in pacer.used()] == list(SPEC.rate_limits)
    pacer, cancel, calls = Pacer(SPEC.rate_limits, clock), Token(clock), []
    for number in range(12_000):
        pacer.acquire(cancel, urgent=number % 7 == 0)
        calls.append(clock.monotonic())
    for seconds, most in ((300, 833), (3600, 10_000)):
        first = 0
        for last, at in enumerate(calls):
            while calls[first] <= at - seconds:
                first += 1
            assert last - first + 1 <= most


def broken_fields() -> list[tuple[str, Any]]:
    return [
        ("id", None), ("id", ""), ("id", {}), ("stars", "many"), ("stars", []), ("stars", True), ("content", {}),
        ("product", "x"), ("consumer", []), ("attributeRatings", {}), ("attachments", [1]), ("createdAt", []),
        ("conversationId", {}), ("hasModerationHistory", "perhaps"),
    ]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), broken_fields())
def test_d2_a_wrong_type_in_any_field_costs_one_record(desk: Desk, field: str, value: object) -> None:
    native_id = desk.server.review_ids("dk")[4]
    desk.server.break_review(native_id, **{field: value})
    desk.shop.faults.on("/conversations/", status=404, body="{}", times=None)
    pages, _ = run(desk.provider)
    rejected = [r for page in pages for r in page.rejected]
    assert len(rejected) == 1 and rejected[0].where == "published, page 1, item 5"
    assert native_id not in records(pages)
    assert UNIT in rejected[0].raw

"""Reading Sitejabber: what each pass finds, what a sync without news costs, and that nothing gets lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reviewdesk.domain.errors import Cancelled, NetworkError
from reviewdesk.domain.models import ActionKind, Deletion, ProviderState, ReviewKind, ReviewRecord, Role
from reviewdesk.providers.sitejabber.sync import LOOK_EVERY_S, PAGE
from tests.support.desks import Desk, open_desk

DAY = 86_400


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk("sitejabber", rate_limit="100000/10") as made:
        yield made


class Shelf:
    """What the store would hold after the syncs so far."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.records: dict[tuple[ReviewKind, str], ReviewRecord] = {}
        self.deletions: list[Deletion] = []
        self.cursor: dict[str, Any] = {}
        self.given: list[str] = []
        """Numbers that the last sync gave out, in order."""

    def sync(self, *, full: bool = False, pages: int | None = None, provider: Any = None) -> int:
        """One run; how many calls it took."""
        opened = provider or self.desk.open()
        before = opened.calls
        self.given, self.deletions = [], []
        for number, page in enumerate(opened.fetch(self.cursor, full=full), 1):
            for record in page.reviews:
                key = (record.kind, record.native_id)
                old = self.records.get(key)
                if record.thread is None and old is not None:
                    record = replace(record, thread=old.thread)
                self.records[key] = record
                self.given.append(record.native_id)
            self.deletions += page.deletions
            assert page.rejected == ()
            self.cursor = json.loads(json.dumps(page.cursor))
            if number == pages:
                break
        return int(opened.calls - before)

    def business(self, number: object) -> ReviewRecord:
        return self.records[ReviewKind.BUSINESS, str(number)]

    def texts(self, number: object) -> list[str]:
        thread = self.business(number).thread
        assert thread is not None
        return [c.text for c in thread.comments]


@pytest.fixture
def shelf(desk: Desk) -> Shelf:
    made = Shelf(desk)
    made.sync()
    return made


def crowd(desk: Desk, count: int, *, every_s: int = 3600, edited: int = 0, removed: int = 0) -> list[int]:
    """So many more reviews, older than the shop's own; some edited, some removed. Newest first."""
    server = desk.server
    with server.lock:
        oldest = min(r["created"] for r in server.data["reviews"].values())
        pattern = copy.deepcopy(server.data["reviews"][str(server.review_numbers()[0])])
        pattern |= {"pictures": [], "previous": None, "edited": None, "removed": None, "order_id": None}
        numbers = []
        for place in range(count):
            number = 100_000 + place
            at = oldest - (place + 1) * every_s
            record = pattern | {"no": number, "created": at, "published": at, "title": f"Review {number}"}
            if place < edited:
                record |= {"edited": at + 60}
            elif place < edited + removed:
                record |= {"removed": at + 60}
            server.data["reviews"][str(number)] = record
            numbers.append(number)
    return numbers


def own(desk: Desk, *, removed: bool = False) -> set[str]:
    return {n for n, r in desk.server.data["reviews"].items() if (r["removed"] is not None) is removed}


# --- the whole of it -----------------------------------------------------------------------------------


def test_everything_is_read_with_its_conversation(desk: Desk, shelf: Shelf) -> None:
    assert {n for k, n in shelf.records if k is ReviewKind.BUSINESS} == own(desk)
    assert {n for k, n in shelf.records if k is ReviewKind.PRODUCT} == {
        str(i) for i in desk.server.product_review_ids()
    }
    for number in desk.server.review_numbers():
        theirs = desk.server.comments(number)
        assert shelf.texts(number) == [c["content"] for c in theirs]
    assert {d.native_id for d in shelf.deletions} == own(desk, removed=True)
    roles = {c.role for r in shelf.records.values() if r.thread for c in r.thread.comments}
    assert roles == {Role.BUSINESS, Role.CONSUMER}


def test_fields(desk: Desk, shelf: Shelf) -> None:
    for number in own(desk):
        theirs, record = desk.server.review(int(number)), shelf.business(number)
        assert record.score == theirs["ratings"]["overall"]
        assert {(p.name.lower(), p.score) for p in record.sub_scores} == {
            (k, float(v)) for k, v in theirs["ratings"].items() if k != "overall" and v
        }
        assert (record.created_at, record.updated_at) == (theirs["created"], theirs["edited"])
        assert record.author.username == theirs["author"]["username"]
        assert record.author.email == (theirs["author"].get("email") if theirs["solicited"] else None)
        assert record.order_id == theirs["order_id"] and record.source == theirs["datasource"]
        pending = theirs["published"] is None
        assert record.provider_state is (ProviderState.PENDING if pending else ProviderState.PUBLISHED)
        assert len(record.attachments) == len(theirs["pictures"])
        assert all(a.url.startswith("http") for a in record.attachments)
        assert [v.body for v in record.previous] == (
            [theirs["previous"]["content"]] if theirs["previous"] else []
        )
        private = dict(record.private_facts)
        assert private.get("Collected by") == theirs["source"]
        assert private.get("Labels") == (", ".join(theirs["labels"]) or None)


def test_twins_keep_their_source(desk: Desk, shelf: Shelf) -> None:
    twins = {n for n, r in desk.server.data["reviews"].items() if r["datasource"]}
    assert twins and {shelf.business(n).source for n in twins} == {"trustpilot"}
    alone = Shelf(desk)
    alone.sync(provider=desk.open(datasources=""))
    assert {n for k, n in alone.records if k is ReviewKind.BUSINESS} == own(desk) - twins


def test_a_list_in_an_envelope_is_the_same(desk: Desk, shelf: Shelf) -> None:
    desk.server.enveloped = True
    other = Shelf(desk)
    other.sync()
    assert other.records == shelf.records


# --- cheap runs ----------------------------------------------------------------------------------------


def test_a_sync_without_news_costs_six_calls_and_changes_nothing(desk: Desk, shelf: Shelf) -> None:
    known = dict(shelf.records)
    cursor = shelf.cursor
    assert shelf.sync() == 6
    desk.clock.advance(LOOK_EVERY_S - 60)
    assert shelf.sync() == 6
    assert shelf.cursor == cursor and shelf.records == known
    desk.clock.advance(61)
    assert shelf.sync() == 10  # edited and removed comments, inbox and sent
    assert {k for k in cursor if cursor[k] != shelf.cursor[k]} == {"looked"}
    assert shelf.records == known


def test_without_product_reviews_one_call_less(desk: Desk) -> None:
    desk.server.data["product_reviews"].clear()
    shelf = Shelf(desk)
    shelf.sync()
    shelf.sync()
    assert shelf.sync() == 5
    sku = desk.server.products[0]["sku"]
    desk.provider.catalogue.add_product_review({"sku": sku, "title": "a", "content": "b", "rating": 5})
    shelf.sync()
    assert ReviewKind.PRODUCT in {kind for kind, _ in shelf.records}
    number = desk.server.product_review_ids()[0]
    desk.server.remove_product_review(number)
    assert shelf.sync() == 6
    assert [(d.kind, d.native_id) for d in shelf.deletions if d.kind is ReviewKind.PRODUCT] == [
        (ReviewKind.PRODUCT, str(number))
    ]


def test_each_kind_of_news_is_seen_by_the_next_cheap_sync(desk: Desk, shelf: Shelf) -> None:
    desk.clock.advance(600)
    old = [n for n in desk.server.review_numbers() if desk.server.review(n)["edited"] is None]
    new = desk.server.add_review(content="Just arrived")
    desk.server.edit_review(old[-1], content="Changed my mind", stars=1)
    desk.server.remove_review(old[-2])
    desk.server.remove_product_review(desk.server.product_review_ids()[-1])
    desk.server.customer_comments(old[-3], "And another thing")
    desk.server.colleague_replies(old[-4], "From the back office")
    shelf.sync()
    assert shelf.business(new).body == "Just arrived"
    assert shelf.business(old[-1]).body == "Changed my mind" and shelf.business(old[-1]).score == 1
    assert str(old[-2]) in {d.native_id for d in shelf.deletions if d.kind is ReviewKind.BUSINESS}
    assert any(d.kind is ReviewKind.PRODUCT and d.at for d in shelf.deletions)
    assert shelf.texts(old[-3])[-1] == "And another thing"
    assert shelf.texts(old[-4])[-1] == "From the back office"
    shelf.sync()
    assert shelf.sync() == 6, "what was read is not read again"


def test_a_published_draft_is_seen(desk: Desk, shelf: Shelf) -> None:
    number = next(n for n, r in desk.server.data["reviews"].items() if r["published"] is None)
    assert shelf.business(number).provider_state is ProviderState.PENDING
    desk.send(ActionKind.PUBLISH, desk.business(number))
    shelf.sync()
    assert shelf.business(number).provider_state is ProviderState.PUBLISHED
    crowd(desk, 200)
    fresh = desk.server.add_review()
    desk.server.data["reviews"][str(fresh)]["published"] = None
    shelf.sync()
    assert shelf.business(fresh).provider_state is ProviderState.PENDING
    desk.clock.advance(20 * DAY)
    desk.server.add_review()
    shelf.sync()
    desk.server.data["reviews"][str(fresh)]["published"] = int(desk.clock.now())
    shelf.sync()
    assert shelf.business(fresh).provider_state is ProviderState.PUBLISHED


def test_edited_and_removed_comments_are_seen_within_a_quarter_of_an_hour(desk: Desk, shelf: Shelf) -> None:
    shelf.sync()
    talked = [n for n in desk.server.review_numbers() if desk.server.comments(n)]
    edited, removed = talked[0], talked[-1]
    comments = desk.server.data["comments"]
    mine = next(c for c in comments.values() if c["no"] == edited)
    mine |= {"content": "Put differently", "modified": int(desk.clock.now())}
    gone = next(c for c in comments.values() if c["no"] == removed)
    gone["removed"] = int(desk.clock.now())
    desk.clock.advance(LOOK_EVERY_S)
    shelf.sync()
    assert "Put differently" in shelf.texts(edited)
    assert shelf.texts(removed) == [c["content"] for c in desk.server.comments(removed)]
    assert gone["content"] not in shelf.texts(removed)
    shelf.sync()
    assert shelf.sync() == 6


def test_a_comment_on_a_review_of_years_ago(desk: Desk, shelf: Shelf) -> None:
    desk.clock.advance(700 * DAY)
    number = desk.server.review_numbers()[-1]
    desk.server.customer_comments(number, "It still works")
    shelf.sync()
    assert shelf.texts(number)[-1] == "It still works"


def test_a_conversation_on_a_review_that_is_gone_is_passed_over(desk: Desk, shelf: Shelf) -> None:
    number = desk.server.review_numbers()[-1]
    desk.server.customer_comments(number, "Hello?")
    del desk.server.data["reviews"][str(number)]
    shelf.sync()
    assert str(number) not in shelf.given


def test_many_conversations_are_not_read_twice_when_a_run_is_stopped(desk: Desk, shelf: Shelf) -> None:
    desk.clock.advance(60)
    numbers = desk.server.review_numbers()[-45:]
    for number in numbers:
        desk.server.customer_comments(number, f"About {number}")
    desk.shop.faults.on(r"/review$", after=30, cut="before", times=None)
    with pytest.raises(NetworkError):
        shelf.sync()
    desk.shop.faults.off()
    calls = shelf.sync()
    assert all(shelf.texts(n)[-1] == f"About {n}" for n in numbers)
    assert calls <= 8 + 2 * 25


def test_a_date_ahead_of_the_clock_hides_nothing(desk: Desk, shelf: Shelf) -> None:
    ahead = desk.server.add_review()
    desk.server.data["reviews"][str(ahead)]["created"] += 400 * DAY
    shelf.sync()
    desk.clock.advance(3600)
    later, old = desk.server.add_review(), desk.server.review_numbers()[-1]
    desk.server.customer_comments(old, "Still here")
    shelf.sync()
    assert shelf.business(later) and shelf.business(ahead)
    assert shelf.texts(old)[-1] == "Still here"


def test_a_clock_set_back_only_asks_more(desk: Desk, shelf: Shelf) -> None:
    shelf.sync()
    desk.clock.jump(-3 * 3600)
    assert shelf.sync() == 10


# --- long lists ----------------------------------------------------------------------------------------


def test_long_lists_are_read_without_gaps_though_reviews_vanish_meanwhile(desk: Desk) -> None:
    crowd(desk, 450)
    shelf = Shelf(desk)
    for number, page in enumerate(desk.open().fetch({}, full=False)):
        shelf.records.update({(r.kind, r.native_id): r for r in page.reviews})
        if number in (0, 1, 2):
            desk.server.remove_review(desk.server.review_numbers()[0])
    assert own(desk) <= {n for k, n in shelf.records if k is ReviewKind.BUSINESS}


def test_an_unfinished_reading_goes_on_without_gaps(desk: Desk) -> None:
    crowd(desk, 450)
    shelf = Shelf(desk)
    for _ in range(4):
        shelf.sync(pages=1)
    for number in desk.server.review_numbers()[:15]:
        desk.server.remove_review(number)
    calls = shelf.sync()
    assert own(desk) <= {n for k, n in shelf.records if k is ReviewKind.BUSINESS}
    assert "run" not in shelf.cursor and calls < 12


def test_many_edited_and_removed_reviews_take_turns(desk: Desk) -> None:
    numbers = crowd(desk, 680, edited=330, removed=330)
    shelf = Shelf(desk)
    shelf.sync()
    shelf.sync()
    desk.server.edit_review(numbers[325], content="At the far end")
    desk.server.remove_review(numbers[679])
    seen_edit = seen_removal = 0
    for turn in range(1, 8):
        # Two pages of each list and one in turn, whatever their length: 4 + 3 + 3 calls.
        assert shelf.sync() <= 12
        if shelf.business(numbers[325]).body == "At the far end":
            seen_edit = seen_edit or turn
        if str(numbers[679]) in {d.native_id for d in shelf.deletions}:
            seen_removal = seen_removal or turn
        if seen_edit and seen_removal:
            break
    assert 0 < seen_edit <= 5 and 0 < seen_removal <= 5


def test_more_new_reviews_than_a_page(desk: Desk, shelf: Shelf) -> None:
    desk.clock.advance(5 * DAY)
    fresh = [desk.server.add_review(title=f"No {n}") for n in range(PAGE * 2 + 30)]
    desk.clock.advance(60)
    shelf.sync()
    assert {str(n) for n in fresh} <= set(shelf.given)


def test_a_product_review_published_late_is_seen(desk: Desk, shelf: Shelf) -> None:
    sku = desk.server.products[0]["sku"]
    added = desk.provider.catalogue.add_product_review(
        {"sku": sku, "title": "Slow", "content": "Moderated for a week.", "rating": 4}
    )
    hidden = desk.server.data["product_reviews"].pop(added.native_id)
    desk.clock.advance(5 * DAY)
    desk.provider.catalogue.add_product_review({"sku": sku, "title": "Quick", "content": "x", "rating": 4})
    shelf.sync()
    desk.clock.advance(2 * DAY)
    desk.server.data["product_reviews"][added.native_id] = hidden
    shelf.sync()
    assert (ReviewKind.PRODUCT, added.native_id) in shelf.records


def test_cancelled_within_comments(desk: Desk, shelf: Shelf) -> None:
    provider = desk.open()
    pages = provider.fetch(shelf.cursor, full=False)
    next(pages)
    desk.cancel.set()
    with pytest.raises(Cancelled):
        list(pages)


def test_an_empty_business(desk: Desk) -> None:
    for kind in ("reviews", "comments", "product_reviews"):
        desk.server.data[kind].clear()
    shelf = Shelf(desk)
    shelf.sync()
    shelf.sync()
    assert shelf.sync() == 5 and shelf.records == {}
    number = desk.server.add_review()
    shelf.sync()
    assert shelf.business(number)


@pytest.mark.parametrize(
    "cursor",
    [
        {"reviews": "x"},
        {"reviews": 1_700_000_000, "talk": 7, "changed": [1, "a"], "deep": [], "looked": "no"},
        {"reviews": 1_700_000_000, "deep": {"edited": -4, "removed": "x", "reviews": 10**9}},
        {"reviews": 1_700_000_000, "run": {"pass": "reviews", "start": -1}},
        {"run": {"pass": "reviews", "start": 0, "until": "x", "marks": {"reviews": "x"}, "talk": 3}},
        {"run": {"pass": "nonsense", "start": 0}},
    ],
)
def test_damaged_cursors_lose_nothing(desk: Desk, cursor: dict[str, Any]) -> None:
    shelf = Shelf(desk)
    shelf.cursor = cursor
    shelf.sync()
    shelf.sync(full=True)
    assert own(desk) == {n for k, n in shelf.records if k is ReviewKind.BUSINESS}

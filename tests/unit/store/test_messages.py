"""Private messages, cases, replies made elsewhere and people, as they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.cases import FOLLOW_UP_S, Case, CaseState
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import (
    ActionKind,
    Author,
    Deletion,
    Elsewhere,
    OutboxState,
    ReplyMark,
    ReviewKind,
    Target,
    WorkState,
)
from reviewdesk.store import elsewhere, marks, messages, people, reviews
from tests.support.stores import NOW, Shelf, business, record, thread


@pytest.fixture
def shelf(tmp_path: Path) -> Any:
    with_one = Shelf(tmp_path)
    with_one.page(
        record("5", kind=ReviewKind.BUSINESS, author=Author(name="Ada V.", username="ada"), order_id="HB-1")
    )
    yield with_one
    with_one.store.close()


def note(key: str, *, ours: bool = False, at: int = NOW + 10, **more: Any) -> MessageRecord:
    given: dict[str, Any] = {
        "key": key, "subject": "Kettle", "body": f"Words of {key}", "created_at": at, "ours": ours, "person": "ada",
        "review_no": "5",
    }  # fmt: skip
    return MessageRecord(**{**given, **more})


def store(shelf: Shelf, *records: MessageRecord) -> int:
    return shelf.write(lambda tx: messages.store_messages(tx, shelf.account.id, records))


def detail(shelf: Shelf, native_id: str = "5") -> Any:
    with shelf.store.read() as reader:
        return reviews.detail(reader, shelf.id(native_id))


def test_a_page_that_is_read_twice_changes_nothing(shelf: Shelf) -> None:
    assert store(shelf, note("a"), note("b", ours=True)) == 2
    shelf.heard.clear()
    assert store(shelf, note("a"), note("b", ours=True)) == 0
    assert not any(change.changed for change in shelf.heard)
    assert [(m.body, m.ours, m.order_id) for m in detail(shelf).messages] == [
        ("Words of b", True, "HB-1"),
        ("Words of a", False, "HB-1"),
    ], "within one second ours is the one that was answered"


def test_a_message_without_a_number_is_shown_at_its_author_s_review(shelf: Shelf) -> None:
    store(shelf, note("a", review_no=None), note("x", review_no=None, person="somebody"))
    assert [m.body for m in detail(shelf).messages] == ["Words of a"]


def test_a_message_may_come_before_its_review(shelf: Shelf) -> None:
    store(shelf, note("a", review_no="77"))
    shelf.page(record("77", kind=ReviewKind.BUSINESS, author=Author(name="Ada V.", username="ada")))
    store(shelf, note("b", review_no="77"))
    assert [m.body for m in detail(shelf, "77").messages] == ["Words of a", "Words of b"]


def test_a_customer_s_message_brings_the_review_back_but_history_does_not(shelf: Shelf) -> None:
    review_id = shelf.id("5")
    shelf.write(lambda tx: reviews.set_state(tx, [review_id], _done()))
    store(shelf, note("old", at=NOW - 9_000))
    assert detail(shelf).row.work_state is WorkState.DONE
    store(shelf, note("new", at=NOW + 9))
    assert detail(shelf).row.work_state is WorkState.NEEDS_REPLY and detail(shelf).row.unread


def _done() -> Any:
    from reviewdesk.domain.work import WorkEvent

    return WorkEvent.MARK_DONE


def test_our_own_message_is_shown_once_and_settles_its_item(shelf: Shelf) -> None:
    item = shelf.queue(
        "5",
        "Words of sent",
        kind=ActionKind.RESOLUTION,
        target=Target.PRIVATE,
        state=OutboxState.SENT,
        attempts=1,
    )
    assert [i.id for i in detail(shelf).outbox] == [item.id]
    store(shelf, note("sent", ours=True))
    assert detail(shelf).outbox == ()
    found = detail(shelf).messages[0]
    assert (found.outbox_id, found.resolution) == (item.id, True)


def test_a_sent_message_opens_a_case_whose_date_returns_the_review(shelf: Shelf) -> None:
    review_id = shelf.id("5")
    item = shelf.queue("5", "Sorry.", kind=ActionKind.MESSAGE, target=Target.PRIVATE)
    shelf.write(lambda tx: marks.settle(tx, item))
    assert detail(shelf).case == Case(CaseState.CONTACTED, NOW, NOW + FOLLOW_UP_S)
    shelf.write(lambda tx: reviews.set_state(tx, [review_id], _done()))
    assert shelf.write(lambda tx: messages.due_cases(tx, NOW + FOLLOW_UP_S - 1)) == []
    assert shelf.write(lambda tx: messages.due_cases(tx, NOW + FOLLOW_UP_S)) == [review_id]
    now = detail(shelf)
    assert now.row.work_state is WorkState.NEEDS_REPLY and now.case.follow_up is None
    store(shelf, note("thanks"))
    assert detail(shelf).case.state is CaseState.CONTACTED


def test_a_case_leaves_with_its_review_and_a_removed_one_does_not_come_back(shelf: Shelf) -> None:
    review_id = shelf.id("5")
    shelf.write(lambda tx: messages.set_case(tx, review_id, CaseState.WAITING, NOW + 5))
    shelf.page(gone=(Deletion(native_id="5", kind=ReviewKind.BUSINESS),))
    shelf.write(lambda tx: messages.due_cases(tx, NOW + 9))
    assert detail(shelf).row.work_state is WorkState.REMOVED
    store(shelf, note("a"))
    shelf.write(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (review_id,)))
    for table in ("review_case", "message", "answered_elsewhere", "unlinked", "unlinked_invitation"):
        assert shelf.sql(f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_reply_made_elsewhere_is_settled_by_the_reading_that_brings_it(shelf: Shelf) -> None:
    review_id = shelf.id("5")

    def say(tx: Any) -> None:
        elsewhere.note(tx, review_id, "Thank you, Ada.")
        marks.refresh(tx, review_id)

    shelf.write(say)
    now = detail(shelf)
    assert now.elsewhere == Elsewhere(NOW, "Thank you, Ada.") and now.row.reply_mark is ReplyMark.ELSEWHERE
    shelf.thread("5", thread(business("Thank you, Ada.")))
    now = detail(shelf)
    assert now.elsewhere is None and now.row.reply_mark is ReplyMark.ELSEWHERE
    with shelf.store.read() as reader:
        assert elsewhere.waiting(reader) == []


def test_anonymising_takes_the_person_out_of_messages(shelf: Shelf) -> None:
    store(shelf, note("a", body="It is me, ada, order HB-1."), note("b", review_no=None, body="ada again"))
    shelf.page(gone=(Deletion(native_id="5", kind=ReviewKind.BUSINESS, anonymise=True),))
    left = shelf.sql("SELECT coalesce(person, '') || subject || body FROM message")
    assert left and not any("ada" in row[0].lower() or "HB-1" in row[0] for row in left)


# --- people ------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(tmp_path: Path) -> Any:
    shelf = Shelf(tmp_path)
    shelf.page(
        record("1", author=Author(name="Ada V.", email="Ada@example.org"), order_id="HB-9", created_at=NOW),
        record("2", author=Author(name="A.", email="ada@EXAMPLE.org"), created_at=NOW + 1),
        record("3", author=Author(name="Other"), order_id="HB-9", created_at=NOW + 2),
        record("4", author=Author(name="Third"), reference="HB-9", created_at=NOW + 3),
        record(
            "5", author=Author(name="Stranger", email="x@example.org"), order_id="ZZ-1", created_at=NOW + 4
        ),
    )
    yield shelf
    shelf.store.close()


def others(shelf: Shelf, native_id: str) -> list[tuple[str, tuple[str, ...]]]:
    with shelf.store.read() as reader:
        return [(m.row.native_id, m.reasons) for m in people.matches(reader, shelf.id(native_id))]


def test_each_match_names_its_reason_newest_first(crowd: Shelf) -> None:
    assert others(crowd, "1") == [("4", ("order",)), ("3", ("order",)), ("2", ("email",))]
    assert others(crowd, "5") == []


def test_an_unlinked_pair_stays_apart_over_syncs_and_can_be_joined_again(crowd: Shelf) -> None:
    one, two = crowd.id("1"), crowd.id("2")
    crowd.write(lambda tx: people.unlink(tx, one, two))
    crowd.page(
        record("2", author=Author(name="A.", email="ada@example.org"), body="edited", created_at=NOW + 1)
    )
    assert "2" not in [native for native, _ in others(crowd, "1")]
    assert others(crowd, "2") == []
    crowd.write(lambda tx: people.link(tx, two, one))
    assert ("2", ("email",)) in others(crowd, "1")


def test_the_product_s_figures_are_those_of_all_its_reviews(crowd: Shelf) -> None:
    from reviewdesk.domain.models import Product

    kettle = Product(sku="K-1", name="Kettle")
    crowd.page(*(record(f"k{n}", score=float(n), product=kettle) for n in (1, 4, 5)))
    with crowd.store.read() as reader:
        figures = people.figures_of_product(reader, crowd.id("k1"))
        assert people.figures_of_product(reader, crowd.id("1")) is None
    assert figures is not None
    assert (figures.reviews, figures.mean, figures.spread) == (3, pytest.approx(10 / 3), (1, 0, 0, 1, 1))

"""Conversations: what a comment means depends on who wrote it, and whether it was us."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reviewdesk.domain.errors import Delivery, ErrorInfo
from reviewdesk.domain.models import (
    ActionKind,
    Comment,
    OutboxState,
    ReplyMark,
    Role,
    Target,
    Thread,
    WorkState,
)
from reviewdesk.domain.outbox import Accepted, BaselineStored, Discarded, SendFailed, UnknownOutcome
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import outbox, reviews, threads
from tests.support.stores import CREATED, Shelf, business, consumer, record, thread

NO_IDS = [
    Comment(id=None, author="ACME", role=Role.BUSINESS, text="Sorry", created_at=CREATED + 10),
    Comment(id=None, author="Ada Vogel", role=Role.CONSUMER, text="Thanks", created_at=CREATED + 20),
]


def send(shelf: Shelf, item_id: int, *events: Any) -> None:
    def work(tx: Any) -> None:
        outbox.claim(tx, item_id, "me")
        outbox.apply(tx, item_id, BaselineStored({"comments": []}))
        for event in events:
            outbox.apply(tx, item_id, event)

    shelf.write(work)


def mark(shelf: Shelf) -> tuple[ReplyMark, WorkState]:
    row = shelf.row()
    return row.reply_mark, row.work_state


def comment_owners(shelf: Shelf) -> list[int | None]:
    return [row[0] for row in shelf.sql("SELECT outbox_id FROM comment ORDER BY position")]


# --- what a comment does ---------------------------------------------------------------------------------


def test_a_reply_from_elsewhere_is_done(shelf: Shelf) -> None:
    shelf.page(record())
    assert shelf.thread("r1", thread(business("We are sorry")))
    assert mark(shelf) == (ReplyMark.ELSEWHERE, WorkState.DONE)
    assert shelf.last().changed == {shelf.id()}
    assert shelf.detail().thread_id == "t1"


def test_a_customers_comment_needs_a_reply_and_is_unread(shelf: Shelf) -> None:
    shelf.page(record(thread=thread(business("Sorry"))))
    shelf.write(lambda tx: reviews.set_read(tx, [shelf.id()], True))
    assert shelf.thread("r1", thread(business("Sorry"), consumer("Still broken")))
    assert mark(shelf) == (ReplyMark.ELSEWHERE, WorkState.NEEDS_REPLY)
    assert shelf.row().unread


def test_comments_count_in_the_order_of_their_time(shelf: Shelf) -> None:
    shelf.page(record("r1"), record("r2"))
    early, late = consumer("Hello?", at=CREATED + 1), business("Yes", at=CREATED + 2)
    shelf.thread("r1", thread(late, early))
    assert shelf.row("r1").work_state is WorkState.DONE
    shelf.thread("r2", thread(replace(late, created_at=CREATED), early))
    assert shelf.row("r2").work_state is WorkState.NEEDS_REPLY


def test_a_moderator_changes_nothing(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.thread("r1", thread(Comment(id="m", author=None, role=Role.MODERATOR, text="Checked")))
    assert mark(shelf) == (ReplyMark.NONE, WorkState.NEW)


def test_the_same_conversation_again_is_nothing(shelf: Shelf) -> None:
    shelf.page(record())
    read = thread(business("Sorry"), consumer("Thanks"))
    assert shelf.thread("r1", read)
    total = shelf.write(lambda tx: tx.db.total_changes())
    assert not shelf.thread("r1", read)
    assert shelf.write(lambda tx: tx.db.total_changes()) == total
    assert not shelf.write(lambda tx: threads.store_thread(tx, 12345, read)), "no such review"


def test_old_comments_are_no_news_when_one_is_added(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.thread("r1", thread(consumer("One", "a")))
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.MARK_DONE))
    shelf.thread(
        "r1", thread(consumer("One", "a"), Comment(id="m", author=None, role=Role.MODERATOR, text="!"))
    )
    assert shelf.row().work_state is WorkState.DONE


def test_an_edited_comment_keeps_its_former_text(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.thread("r1", thread(business("Sory", "a")))
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.REOPEN))
    shelf.thread("r1", thread(replace(business("Sorry", "a"), updated_at=CREATED + 900)))
    with shelf.store.read() as r:
        assert threads.comment_versions(r, shelf.id()) == [("a", CREATED + 100, "Sory")]
    assert [c.text for c in shelf.detail().comments] == ["Sorry"]
    assert shelf.row().work_state is WorkState.NEEDS_REPLY, "an edit is no new reply"


def test_a_deleted_comment_leaves_and_its_text_is_kept(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.thread("r1", thread(business("Sorry", "a")))
    shelf.thread("r1", thread())
    assert shelf.detail().comments == ()
    assert shelf.row().reply_mark is ReplyMark.NONE
    with shelf.store.read() as r:
        assert [v[2] for v in threads.comment_versions(r, shelf.id())] == ["Sorry"]


def test_order_and_state_follow_the_provider(shelf: Shelf) -> None:
    shelf.page(record())
    one, two = business("1", "a"), business("2", "b")
    shelf.thread("r1", thread(one, two))
    shelf.thread("r1", replace(thread(two, replace(one, state="hidden")), state="private"))
    found = shelf.detail()
    assert [(c.id, c.state) for c in found.comments] == [("b", "published"), ("a", "hidden")]
    assert found.thread_state == "private"


# --- comments without ids --------------------------------------------------------------------------------


def test_comments_without_ids_are_known_by_what_they_are(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.thread("r1", thread(*NO_IDS))
    before = shelf.sql("SELECT id FROM comment ORDER BY id")
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.MARK_WAITING))
    more = replace(NO_IDS[0], text="Once more", created_at=CREATED + 30)
    shelf.thread("r1", thread(*NO_IDS, more))
    assert shelf.sql("SELECT id FROM comment ORDER BY id")[:2] == before
    assert [c.text for c in shelf.detail().comments] == ["Sorry", "Thanks", "Once more"]
    with shelf.store.read() as r:
        assert threads.comment_versions(r, shelf.id()) == []


def test_equal_comments_without_ids_are_counted(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.thread("r1", thread(NO_IDS[0], NO_IDS[0]))
    assert len(shelf.detail().comments) == 2
    shelf.thread("r1", thread(NO_IDS[0]))
    assert len(shelf.detail().comments) == 1
    shelf.thread("r1", thread(*[NO_IDS[0]] * 3))
    assert len(shelf.detail().comments) == 3


def test_an_author_made_anonymous_is_no_new_comment(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.thread("r1", thread(*NO_IDS))
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.MARK_DONE))
    shelf.thread("r1", thread(NO_IDS[0], replace(NO_IDS[1], author="Anonymous")))
    assert shelf.row().work_state is WorkState.DONE
    assert [c.author for c in shelf.detail().comments] == ["ACME", "Anonymous"]


# --- our own replies -------------------------------------------------------------------------------------


def test_our_reply_sent_then_read_is_ours_once(shelf: Shelf) -> None:
    shelf.page(record())
    queued = shelf.queue("r1", "Thank you.")
    assert mark(shelf) == (ReplyMark.WAITING, WorkState.NEW)
    send(shelf, queued.id, Accepted("c9"))
    assert mark(shelf) == (ReplyMark.OURS, WorkState.WAITING)
    assert [i.id for i in shelf.detail().outbox] == [queued.id]
    shelf.thread("r1", thread(business("Thank you (formatted).", "c9")))
    assert mark(shelf) == (ReplyMark.OURS, WorkState.WAITING)
    assert comment_owners(shelf) == [queued.id]
    assert shelf.detail().outbox == ()


def test_our_reply_is_known_by_its_text_where_no_id_is_given(shelf: Shelf) -> None:
    shelf.page(record())
    queued = shelf.queue("r1", "Thank you,\n Ada!")
    send(shelf, queued.id, Accepted())
    shelf.thread("r1", thread(business("Thank you, Ada!", None)))
    assert mark(shelf) == (ReplyMark.OURS, WorkState.WAITING)
    assert comment_owners(shelf) == [queued.id]


@pytest.mark.parametrize("unclear", [True, False])
def test_our_reply_read_before_we_know_that_it_arrived(shelf: Shelf, unclear: bool) -> None:
    shelf.page(record())
    queued = shelf.queue("r1", "Thank you.")
    send(shelf, queued.id, *([UnknownOutcome(ErrorInfo("network", "cut"))] if unclear else []))
    shelf.thread("r1", thread(business("Thank you.", "c9")))
    assert mark(shelf) == (ReplyMark.WAITING, WorkState.NEW), "nobody else answered"
    assert comment_owners(shelf) == [queued.id]
    shelf.write(lambda tx: outbox.apply(tx, queued.id, Accepted("c9")))
    assert mark(shelf) == (ReplyMark.OURS, WorkState.WAITING)
    assert shelf.detail().outbox == ()


def test_our_reply_taken_for_anothers_is_ours_when_its_id_is_known(shelf: Shelf) -> None:
    shelf.page(record())
    queued = shelf.queue("r1", "Thank you.")
    send(shelf, queued.id)
    shelf.thread("r1", thread(business("Thank you, formatted by the provider", "c9")))
    shelf.write(lambda tx: outbox.apply(tx, queued.id, Accepted("c9")))
    assert comment_owners(shelf) == [queued.id]
    assert shelf.row().reply_mark is ReplyMark.OURS


def test_the_same_words_from_somebody_else_are_not_ours_when_we_never_tried(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.queue("r1", "Thank you.")
    shelf.thread("r1", thread(business("Thank you.", "c9")))
    assert comment_owners(shelf) == [None]
    assert shelf.row().work_state is WorkState.DONE


def test_one_reply_of_ours_is_one_comment(shelf: Shelf) -> None:
    shelf.page(record())
    queued = shelf.queue("r1", "Thank you.")
    send(shelf, queued.id, Accepted())
    shelf.thread("r1", thread(business("Thank you.", "a"), business("Thank you.", "b")))
    assert comment_owners(shelf) == [queued.id, None]


def test_then_done_makes_it_done(shelf: Shelf) -> None:
    shelf.page(record())
    queued = shelf.queue("r1", payload={"then_done": True})
    send(shelf, queued.id, Accepted())
    assert mark(shelf) == (ReplyMark.OURS, WorkState.DONE)


def test_a_failed_reply_is_marked_until_it_is_discarded(shelf: Shelf) -> None:
    shelf.page(record(thread=thread(business("Sorry"))))
    queued = shelf.queue("r1")
    send(shelf, queued.id, SendFailed(ErrorInfo("refused", "No."), Delivery.REFUSED))
    assert shelf.row().reply_mark is ReplyMark.FAILED
    assert shelf.detail().outbox[0].state is OutboxState.FAILED
    shelf.write(lambda tx: outbox.apply(tx, queued.id, Discarded()))
    assert shelf.row().reply_mark is ReplyMark.ELSEWHERE
    assert shelf.detail().outbox == ()


def test_our_edit_settles_into_the_comment_it_changed(shelf: Shelf) -> None:
    shelf.page(record(thread=thread(business("Sory", "a"))))
    edit = shelf.queue("r1", "Sorry", kind=ActionKind.EDIT_REPLY, payload={"comment_id": "a"})
    send(shelf, edit.id, Accepted("a"))
    assert shelf.row().work_state is WorkState.DONE, "an edit is no new reply"
    assert [i.id for i in shelf.detail().outbox] == [edit.id]
    shelf.thread("r1", thread(business("Sorry", "a")))
    assert shelf.detail().outbox == ()


def test_a_private_message_is_no_reply_and_stays_listed(shelf: Shelf) -> None:
    shelf.page(record())
    sent = shelf.queue("r1", "Psst", kind=ActionKind.MESSAGE, target=Target.PRIVATE)
    send(shelf, sent.id, Accepted("m1"))
    assert mark(shelf) == (ReplyMark.NONE, WorkState.NEW)
    assert [i.id for i in shelf.detail().outbox] == [sent.id]


def test_other_actions_are_settled_at_once(shelf: Shelf) -> None:
    shelf.page(record())
    flag = shelf.queue("r1", "", kind=ActionKind.FLAG)
    send(shelf, flag.id, Accepted())
    assert shelf.detail().outbox == ()
    assert mark(shelf) == (ReplyMark.NONE, WorkState.NEW)


def test_a_conversation_that_cannot_be_stored_is_refused(shelf: Shelf) -> None:
    shelf.page(record())
    with pytest.raises(ValueError):
        shelf.thread("r1", Thread(id="\ud800", state=None))

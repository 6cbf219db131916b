"""A private message about a review whose answer got lost is looked for among the sent ones; the server's record judges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, ReviewDetail, ReviewKind, Target
from reviewdesk.store import outbox
from reviewdesk.store.database import Tx
from tests.support.core import Desk
from tests.support.inviting import Inviting, open_inviting
from tests.support.scripted import World

WORDS = "We are sorry and send you a new one today."
PATHS = {ActionKind.MESSAGE: "/message/send$", ActionKind.RESOLUTION: "/resolution/send$"}
LIST = r"/messages$"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Inviting]:
    with open_inviting(tmp_path, providers=("sitejabber",)) as made:
        assert all(report.ok for report in made.core.sync.run(None, True))
        yield made


def of_business(desk: Inviting) -> list[ReviewDetail]:
    core = desk.core
    found = (core.inbox.detail(i) for i in core.inbox.ids(core.inbox.parse("is:published")))
    return [d for d in found if d is not None and d.row.kind is ReviewKind.BUSINESS and d.author.username]


def write(desk: Inviting, detail: ReviewDetail, kind: ActionKind = ActionKind.MESSAGE) -> OutboxItem:
    payload = {"subject": "Your order"} if kind is ActionKind.MESSAGE else {}
    return desk.core.replies.publish(detail.row.id, Target.PRIVATE, WORDS, kind=kind, payload=payload).result(
        5
    )


def step(desk: Inviting, item: OutboxItem) -> OutboxItem:
    """One attempt or one look, if the item is due; the clock stands still."""
    return Desk(desk.core, World(), desk.account()).step(item)


def run(desk: Inviting, item: OutboxItem) -> OutboxItem:
    """Until it is sent or held; the clock goes from one moment to the next."""
    (done,) = desk.core.outbox.run([item.id])
    return done


def there(desk: Inviting) -> list[Any]:
    return [m for m in desk.shop.sitejabber.messages if m["body"] == WORDS]


@pytest.mark.parametrize("kind", list(PATHS), ids=lambda kind: kind.value)
@pytest.mark.parametrize(("cut", "tries"), [("after", 1), ("before", 2)])
def test_a_lost_answer_is_looked_for_and_never_sent_twice(
    desk: Inviting, kind: ActionKind, cut: str, tries: int
) -> None:
    detail = of_business(desk)[0]
    desk.shop.faults.on(PATHS[kind], method="POST", cut=cut)
    item = write(desk, detail, kind)
    assert step(desk, item).state is OutboxState.VERIFYING
    # A hurried look before the settle window is over finds what is there, but an absence proves nothing yet.
    desk.core.outbox.retry(item.id).result(5)
    early = step(desk, item)
    assert early.state is (OutboxState.SENT if cut == "after" else OutboxState.VERIFYING)
    assert early.absences == 0
    done = early if early.state is OutboxState.SENT else run(desk, item)
    assert (done.state, done.attempts) == (OutboxState.SENT, tries)
    (message,) = there(desk)
    assert str(message["review"]) == detail.row.native_id
    # The provider's own record stands in the review's timeline, once, tied to what was sent.
    (shown,) = [m for m in desk.core.messages.of_review(detail.row.id) if m.body == WORDS]
    assert shown.outbox_id == item.id


def test_the_same_words_about_another_review_or_of_an_earlier_day_are_no_proof(desk: Inviting) -> None:
    detail = of_business(desk)[0]
    assert run(desk, write(desk, detail)).state is OutboxState.SENT
    desk.clock.advance(3_600)
    desk.shop.faults.on(PATHS[ActionKind.MESSAGE], method="POST", cut="before")
    item = write(desk, detail)
    assert step(desk, item).state is OutboxState.VERIFYING
    # Meanwhile a colleague writes these words to the same person about another review.
    server, person = desk.shop.sitejabber, str(detail.author.username)
    with server.lock:
        record = server.find_review(detail.row.native_id)
        other = next(n for n in server.review_numbers() if str(n) != detail.row.native_id)
        ours = next(m["sender"] for m in server.messages if m["body"] == WORDS)
        server._write("Your order", WORDS, other, sender=ours, recipient=record["author"])
    done = run(desk, item)
    assert (done.state, done.attempts) == (OutboxState.SENT, 2)
    mine = [m for m in there(desk) if str(m["review"]) == detail.row.native_id]
    assert len(mine) == 2 and {m["recipient"]["username"] for m in mine} == {person}


@pytest.mark.parametrize("carried_out", [True, False])
def test_one_that_a_killed_program_left_behind_is_looked_for(tmp_path: Path, carried_out: bool) -> None:
    """The row says it was going out: whether it did, the next start reads at the provider."""
    with open_inviting(tmp_path, providers=("sitejabber",)) as desk:
        assert all(report.ok for report in desk.core.sync.run(None, True))
        detail = of_business(desk)[0]
        # The answer never comes, and before it is missed the process is gone.
        desk.shop.faults.on(
            PATHS[ActionKind.MESSAGE], method="POST", cut="after" if carried_out else "before"
        )
        item = step(desk, write(desk, detail))
        assert item.state is OutboxState.VERIFYING

        def as_before(tx: Tx) -> None:
            tx.run(
                "UPDATE outbox SET state = 'sending', sender = 'dead', error_kind = NULL, error = NULL WHERE id = ?",
                (item.id,),
            )
            outbox.seal(tx, [item.id])

        desk.core.store.write_now(as_before)
        (open_again,) = desk.core.outbox.recover()
        assert open_again.state is OutboxState.VERIFYING
        done = run(desk, item)
        assert done.state is OutboxState.SENT and len(there(desk)) == 1


def test_where_messages_may_not_be_read_a_person_decides(desk: Inviting) -> None:
    detail = of_business(desk)[0]
    denied = (
        '{"status": "ERROR", "success": false, "errorCode": 308, "errorReason": "Insufficient permissions"}'
    )
    desk.shop.faults.on(LIST, times=None, body=denied)
    desk.shop.faults.on(PATHS[ActionKind.RESOLUTION], method="POST", cut="after")
    held = run(desk, write(desk, detail, ActionKind.RESOLUTION))
    assert held.state is OutboxState.HELD and held.error is not None and held.error.kind == "unclear"
    assert len(there(desk)) == 1
    # Where the answer is clear, nothing needs to be read.
    clear = run(desk, write(desk, of_business(desk)[1]))
    assert clear.state is OutboxState.SENT

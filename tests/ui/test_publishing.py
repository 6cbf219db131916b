"""What can be taken back after it was discarded, in the window on a real core."""

from __future__ import annotations

from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, Target
from reviewdesk.store import outbox
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk

Opened = tuple[MainWindow, Desk]


def queued(desk: Desk, kind: ActionKind) -> OutboxItem:
    """Something about no review, which waits for a person."""
    now = desk.core.clock.now()
    item = OutboxItem(
        id=0,
        kind=kind,
        account_id=desk.account.id,
        review_id=None,
        target=Target.PRIVATE,
        text="",
        payload={"email": "somebody@example.org"},
        state=OutboxState.HELD,
        created_at=now,
        not_before=now,
    )
    return desk.core.store.write_now(lambda tx: outbox.insert(tx, item))


def test_an_invitation_that_was_discarded_comes_back_held(opened: Opened, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    item = queued(desk, ActionKind.INVITE_EMAIL)
    gone = desk.core.outbox.discard(item.id).result(5)
    window.publishing.discarded(gone)
    assert window.publishing.undo()

    def held() -> bool:
        found = desk.core.outbox.item(item.id)
        return found is not None and found.state is OutboxState.HELD

    qtbot.waitUntil(held, timeout=10_000)
    qtbot.waitUntil(lambda: "Held" in window.toast.text(), timeout=10_000)

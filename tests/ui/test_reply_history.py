"""A published reply that was changed keeps its old text where the history of the review is read."""

from __future__ import annotations

from typing import Any

from reviewdesk.domain.models import ActionKind, OutboxState, Target
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.reading.diff import Change
from tests.support.core import Desk
from tests.support.screens import settle, wait_until


def test_the_old_text_of_a_changed_reply_is_read_in_the_history(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    core, review = desk.core, desk.review("r3")
    first = desk.reply("r3", "The parcel comes on Monday.")
    core.outbox.run([first.id])
    desk.sync()
    window.open_review(review)
    wait_until(lambda: (d := window.reading.detail()) is not None and len(d.comments) == 1)
    history = window.reading.content.history
    assert not history.isVisible() and window.actions_["versions"].reason is not None
    comment = window.reading.detail().comments[0]  # type: ignore[union-attr]
    edit = core.replies.publish(
        review, Target.PUBLIC, "The parcel comes on Tuesday.",
        kind=ActionKind.EDIT_REPLY, payload={"comment_id": comment.id},
    ).result(5)  # fmt: skip
    core.outbox.run([edit.id])
    assert desk.item(edit.id).state is OutboxState.SENT
    assert desk.world.texts("r3") == ["The parcel comes on Tuesday."]
    desk.sync()
    wait_until(history.isVisible, 20, "the history")
    assert window.actions_["versions"].reason is None
    history.set_open(True)
    wait_until(lambda: bool(history.changes()) and bool(history.changes()[0].body().text()), 20, "the words")
    (change,) = history.changes()
    assert change.words().startswith("Our reply changed")
    assert parts_of(change) == {Change.REMOVED: "Monday", Change.ADDED: "Tuesday"}
    # A colleague takes it away at the provider: its last words are still read here.
    desk.world.threads["r3"].clear()
    desk.sync()
    wait_until(lambda: len(history.changes()) == 2, 20, "the end of the reply")
    wait_until(lambda: Change.ADDED not in parts_of(history.changes()[0]), 20, "its words")
    gone, changed = history.changes()
    assert gone.words() == "Comment deleted" and changed.words().startswith("Comment changed")
    assert parts_of(gone) == {Change.REMOVED: "The parcel comes on Tuesday."}
    settle()


def parts_of(change: Any) -> dict[Change, str]:
    return {p.change: p.text.strip() for p in change.body()._parts if p.change is not Change.SAME}

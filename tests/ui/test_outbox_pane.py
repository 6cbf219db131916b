"""The outbox pane: words for every state, groups, actions that ask the service, text that comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, Target
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.outbox import OutboxPane
from reviewdesk.ui.outbox.table import columns
from reviewdesk.ui.outbox.words import GROUPS, action_title, describe, group_of, group_title
from reviewdesk.ui.theme import theme
from reviewdesk.ui.widgets import PushButton
from tests.support.fake_core import NOW, FakeCore

ITEM = OutboxItem(
    id=1,
    kind=ActionKind.REPLY,
    account_id=1,
    review_id=7,
    target=Target.PUBLIC,
    text="Thank you.",
    payload={},
    state=OutboxState.WAITING,
    created_at=NOW - 60,
    not_before=NOW + 8,
)


@pytest.mark.parametrize(
    ("changes", "group", "state", "next_try", "actions"),
    [
        ({}, "waiting", "Publishing in 8 s", None, ("undo", "send-now", "hold", "ask-approval")),
        ({"target": Target.PRIVATE}, "waiting", "Sending in 8 s", None, ("undo", "send-now", "hold", "ask-approval")),
        ({"not_before": NOW + 90000, "scheduled_for": NOW + 90000}, "waiting", "Scheduled", None, None),
        ({"attempts": 1, "error": ErrorInfo("network", "No answer.")}, "waiting", "Waiting for a connection", None, None),
        ({"error": ErrorInfo("rate-limit", "Slow down.")}, "waiting", "Waiting for the limit", None, None),
        ({"error": ErrorInfo("sign-in", "Key expired.")}, "waiting", "Waiting for sign-in", "after sign-in", None),
        ({"not_before": NOW - 1}, "waiting", "Waiting", "now", None),
        ({"state": OutboxState.SENDING}, "waiting", "Publishing", "", ()),
        ({"state": OutboxState.VERIFYING}, "verifying", "Checking whether it arrived", None, ("look-now",)),
        ({"state": OutboxState.FAILED, "error": ErrorInfo("refused", "Duplicate comment")}, "failed", "Not accepted",
         "after your edit", ("edit", "retry", "discard")),
        ({"state": OutboxState.HELD, "error": ErrorInfo("held", "Held by you")}, "waiting", "Held by you",
         "when released", ("release", "undo", "discard")),
        ({"state": OutboxState.HELD, "error": ErrorInfo("conflict", "Somebody answered meanwhile.")}, "failed",
         "Held, needs you", "when released", ("override", "edit", "discard")),
        ({"state": OutboxState.HELD, "error": ErrorInfo("unclear", "Not certain.")}, "failed", "Held, needs you",
         "when released", ("retry", "discard")),
        ({"state": OutboxState.HELD, "error": ErrorInfo("approval", "Needs a look.")}, "waiting", "Waits for approval",
         "after approval", ("approve", "undo", "discard")),
        ({"state": OutboxState.SENT, "finished_at": NOW}, "delivered", "Delivered", "", ("open",)),
    ],
)  # fmt: skip
def test_every_state_has_its_words(
    changes: dict[str, object], group: str, state: str, next_try: str | None, actions: tuple[str, ...] | None
) -> None:
    item = replace(ITEM, **changes)
    words = describe(item, "Pierre L.", NOW)
    assert group_of(item) == group
    assert words.state.startswith(state)
    if next_try is not None:
        assert words.next_try == next_try
    if actions is not None:
        assert words.actions == actions
    assert all(action_title(a) for a in words.actions)
    assert "sent" not in words.state.lower().split()


@pytest.mark.parametrize("kind", list(ActionKind))
def test_every_kind_has_a_title_and_an_icon(kind: ActionKind) -> None:
    words = describe(replace(ITEM, kind=kind), "Pierre L.", NOW)
    assert words.title and "{" not in words.title and kind.value != words.title
    assert words.icon


def test_a_name_cannot_reorder_the_words_around_it() -> None:
    assert "\u2068سارة\u2069" in describe(ITEM, "سارة", NOW).title
    assert [group_title(g) for g in GROUPS] == [
        "Failed, needs you",
        "Waiting",
        "Verifying",
        "Delivered today",
    ]


def test_narrow_tables_lose_columns_and_keep_the_text(themed: QApplication) -> None:
    assert list(columns(1200)) == ["what", "where", "state", "next", "said", "actions"]
    assert list(columns(500)) == ["what", "state"]
    for width in (300, 500, 700, 900, 1200):
        assert columns(width)["what"][1] >= 120


@pytest.fixture
def pane(themed: QApplication, core: FakeCore, qtbot) -> Iterator[OutboxPane]:  # type: ignore[no-untyped-def]
    bridge = Bridge(core)  # type: ignore[arg-type]
    core.fill_outbox()
    made = OutboxPane(bridge)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made.count() == 7)
    yield made
    bridge.close()


def test_what_needs_a_person_stands_first(pane: OutboxPane) -> None:
    rows = [(r.group, r.item.id if r.item else 0) for r in pane.list.table.rows()]
    assert [g for g, i in rows if not i] == ["failed", "waiting", "verifying", "delivered"]
    assert [i for g, i in rows if g == "waiting" and i] == [2, 3, 4, 5], "by turn, held last"
    current = pane.list.current_item()
    assert current is not None and current.id == 1


def test_the_buttons_of_the_chosen_item_act(pane: OutboxPane, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    pane.list.setCurrentIndex(pane.list.table.index(pane.list.table.place_of("item:2")))

    def shown() -> dict[str, PushButton]:
        return {b.objectName(): b for b in pane._detail.findChildren(PushButton) if b.isVisible()}

    qtbot.waitUntil(lambda: set(shown()) == {"undo", "send-now", "hold", "ask-approval"})
    qtbot.mouseClick(shown()["hold"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: core.outbox.by_id[2].state is OutboxState.HELD)


def test_undo_opens_the_draft_again(pane: OutboxPane, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    with qtbot.waitSignal(pane.draft_wanted) as wanted:
        pane.act("undo", 2)
    assert wanted.args == [core.review_of("Pierre L."), Target.PUBLIC]
    draft = core.replies.draft(core.review_of("Pierre L."), Target.PUBLIC)
    assert draft is not None and draft.text.startswith("Bonjour Pierre")


def test_undo_that_comes_too_late_says_so(pane: OutboxPane, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    core.outbox.by_id[2] = replace(core.outbox.by_id[2], state=OutboxState.SENDING)
    with qtbot.waitSignal(pane.said) as said:
        pane.act("undo", 2)
    assert said.args == ["It is on its way already"]


def test_editing_a_failed_item_keeps_its_text_as_a_draft_first(
    pane: OutboxPane, core: FakeCore, qtbot
) -> None:  # type: ignore[no-untyped-def]
    review = core.review_of("Karim Saleh")
    with qtbot.waitSignal(pane.draft_wanted):
        pane.act("edit", 1)
    draft = core.replies.draft(review, Target.PUBLIC)
    assert draft is not None and draft.text.startswith("We are sorry")
    assert 1 not in core.outbox.by_id


def test_editing_never_overwrites_another_draft(pane: OutboxPane, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    review = core.review_of("Karim Saleh")
    core.replies.save_draft(review, Target.PUBLIC, "Something newer")
    with qtbot.waitSignal(pane.draft_wanted):
        pane.act("edit", 1)
    assert core.replies.drafts[review, Target.PUBLIC].text == "Something newer"
    assert 1 in core.outbox.by_id


def test_clicking_an_action_in_a_row(pane: OutboxPane, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    index = pane.list.table.index(pane.list.table.place_of("item:1"))
    row = pane.list.table.row(index)
    assert row is not None
    places = dict(pane.list._delegate.action_places(pane.list.visualRect(index), row))
    with qtbot.waitSignal(pane.discarded) as gone:
        qtbot.mouseClick(pane.list.viewport(), Qt.MouseButton.LeftButton, pos=places["discard"].center())
    assert gone.args[0].id == 1
    qtbot.waitUntil(lambda: pane.list.table.place_of("item:1") < 0)


def test_retry_and_hold_for_all(pane: OutboxPane, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    qtbot.mouseClick(pane._retry_failed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: core.outbox.by_id[1].state is OutboxState.WAITING)
    qtbot.waitUntil(lambda: not pane._retry_failed.isVisible())
    qtbot.mouseClick(pane._hold_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not any(i.state is OutboxState.WAITING for i in core.outbox.by_id.values()))


def test_searching_the_outbox(pane: OutboxPane, qtbot) -> None:  # type: ignore[no-untyped-def]
    pane.set_filter("harbour.example")
    assert pane.count() == 3
    pane.set_filter("no such thing")
    assert pane.count() == 0 and pane._empty.sentence() == "No match in the outbox"
    pane.set_filter("")
    assert pane.count() == 7


def test_an_empty_outbox_says_what_it_is_for(pane: OutboxPane, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    for number in list(core.outbox.by_id):
        core.outbox.drop(number)
    qtbot.waitUntil(lambda: pane.count() == 0)
    assert pane._empty.sentence() == "Nothing is waiting" and pane._empty.isVisible()


def test_it_is_painted_in_every_theme_and_direction(pane: OutboxPane, themed: QApplication) -> None:
    for scheme in ("light", "dark", "contrast"):
        theme().set_scheme(scheme)
        assert not pane.grab().isNull()
    pane.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert not pane.grab().isNull()
    theme().set_scale(2.0)
    assert not pane.grab().isNull()
    pane._on_menu(QPoint(5, 5))

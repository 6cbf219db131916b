"""The sidebar: entries from counts, places that stay, choosing, health of accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import AccountState, ChangeSet, WorkState
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.sidebar import Entry, Sidebar
from reviewdesk.ui.sidebar.entries import Counts, build, quoted
from reviewdesk.ui.sidebar.view import SidebarDelegate
from tests.support.fake_core import FakeCore

CODES = {"trustpilot": "TP", "sitejabber": "SJ"}


def _by_key(entries: list[Entry]) -> dict[str, Entry]:
    return {e.key: e for e in entries}


def test_work_states_stay_in_their_places_without_any_review() -> None:
    labels = [e.label for e in build([], {}, Counts({}, {}), {})]
    assert labels == ["Inbox", "Needs reply", "New", "Waiting", "Snoozed", "Done", "Outbox"]
    assert all(e.shown_count == "" for e in build([], {}, Counts({}, {}), {}))


def test_only_needs_reply_and_a_failed_outbox_are_strong(core: FakeCore) -> None:
    counts = Counts({WorkState.NEW: 5, WorkState.NEEDS_REPLY: 3, WorkState.DONE: 900}, {1: 7}, 4, 0)
    entries = _by_key(build(core.accounts.list(), CODES, counts, {}))
    assert [k for k, e in entries.items() if e.strong] == ["state:needs-reply"]
    assert entries["inbox"].count == 8 and entries["state:done"].shown_count == ""
    assert (entries["outbox"].count, entries["outbox"].failed) == (4, False)
    failed = _by_key(build([], {}, Counts({}, {}, 4, 2), {}))["outbox"]
    assert (failed.count, failed.failed, failed.strong) == (2, True, True)
    assert failed.sentence == "Outbox, 2 not accepted"


def test_large_counts_are_grouped() -> None:
    entry = Entry("x", "state", "Still open", count=3400)
    assert entry.shown_count == "3,400"


@pytest.mark.parametrize(
    ("state", "phase", "glyph", "words"),
    [
        (AccountState.OK, None, "check", "up to date"),
        (AccountState.OK, SyncPhase.RUNNING, "arrows-clockwise", "loading"),
        (AccountState.OK, SyncPhase.OFFLINE, "", "offline"),
        (AccountState.PAUSED, SyncPhase.RUNNING, "pause", "paused"),
        (AccountState.SIGN_IN_NEEDED, SyncPhase.RUNNING, "warning-fill", "Sign in again."),
        (AccountState.ERROR, SyncPhase.IDLE, "warning-fill", "Sign in again."),
        (AccountState.NEVER_SYNCED, None, "cloud-slash", "not loaded yet"),
    ],
)
def test_every_state_of_an_account_has_its_glyph_and_words(
    core: FakeCore, state: AccountState, phase: SyncPhase | None, glyph: str, words: str
) -> None:
    account = replace(core.accounts.get(1), state=state, last_error=ErrorInfo("sign-in", "Sign in again."))
    statuses = {1: SyncStatus(1, phase)} if phase is not None else {}
    entry = _by_key(build([account], CODES, Counts({}, {}), statuses))["account:1"]
    assert (entry.glyph, entry.glyph_words) == (glyph, words)
    assert entry.sentence == f"Harbour DK (TP), {words}"


def test_any_name_of_an_account_is_one_value_of_the_search(core: FakeCore) -> None:
    for name in ('the "best" shop', "back\\slash", "a OR b", "account:x", "(brackets"):
        query = core.inbox.parse(f"account:{quoted(name)} -is:done")
        assert len(query.chips) == 2 and query.problems == ()


@pytest.fixture
def sidebar(themed: QApplication, core: FakeCore, qtbot) -> Iterator[Sidebar]:  # type: ignore[no-untyped-def]
    bridge = Bridge(core)  # type: ignore[arg-type]
    made = Sidebar(bridge)
    qtbot.addWidget(made)
    made.resize(228, 700)
    made.show()
    qtbot.waitUntil(lambda: len(made.entries()) == 14)
    yield made
    bridge.close()


def test_choosing_tells_the_view_once(sidebar: Sidebar, qtbot) -> None:  # type: ignore[no-untyped-def]
    chosen: list[Entry] = []
    sidebar.chosen.connect(chosen.append)
    assert sidebar.choose("state:snoozed")
    assert not sidebar.choose("account:99")
    assert [(e.key, e.query) for e in chosen] == [("state:snoozed", "is:snoozed")]
    current = sidebar.current()
    assert current is not None and current.key == "state:snoozed"


def test_the_keyboard_goes_over_the_headings(sidebar: Sidebar, qtbot) -> None:  # type: ignore[no-untyped-def]
    sidebar.choose("outbox")
    sidebar.view.setFocus()
    qtbot.keyClick(sidebar.view, Qt.Key.Key_Down)
    current = sidebar.current()
    assert current is not None and current.key == "account:1"


def test_new_counts_leave_the_choice_alone(sidebar: Sidebar, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    sidebar.choose("account:2")
    chosen: list[Entry] = []
    sidebar.chosen.connect(chosen.append)
    before = sidebar.entry("state:done")
    ids = [r.id for r in core.inbox.rows_by_id.values() if r.account_id == 2]
    core.inbox.mark_done(ids)
    qtbot.waitUntil(lambda: sidebar.entry("account:2") is not None and sidebar.entry("account:2").count == 0)  # type: ignore[union-attr]
    assert chosen == [] and before == sidebar.entry("state:done")
    assert sidebar.current() == sidebar.entry("account:2")


def test_a_busy_sync_asks_for_the_figures_five_times_a_second_at_most_and_for_the_last(
    sidebar: Sidebar,
    core: FakeCore,
    qtbot,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    qtbot.wait(300)
    asked: list[float] = []
    ask = sidebar._ask

    def counted() -> None:
        asked.append(time.monotonic())
        ask()

    sidebar._soon.timeout.disconnect()
    sidebar._soon.timeout.connect(counted)
    began = time.monotonic()
    while time.monotonic() - began < 1.0:
        core.bus.publish(ChangeSet(added=frozenset({1})))
        qtbot.wait(20)
    last = time.monotonic()
    qtbot.waitUntil(lambda: bool(asked) and asked[-1] >= last - 0.05)
    assert asked[0] - began < 0.15, "the first is not waited for"
    assert 2 <= len(asked) <= 8, asked
    qtbot.wait(300)
    count = len(asked)
    qtbot.wait(400)
    assert len(asked) == count, "nothing is asked while nothing happens"


def test_an_account_that_comes_appears_at_its_place(sidebar: Sidebar, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    new = replace(core.accounts.get(1), id=9, name="Harbour SE", position=0)
    core.accounts.all.insert(0, new)
    core.bus.publish(ChangeSet(accounts=frozenset({9})))
    qtbot.waitUntil(lambda: sidebar.entry("account:9") is not None)
    keys = [e.key for e in sidebar.entries() if e.kind == "account"]
    assert keys[:2] == ["account:9", "account:1"]
    core.accounts.all = [a for a in core.accounts.all if a.id != 9]
    core.bus.publish(ChangeSet(accounts=frozenset({9})))
    qtbot.waitUntil(lambda: sidebar.entry("account:9") is None)


def test_every_entry_says_itself_to_a_screen_reader(sidebar: Sidebar) -> None:
    model = sidebar.view.model()
    said = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert "Needs reply, 19" in said and "Nightly feed (VR), 3, paused" in said
    assert all(said)


def test_lines_and_rail_are_painted_in_every_theme(sidebar: Sidebar) -> None:
    from reviewdesk.ui.theme import theme

    for scheme in ("light", "dark", "contrast"):
        theme().set_scheme(scheme)
        for rail in (False, True):
            sidebar.set_rail(rail)
            assert not sidebar.grab().isNull()
    assert sidebar.is_rail() and sidebar.sizeHint().width() == 52


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_in_the_rail_an_icon_makes_room_for_its_number(
    sidebar: Sidebar, scale: float, direction: Qt.LayoutDirection
) -> None:
    from reviewdesk.ui.theme import fonts, metrics, theme

    theme().set_scale(scale)
    option = QStyleOptionViewItem()
    option.direction = direction
    wide = round(40 * max(1.0, scale * 0.82))
    box = QRect(6, 0, wide, metrics.list_line() + 16)
    icon = QRect(0, 0, metrics.icon_size(18), metrics.icon_size(18))
    icon.moveCenter(box.center())
    entry = Entry("state:needs-reply", "state", "Needs reply", "chat-circle-dots", count=16, strong=True)
    icon.translate(-sidebar._delegate._aside(option, box, icon, entry), 0)
    number = fonts.metrics_of(fonts.mark_font()).horizontalAdvance("16")
    if direction == Qt.LayoutDirection.LeftToRight:
        over = icon.right() - (box.right() - number)
    else:
        over = box.left() + number - icon.left()
    assert over <= 5 and box.contains(icon)
    sidebar.set_rail(True)
    assert sidebar.view._bar.thickness == 3
    sidebar.set_rail(False)
    assert sidebar.view._bar.thickness == 6
    theme().set_scale(1.0)


def test_entries_that_stay_as_they_are_are_copied_not_painted(sidebar: Sidebar, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    sidebar.view.grab()
    painted: list[str] = []
    whole = SidebarDelegate._paint_entry
    monkeypatch.setattr(
        SidebarDelegate,
        "_paint_entry",
        lambda self, painter, option, entry, *look: (
            painted.append(entry.key),
            whole(self, painter, option, entry, *look),
        ),
    )
    sidebar.view.grab()
    assert painted == []
    entries = list(sidebar.entries())
    entries[0] = replace(entries[0], count=entries[0].count + 1)
    sidebar._model.set_entries(entries)
    sidebar.view.grab()
    assert painted == [entries[0].key]

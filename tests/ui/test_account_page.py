"""The account page against a real core: each value is what clock, store and provider dictate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from reviewdesk.domain.errors import KeychainLocked, SecretError
from reviewdesk.domain.models import AccountState, OutboxState, Rejected
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.secrets.session import SessionSecrets
from reviewdesk.services import health
from reviewdesk.store import accounts as stored
from reviewdesk.store import rejected
from reviewdesk.ui.accounts.page import AccountPage
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.widgets import PushButton, off_reason
from tests.support.clock import FakeClock
from tests.support.core import TOKEN, Desk, open_scripted

NOW = 1_780_000_000.0
DAY = 86_400


class Keychain(MemorySecrets):
    session_only = False
    error: SecretError | None = None

    def get(self, account_id: int, key: str) -> str | None:
        if self.error is not None:
            raise self.error
        return super().get(account_id, key)

    def delete_account(self, account_id, keys) -> None:  # type: ignore[no-untyped-def]
        if self.error is not None:
            raise self.error
        super().delete_account(account_id, keys)


@pytest.fixture
def keychain() -> Keychain:
    return Keychain()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def desk(tmp_path: Path, keychain: Keychain, clock: FakeClock) -> Iterator[Desk]:
    with open_scripted(tmp_path, secrets=SessionSecrets(keychain), clock=clock) as made:
        yield made


@pytest.fixture
def page(desk: Desk, themed: QApplication, qtbot) -> Iterator[AccountPage]:  # type: ignore[no-untyped-def]
    bridge = Bridge(desk.core)
    made = AccountPage(bridge, desk.account.id)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.health() is not None)
    yield made
    made.close()
    bridge.close()


def _again(page: AccountPage, qtbot) -> None:  # type: ignore[no-untyped-def]
    before = page.health()
    page.refresh()
    qtbot.waitUntil(lambda: page.health() is not before)


def test_every_value_is_what_clock_and_store_say(
    page: AccountPage, desk: Desk, clock: FakeClock, qtbot
) -> None:  # type: ignore[no-untyped-def]
    core, account = desk.core, desk.account
    now = clock.now()
    core.store.write_now(lambda tx: stored.save_pace(tx, account.id, [now - 20, *([now - 4] * 100)]))
    core.store.write_now(
        lambda tx: stored.update(
            tx, account.id, last_success=int(now) - 300, token_expires=int(now) + 40 * DAY
        )
    )
    _again(page, qtbot)
    assert page.last.value.text().endswith("5 min ago")
    line = page._quota[0]
    assert line.value.text().startswith("100 of 100 in 10 s, continues at") and line.value.role() == "warn"
    assert page._quota[1].isHidden()
    assert page.token.value.text().endswith("in 40 days") and page.token.value.role() == "text"
    assert not page.bar.isVisible()
    assert page.hosts.value.text() == "api.scripted.example"
    assert "keychain" in page.secrets.value.text() and TOKEN not in page.secrets.value.text()
    assert page.next.value.text() == "not planned", "nothing runs by itself in this test"
    clock.advance(11)
    _again(page, qtbot)
    assert line.value.text() == "0 of 100 in 10 s"


def test_a_sign_in_that_ends_soon_says_so_14_days_before(
    page: AccountPage, desk: Desk, clock: FakeClock, qtbot
) -> None:  # type: ignore[no-untyped-def]
    def ends(days: float) -> None:
        at = int(clock.now() + days * DAY)
        desk.core.store.write_now(lambda tx: stored.update(tx, desk.account.id, token_expires=at))
        _again(page, qtbot)

    ends(14.1)
    assert not page.bar.isVisible()
    ends(13.9)
    assert "ends on" in page.bar.message() and page.token.value.role() == "warn"
    asked: list[int] = []
    page.sign_in_wanted.connect(asked.append)
    page.bar._buttons[0].click()
    assert asked == [desk.account.id]
    ends(-1)
    assert page.token.value.text().startswith("ended on")


def test_what_was_set_aside_has_its_reason_and_raw_text(page: AccountPage, desk: Desk, qtbot) -> None:  # type: ignore[no-untyped-def]
    raw = '{"id": 17, "score": "<b>many</b>"}'
    record = Rejected("page 2, item 17", "score is no number", raw)
    desk.core.store.write_now(lambda tx: rejected.set_aside(tx, desk.account.id, [record]))
    _again(page, qtbot)
    assert len(page.health().set_aside) == 1  # type: ignore[union-attr]
    button = next(b for b in page.aside.findChildren(PushButton) if "no number" in b.accessibleName())
    button.click()
    text = page.aside.findChild(QPlainTextEdit)
    assert isinstance(text, QPlainTextEdit) and text.toPlainText() == raw and text.isReadOnly()
    assert raw not in page.diagnostics() and "score is no number" in page.diagnostics()


def test_diagnostics_hold_neither_secrets_nor_free_text(page: AccountPage, desk: Desk, qtbot) -> None:  # type: ignore[no-untyped-def]
    page.copy_button.click()
    text = QGuiApplication.clipboard().text()
    assert "Provider: Scripted" in text and "Setting shop: given" in text
    assert TOKEN not in text and "kept-session-value" not in text
    assert "one" not in text.split("Setting shop:")[1].split("\n")[0], "the value itself stays here"


def test_pause_makes_no_request_and_resume_does(page: AccountPage, desk: Desk, qtbot) -> None:  # type: ignore[no-untyped-def]
    page.pause_button.click()
    qtbot.waitUntil(lambda: page.pause_button.text() == "Resume")
    assert off_reason(page.sync_button) and "paused" in page.next.value.text()
    calls = len(desk.world.calls)
    desk.core.sync.sync_now()
    assert desk.core.sync.sync_in_background(desk.account.id) is None
    assert len(desk.world.calls) == calls and len(desk.ids()) == 3, "it stays readable"
    page.pause_button.click()
    qtbot.waitUntil(lambda: page.pause_button.text() == "Pause")
    page.sync_button.click()
    qtbot.waitUntil(lambda: len(desk.world.calls) > calls)


def test_name_colour_and_order(page: AccountPage, desk: Desk, qtbot) -> None:  # type: ignore[no-untyped-def]
    accounts = desk.core.accounts
    second = accounts.add("scripted", "Second", {"shop": "two"}, {"token": TOKEN}, test=False)
    _again(page, qtbot)
    assert off_reason(page.up) and not off_reason(page.down)
    page.name.setText("Harbour")
    page.name.editingFinished.emit()
    qtbot.waitUntil(lambda: page.heading.text() == "Harbour")
    page.name.setText("second")
    page.name.editingFinished.emit()
    qtbot.waitUntil(lambda: "already" in page.bar.message())
    assert page.name.text() == "Harbour"
    page.swatches.changed.emit(4)
    qtbot.waitUntil(lambda: accounts.list()[0].colour == 4)
    page.down.click()
    qtbot.waitUntil(lambda: [a.id for a in accounts.list()] == [second.id, desk.account.id])
    qtbot.waitUntil(lambda: off_reason(page.down) is not None)


@pytest.mark.parametrize("erase", [False, True])
def test_remove_asks_first(page: AccountPage, desk: Desk, keychain: Keychain, qtbot, erase: bool) -> None:  # type: ignore[no-untyped-def]
    (page.erase_button if erase else page.remove_button).click()
    assert desk.core.accounts.list() and page.bar.isVisible()
    page.bar._buttons[1].click()
    assert not page.bar.isVisible() and desk.core.accounts.list()
    (page.erase_button if erase else page.remove_button).click()
    page.bar._buttons[0].click()
    qtbot.waitUntil(lambda: not page.isVisible())
    assert desk.core.accounts.list() == [] and keychain._values == {}
    assert len(desk.ids()) == (0 if erase else 3)


def test_a_switch_lets_each_text_of_this_account_wait_for_an_approval(page: AccountPage, desk: Desk) -> None:
    assert page.approval.switch.accessibleName() == "Replies of this account need a second pair of eyes"
    page.approval.switch.setFocus()
    QTest.keyClick(page.approval.switch, Qt.Key.Key_Space)
    assert page.approval.switch.isChecked()
    held = desk.reply("r1", "Thank you for your kind words.")
    assert held.state is OutboxState.HELD and held.error is not None and held.error.kind == "approval"
    QTest.keyClick(page.approval.switch, Qt.Key.Key_Space)
    assert desk.reply("r2", "Thank you for your kind words.").state is OutboxState.WAITING


def test_a_locked_keychain_is_unlocked_here(page: AccountPage, desk: Desk, keychain: Keychain, qtbot) -> None:  # type: ignore[no-untyped-def]
    keychain.error = KeychainLocked("The keychain is locked.", remedy="Unlock it.")
    desk.core.accounts.set_colour(desk.account, 2)
    assert not desk.core.sync.run(None, False)[0].ok
    qtbot.waitUntil(lambda: page.sign_in_button.text() == "Unlock and retry")
    assert page.error.value.text() == "The keychain is locked." and desk.ids()
    page.sign_in_button.click()
    qtbot.waitUntil(lambda: page.bar.isVisible() and "locked" in page.bar.message())
    assert [b.text() for b in page.bar._buttons] == ["Unlock and retry", "Keep for this session only"]
    page._remove(False)
    qtbot.waitUntil(lambda: page._errand is not None and page.bar.isVisible())
    assert desk.core.accounts.list(), "nothing is removed while its keys can't be"
    keychain.error = None
    page.sign_in_button.click()

    def well() -> bool:
        account = desk.core.accounts.get(desk.account.id)
        return account is not None and account.state is AccountState.OK

    qtbot.waitUntil(well, timeout=10_000)


def test_the_service_says_none_for_an_account_that_is_gone(desk: Desk) -> None:
    assert health.read(desk.core, 999) is None
    assert not health.ends_soon(None, NOW)

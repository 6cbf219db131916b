"""The ways from the window to the wizard and the account page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import KeychainLocked
from reviewdesk.secrets.session import SessionSecrets
from reviewdesk.ui.accounts.page import AccountPage
from reviewdesk.ui.accounts.wizard import CARDS, FORM, Wizard
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk, open_scripted
from tests.ui.test_account_page import Keychain


@pytest.fixture
def keychain() -> Keychain:
    return Keychain()


@pytest.fixture
def desk(tmp_path: Path, keychain: Keychain) -> Iterator[Desk]:
    with open_scripted(tmp_path, secrets=SessionSecrets(keychain)) as made:
        yield made


@pytest.fixture
def window(desk: Desk, themed: QApplication, qtbot) -> Iterator[MainWindow]:  # type: ignore[no-untyped-def]
    bridge = Bridge(desk.core)
    made = MainWindow(desk.core, bridge)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.entry() is not None and made.sidebar.accounts() != [])
    yield made
    made.close()
    bridge.close()


def test_add_account_from_the_menu_and_once_only(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    assert window.actions_.trigger("add-account") and window.actions_.trigger("add-account")
    wizards = [w for w in window.findChildren(Wizard) if w.isVisible()]
    assert len(wizards) == 1 and wizards[0].page() == CARDS and not wizards[0].isModal()
    wizards[0].close()


def test_health_and_sign_in_of_an_account(window: MainWindow, desk: Desk, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.sidebar.health_wanted.emit(desk.account.id)
    page = window.findChild(AccountPage)
    assert isinstance(page, AccountPage)
    qtbot.waitUntil(lambda: page.health() is not None)
    page.sign_in_button.click()
    wizard = window.findChild(Wizard)
    assert isinstance(wizard, Wizard) and wizard.page() == FORM
    wizard.close()
    page.close()
    window.sidebar.health_wanted.emit(999)
    assert not any(w.isVisible() for w in window.findChildren(AccountPage))


def test_a_locked_keychain_is_a_bar_with_two_ways_out(
    window: MainWindow, desk: Desk, keychain: Keychain, qtbot
) -> None:  # type: ignore[no-untyped-def]
    keychain.error = KeychainLocked("The keychain is locked.", remedy="Unlock it.")
    desk.core.accounts.set_colour(desk.account, 2)
    window.sync()
    qtbot.waitUntil(lambda: "keychain is locked" in window.bar.message(), timeout=10_000)
    assert [b.text() for b in window.bar._buttons] == ["Unlock and retry", "Keep for this session only"]
    assert window.inbox.total() == 3, "everything stays readable"
    keychain.error = None
    window.bar._buttons[0].click()

    def well() -> bool:
        account = desk.core.accounts.get(desk.account.id)
        return account is not None and account.state.value == "ok"

    qtbot.waitUntil(well, timeout=10_000)


def test_a_lost_sign_in_is_said_with_its_button(window: MainWindow, desk: Desk, qtbot) -> None:  # type: ignore[no-untyped-def]
    from reviewdesk.domain.errors import SignInError

    desk.world.before_page.append(SignInError("The token is not accepted.", remedy="Sign in again."))
    window.sync()
    qtbot.waitUntil(lambda: "not accepted" in window.bar.message(), timeout=10_000)
    assert [b.text() for b in window.bar._buttons] == ["Sign in again", "Account health"]
    window.bar._buttons[0].click()
    wizard = next(w for w in window.findChildren(Wizard) if w.isVisible())
    assert wizard.page() == FORM
    wizard.close()

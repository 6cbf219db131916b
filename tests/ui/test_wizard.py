"""The account wizard, by keyboard, against real services and the practice servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from reviewdesk import practice
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import KeychainLocked, KeychainMissing, SecretError
from reviewdesk.practice import PracticeShop
from reviewdesk.secrets.base import SecretStore
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.secrets.session import SessionSecrets
from reviewdesk.services.core import Core
from reviewdesk.ui.accounts.stages import fingerprints, same_fingerprint
from reviewdesk.ui.accounts.trial import Tried
from reviewdesk.ui.accounts.wizard import CARDS, FINISH, FORM, SIGN_IN, TEST, Wizard
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.theme import theme
from tests.support.core import make_profile
from tests.support.screens import wait_until

Open = Callable[..., Wizard]


@pytest.fixture(scope="module")
def shop() -> Iterator[PracticeShop]:
    with practice.start() as started:
        yield started


class Keychain(MemorySecrets):
    """One that can be locked or missing."""

    session_only = False
    error: SecretError | None = None

    def put(self, account_id: int, key: str, value: str) -> None:
        if self.error is not None:
            raise self.error
        super().put(account_id, key, value)


@pytest.fixture
def keychain() -> Keychain:
    return Keychain()


@pytest.fixture
def core(tmp_path: Path, keychain: Keychain) -> Iterator[Core]:
    secrets: SecretStore = SessionSecrets(keychain)
    made = Core.open(make_profile(tmp_path), clock=SystemClock(), secrets=secrets)
    yield made
    made.stop()


@pytest.fixture
def parent(themed: QApplication, qtbot) -> QWidget:  # type: ignore[no-untyped-def]
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def bridge(core: Core, themed: QApplication) -> Iterator[Bridge]:
    made = Bridge(core)
    yield made
    made.close()


@pytest.fixture
def open_wizard(bridge: Bridge, parent: QWidget) -> Iterator[Open]:
    opened: list[Wizard] = []

    def open_(**more: object) -> Wizard:
        wizard = Wizard(bridge, parent, **more)  # type: ignore[arg-type]
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        wizard.show()
        wizard.activateWindow()
        opened.append(wizard)
        return wizard

    yield open_
    for wizard in opened:
        wizard.close()
        wizard.deleteLater()


def _type(wizard: Wizard, values: dict[str, str], qtbot) -> None:  # type: ignore[no-untyped-def]
    """As a person does: Tab from field to field, typing."""
    for key, value in values.items():
        row = wizard.form.row(key)
        if row.choice is not None:
            row.choice.set_value(value)
            row.choice.changed.emit(value)
            continue
        assert row.edit is not None
        if row.isHidden():
            wizard.form.show_more(True)
        for _ in range(60):
            if QApplication.focusWidget() is row.edit:
                break
            qtbot.keyClick(QApplication.focusWidget() or wizard, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is row.edit, f"Tab never reaches {key}"
        row.edit.selectAll()
        if value:
            qtbot.keyClicks(row.edit, value)


def _next(wizard: Wizard, qtbot) -> None:  # type: ignore[no-untyped-def]
    qtbot.keyClick(wizard, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def _tested(wizard: Wizard) -> None:
    wait_until(lambda: wizard.page() == TEST and wizard._trial is None, 20, "the end of the test")


def _wrong(shop: PracticeShop, provider: str) -> tuple[dict[str, str], str]:
    """A secret that is wrong, for each provider, and the stage that says so."""
    return {
        "trustpilot": ({"api_secret": "wrong-secret-1"}, "sign-in"),
        "sitejabber": ({"password": "wrong-password"}, "sign-in"),
        "guaranteed-reviews": ({"public_key": "wrong-public"}, "sign-in"),
        "retargeting": ({"rest_key": "wrong-key-12"}, "sign-in"),
        "verified-reviews": ({"path": "/no/such/folder"}, "connect"),
    }[provider]


PROVIDERS = ["trustpilot", "sitejabber", "guaranteed-reviews", "retargeting", "verified-reviews"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_by_keyboard_wrong_then_right(
    open_wizard: Open,
    shop: PracticeShop,
    core: Core,
    qtbot,
    provider: str,  # type: ignore[no-untyped-def]
) -> None:
    made = next(a for a in shop.accounts if a.provider == provider)
    wizard = open_wizard()
    qtbot.waitUntil(lambda: wizard.cards.card("trustpilot").hasFocus())
    while wizard.provider() != provider:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    _next(wizard, qtbot)
    assert wizard.page() == FORM
    wanted = {f.field.key for f in wizard.form.rows()}
    spec = core.accounts.spec(provider)
    assert {f.key for f in spec.secrets if f.only_when is None} <= wanted, "every secret is asked for"
    _next(wizard, qtbot)
    assert wizard.page() == FORM and "is needed" in wizard.bar.message()
    wrong, stage = _wrong(shop, provider)
    _type(wizard, {**made.settings, **made.secrets, **wrong}, qtbot)
    _next(wizard, qtbot)
    _tested(wizard)
    failed = wizard.stages.failed()
    assert failed is not None and failed.message and core.accounts.list() == []
    assert failed.name == stage
    for secret in wizard.form.secrets().values():
        assert secret not in wizard.details(), "details are copied without secrets"
    wizard.stages.failure.correct.click()
    assert wizard.page() == FORM
    _type(wizard, {key: {**made.settings, **made.secrets}[key] for key in wrong}, qtbot)
    _next(wizard, qtbot)
    _tested(wizard)
    assert wizard.stages.failed() is None and wizard.heading.text() == "Everything works"
    _next(wizard, qtbot)
    assert wizard.page() == FINISH
    assert any(line.startswith("Read reviews: yes") for line in wizard.finish.abilities.said())
    reasons = [a.reason for a in spec.capabilities(made.settings, frozenset(made.secrets)).values()]
    said = "\n".join(wizard.finish.abilities.said())
    assert all(reason in said for reason in reasons if reason)
    everything = wizard.finish.estimate.text()
    wizard.finish.reach._pick("90")
    part = f"At most {everything[:1].lower()}{everything[1:]}"
    one_call = everything.startswith("Everything comes in one call")
    assert wizard.finish.estimate.text() == (everything if one_call else part)
    wizard.finish.reach._pick("0")
    assert wizard.finish.estimate.text() == everything
    wizard.finish.name.clear()
    qtbot.keyClicks(wizard.finish.name, "My shop")
    with qtbot.waitSignal(wizard.added, timeout=10_000):
        _next(wizard, qtbot)
    account = core.accounts.by_name("My shop")
    assert account.provider == provider and account.secret_keys == set(made.secrets)
    qtbot.waitUntil(
        lambda: (core.accounts.get(account.id) or account).last_success is not None, timeout=15_000
    )
    assert core.inbox.count(core.inbox.parse("")) > 0, "rows arrive without a restart"


def test_an_address_that_leads_nowhere_fails_at_connect(open_wizard: Open, qtbot, shop) -> None:  # type: ignore[no-untyped-def]
    wizard = open_wizard()
    wizard.cards.choose("retargeting")
    wizard.go_on()
    wizard.form.fill({"customer_id": "x", "rest_key": "some-key", "base_url": "http://127.0.0.1:9/v1"})
    wizard.go_on()
    _tested(wizard)
    failed = wizard.stages.failed()
    assert failed is not None and failed.name == "connect" and failed.remedy
    assert "reached" in wizard.heading.text()
    wizard.go_back()
    wizard.form.fill({"base_url": "http://shop.example/v1"})
    wizard.go_on()
    _tested(wizard)
    failed = wizard.stages.failed()
    assert failed is not None and failed.name == "address" and "https" in failed.message


def test_only_the_fields_that_apply(open_wizard: Open, core: Core) -> None:
    wizard = open_wizard()
    wizard.cards.choose("trustpilot")
    wizard.go_on()

    def shown() -> set[str]:
        return {row.field.key for row in wizard.form.rows()}

    assert {"business_unit", "grant", "api_key", "api_secret"} == shown()
    row = wizard.form.row("grant")
    assert row.choice is not None
    for grant, fields in (
        ("password", {"username", "password", "api_secret"}),
        ("authorization_code", {"redirect_uri", "api_secret"}),
        ("api_key", set()),
    ):
        row.choice.set_value(grant)
        row.choice.changed.emit(grant)
        assert shown() == {"business_unit", "grant", "api_key"} | fields
    assert "api_secret" not in wizard.form.secrets(), "what does not apply is not used"


def test_secrets_are_never_shown_and_never_kept(open_wizard: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    wizard = open_wizard()
    wizard.cards.choose("trustpilot")
    wizard.go_on()
    edit = wizard.form.row("api_key").edit
    assert edit is not None and edit.echoMode() is QLineEdit.EchoMode.Password
    edit.setFocus()
    qtbot.keyClicks(edit, "secret-key-123")
    company = wizard.form.row("business_unit").edit
    assert company is not None
    company.setFocus()
    qtbot.keyClicks(company, "harbour.example")
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible() and edit.text() == ""
    again = open_wizard()
    assert again.provider() == "trustpilot"
    again.go_on()
    assert again.form.settings()["business_unit"] == "harbour.example"
    assert again.form.secrets() == {}


def test_a_pasted_example_fills_the_fields(open_wizard: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    wizard = open_wizard()
    wizard.cards.choose("retargeting")
    wizard.go_on()
    example = '$apiKey = "RK1234567"; $customerId = "C-77"; $data = ["k" => $apiKey, "u" => $customerId];'
    QGuiApplication.clipboard().setText(example)
    edit = wizard.form.row("customer_id").edit
    assert edit is not None
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert wizard.form.settings()["customer_id"] == "C-77"
    assert wizard.form.secrets() == {"rest_key": "RK1234567"}
    assert "REST API key" in wizard.sentence.text()
    wizard.form.row("rest_key").clear()
    wizard.example.click()
    assert wizard.form.secrets() == {"rest_key": "RK1234567"}
    QGuiApplication.clipboard().setText("just some words that are no example at all")
    wizard.example.click()
    assert "no example" in wizard.sentence.text()


@pytest.mark.parametrize(
    ("error", "button"),
    [
        (KeychainLocked("The keychain is locked.", remedy="Unlock it."), "Unlock and retry"),
        (KeychainMissing("There is no keychain on this machine.", remedy="Start one."), "Try again"),
    ],
)
def test_without_a_keychain_there_are_two_ways_out(
    open_wizard: Open,
    shop,
    core: Core,
    keychain: Keychain,
    qtbot,
    error,
    button,  # type: ignore[no-untyped-def]
) -> None:
    wizard = _at_the_end(open_wizard(), shop)
    keychain.error = error
    wizard.go_on()
    qtbot.waitUntil(lambda: wizard.bar.isVisible())
    assert wizard.bar.message() == error.message and core.accounts.list() == []
    retry, keep = wizard.bar._buttons
    assert (retry.text(), keep.text()) == (button, "Keep for this session only")
    retry.click()
    qtbot.waitUntil(lambda: not wizard._busy and wizard.bar.isVisible())
    assert core.accounts.list() == []
    wizard.bar._buttons[1].click()
    qtbot.waitUntil(lambda: not wizard.isVisible())
    account = core.accounts.list()[0]
    assert core.accounts.is_session_only(account) and keychain._values == {}


def test_unlocking_is_enough(open_wizard: Open, shop, core: Core, keychain: Keychain, qtbot) -> None:  # type: ignore[no-untyped-def]
    wizard = _at_the_end(open_wizard(), shop)
    keychain.error = KeychainLocked("The keychain is locked.")
    wizard.go_on()
    qtbot.waitUntil(lambda: wizard.bar.isVisible())
    keychain.error = None
    wizard.bar._buttons[0].click()
    qtbot.waitUntil(lambda: not wizard.isVisible())
    assert not core.accounts.is_session_only(core.accounts.list()[0])


def test_a_name_that_is_taken_is_said_at_the_name(open_wizard: Open, shop, core: Core, qtbot) -> None:  # type: ignore[no-untyped-def]
    first = _at_the_end(open_wizard(), shop)
    first.finish.name.setText("Shop")
    first.finish.swatches.set_colour(5)
    first.finish.reach.set_value("90")
    first.go_on()
    qtbot.waitUntil(lambda: not first.isVisible())
    assert core.accounts.list()[0].colour == 5
    qtbot.waitUntil(lambda: core.accounts.list()[0].last_success is not None, timeout=15_000)
    ids = core.inbox.ids(core.inbox.parse(""))
    oldest = min(row.created_at or 0 for row in core.inbox.rows(list(ids)).values())
    assert oldest >= core.clock.now() - 91 * 86_400, "nothing older than was asked for"
    second = _at_the_end(open_wizard(), shop)
    second.finish.name.setText("shop")
    second.go_on()
    qtbot.waitUntil(lambda: second.finish.name_problem.isVisible())
    assert "already" in second.finish.name_problem.text() and len(core.accounts.list()) == 1


def _at_the_end(wizard: Wizard, shop: PracticeShop) -> Wizard:
    made = next(a for a in shop.accounts if a.provider == "retargeting")
    wizard.cards.choose("retargeting")
    wizard.go_on()
    wizard.form.fill({**made.settings, **made.secrets})
    wizard.go_on()
    _tested(wizard)
    wizard.go_on()
    assert wizard.page() == FINISH
    return wizard


def test_signing_in_again_keeps_what_was_not_typed(
    open_wizard: Open, shop, core: Core, keychain, qtbot
) -> None:  # type: ignore[no-untyped-def]
    made = next(a for a in shop.accounts if a.provider == "trustpilot")
    account = core.accounts.add(
        made.provider, made.name, made.settings, {**made.secrets, "api_secret": "old"}, test=False
    )
    assert not core.sync.run([account], False)[0].ok
    wizard = open_wizard(account=core.accounts.get(account.id))
    assert wizard.page() == FORM and wizard.form.settings()["business_unit"] == made.settings["business_unit"]
    assert wizard.form.secrets() == {}
    wizard.go_on()
    _tested(wizard)
    assert wizard.stages.failed() is not None
    wizard.go_back()
    wizard.form.fill({"api_secret": made.secrets["api_secret"]})
    wizard.go_on()
    _tested(wizard)
    assert wizard.stages.failed() is None and wizard.next.text() == "Use these credentials"
    wizard.go_on()
    qtbot.waitUntil(lambda: not wizard.isVisible())
    assert keychain.get(account.id, "api_secret") == made.secrets["api_secret"]
    assert keychain.get(account.id, "api_key") == made.secrets["api_key"]
    qtbot.waitUntil(lambda: core.accounts.list()[0].state.value == "ok", timeout=15_000)


def test_the_browser_comes_back_by_hand(open_wizard: Open, shop, core: Core, qtbot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    opened: list[str] = []
    monkeypatch.setattr(
        "reviewdesk.ui.accounts.browser.QDesktopServices.openUrl",
        lambda url: opened.append(url.toString()) or True,
    )
    made = next(a for a in shop.accounts if a.provider == "trustpilot")
    wizard = open_wizard()
    wizard.go_on()
    redirect = shop.trustpilot.redirect_uri
    wizard.form.fill(
        {**made.settings, **made.secrets, "grant": "authorization_code", "redirect_uri": redirect}
    )
    wizard.go_on()
    qtbot.waitUntil(lambda: wizard.page() == SIGN_IN)
    assert opened == [], "nothing is opened by itself"
    wizard.browser.open_button.click()
    assert len(opened) == 1 and made.secrets["api_secret"] not in opened[0]
    wizard.go_on()
    assert "Paste the address" in wizard.browser.problem.text()
    wizard.browser.field.setText("https://elsewhere.example/?code=1")
    wizard.go_on()
    qtbot.waitUntil(lambda: "another page" in wizard.browser.problem.text())
    wizard.browser.field.setText(f"{redirect}?code={shop.trustpilot.issue_code()}")
    wizard.go_on()
    _tested(wizard)
    assert wizard.stages.failed() is None and wizard.browser.field.text() == ""
    wizard.go_on()
    wizard.go_on()
    qtbot.waitUntil(lambda: not wizard.isVisible())
    account = core.accounts.list()[0]
    qtbot.waitUntil(lambda: core.accounts.list()[0].token_expires is not None, timeout=15_000)
    assert core.accounts.get(account.id).state.value == "ok"


def test_the_servers_key_is_asked_for_before_any_password(open_wizard: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    wizard = open_wizard()
    wizard.cards.choose("verified-reviews")
    wizard.go_on()
    shown = "SHA256:" + "5nQwZt8f" * 5 + "abc"
    other = "SHA256:" + "Zt8f5nQw" * 5 + "abc"
    wizard.stages.begin(with_key=True)
    for tried in (
        Tried("address", True, "sftp.harbour.example, port 22.", "", 3),
        Tried("connect", True, "sftp.harbour.example answers.", "", 9),
        Tried(
            "host-key",
            False,
            f"The server sftp.harbour.example is not known yet. It shows the key {shown}.",
            "",
            2,
        ),
    ):
        wizard.stages.add(tried)
    wizard._show(TEST)
    assert wizard.heading.text() == "Is this your server?" and wizard.next.text() == "Trust this key"
    assert wizard.stages.shown_key() == shown and wizard.stages.words("sign-in") == "not reached"
    wizard.stages.key.field.setText(other)
    assert "another key" in str(wizard.next.property("off_reason"))
    wizard.stages.key.field.setText(shown.removeprefix("SHA256:") + "=")
    assert not wizard.next.property("off_reason")
    wizard.stages.begin(with_key=True)
    wizard.stages.add(
        Tried(
            "host-key",
            False,
            f"The key of sftp.harbour.example has changed: it shows {other}, accepted is {shown}.",
            "",
            2,
        )
    )
    assert wizard.stages.shown_key() == other
    assert fingerprints(f"{other}, {shown}") == [other, shown]
    assert same_fingerprint(other, other + "=") and not same_fingerprint(other, shown)


def test_a_test_can_be_left(open_wizard: Open, shop: PracticeShop, core: Core, qtbot) -> None:  # type: ignore[no-untyped-def]
    made = next(a for a in shop.accounts if a.provider == "retargeting")
    fault = shop.faults.on("", provider="retargeting", delay_before_s=0.6)
    try:
        wizard = open_wizard()
        wizard.cards.choose("retargeting")
        wizard.go_on()
        wizard.form.fill({**made.settings, **made.secrets})
        wizard.go_on()
        trial = wizard._trial
        assert trial is not None and wizard.next.property("off_reason")
        wizard.go_back()
        assert wizard.page() == FORM and wizard._trial is None
        assert trial.wait(5)
        wizard.go_on()
        assert wizard.page() == TEST
        qtbot.keyClick(wizard, Qt.Key.Key_Escape)
        assert not wizard.isVisible() and core.accounts.list() == []
    finally:
        shop.faults.off(fault)


@pytest.mark.parametrize("scheme", ["light", "dark", "contrast"])
def test_it_follows_the_theme_and_fits(open_wizard: Open, scheme: str, themed: QApplication) -> None:
    wizard = open_wizard()
    theme().set_scheme(scheme)
    room = wizard.screen().availableGeometry()
    assert (wizard.width(), wizard.height()) == (min(900, room.width()), min(640, room.height() - 40))
    assert wizard.page() == CARDS
    image = wizard.grab().toImage()
    assert image.pixelColor(4, 40).name() == theme().colour("surface").name()
    wizard.go_on()
    image = wizard.grab().toImage()
    place = wizard.form.viewport().mapTo(wizard, wizard.form.viewport().rect().bottomLeft())
    assert image.pixelColor(place.x() + 6, place.y() - 6).name() == theme().colour("surface").name()
    theme().set_scheme("light")

"""Each provider wrong at each stage of the connection test and right again, in one wizard, by keyboard.

With ``REVIEWDESK_PICTURES`` set to a folder, a picture of every page is written there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk import practice
from reviewdesk.domain.clock import SystemClock
from reviewdesk.practice import PracticeShop
from reviewdesk.practice.keys import VERIFIED_REVIEWS
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.ui.accounts.stages import stage_title
from reviewdesk.ui.accounts.wizard import FINISH, FORM, TEST, Wizard
from reviewdesk.ui.bridge import Bridge
from tests.support.core import make_profile
from tests.support.faultserver import refused_port
from tests.support.screens import grab, wait_until

PICTURES = os.environ.get("REVIEWDESK_PICTURES", "")


@dataclass(frozen=True)
class Wrong:
    """Something that is wrong: values in the form, a fault at the provider (``path`` and what it answers)."""

    stage: str
    values: dict[str, str] = field(default_factory=dict)
    path: str = ""
    fault: dict[str, Any] = field(default_factory=dict)
    says: str = ""


def _http(key: str = "base_url") -> tuple[Wrong, Wrong]:
    return (
        Wrong("address", {key: "http://shop.example/v1"}, says="https"),
        Wrong("connect", {key: f"http://127.0.0.1:{refused_port()}/v1"}),
    )


def _body(body: str, status: int = 200) -> dict[str, Any]:
    return {"status": status, "body": body, "headers": {"Content-Type": "application/json"}, "times": None}


CASES: dict[str, tuple[Wrong, ...]] = {
    "trustpilot": (
        *_http(),
        Wrong("sign-in", {"api_secret": "wrong-secret-1"}),
        Wrong(
            "permission", path=r"product-reviews/business-units/\w+/reviews$|reviews$", fault=_body("{}", 403)
        ),
        Wrong("read", path=r"/reviews$", fault=_body('{"productReviews": [1, 2')),
    ),
    "sitejabber": (
        *_http(),
        Wrong("sign-in", {"password": "wrong-password"}),
        Wrong(
            "permission",
            path=r"/business",
            fault=_body(
                '{"status": "error", "success": false, "errorCode": 308, "errorReason": "No rights"}'
            ),
            says="does not let",
        ),
        Wrong("read", path=r"/reviews$", fault=_body('{"reviews": [1, 2')),
    ),
    "guaranteed-reviews": (
        *_http(),
        Wrong("sign-in", {"public_key": "wrong-public"}),
        Wrong("read", path=r"/public/v3/reviews", fault=_body('{"reviews": [1, 2')),
    ),
    "retargeting": (
        *_http(),
        Wrong("sign-in", {"rest_key": "wrong-key-12"}),
        Wrong(
            "permission",
            path=r"json-feedback$",
            fault=_body('{"status": "error", "message": "Your account is not active!"}'),
            says="not active",
        ),
        Wrong("read", path=r"json-feedback$", fault=_body('{"status": "success", "data": {"a": 1}}')),
    ),
    "verified-reviews": (
        *_http(),
        Wrong("sign-in", {"client_secret": "wrong-secret-9"}),
        Wrong("permission", path=r"published/products/reviews$", fault=_body("{}", 403)),
        Wrong("read", path=r"published/.*reviews$", fault=_body('[{"a": ')),
    ),
}


@pytest.fixture(scope="module")
def shop() -> Iterator[PracticeShop]:
    with practice.start() as started:
        yield started


def _values(shop: PracticeShop, provider: str) -> dict[str, str]:
    made = next(a for a in shop.accounts if a.provider == provider)
    if provider != "verified-reviews":
        return {**made.settings, **made.secrets}
    url = shop.server.url
    return {
        "transport": "api",
        "base_url": url("verified-reviews"),
        "auth_url": url("verified-reviews"),
        "client_id": VERIFIED_REVIEWS["client_id"],
        "client_secret": VERIFIED_REVIEWS["client_secret"],
    }


def _type(wizard: Wizard, key: str, value: str) -> None:
    """Into the field, which is reached by Tab."""
    row = wizard.form.row(key)
    if row.choice is not None:
        row.choice.set_value(value)
        row.choice.changed.emit(value)
        return
    if row.isHidden():
        wizard.form.show_more(True)
    for _ in range(80):
        if QApplication.focusWidget() is row.edit:
            break
        QTest.keyClick(QApplication.focusWidget() or wizard, Qt.Key.Key_Tab)
    assert row.edit is not None and QApplication.focusWidget() is row.edit, f"Tab never reaches {key}"
    row.edit.selectAll()
    QTest.keyClicks(row.edit, value)


def _press(wizard: Wizard) -> None:
    QTest.keyClick(wizard, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def _back(wizard: Wizard) -> None:
    wizard.back.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(wizard.back, Qt.Key.Key_Space)


@pytest.mark.parametrize("provider", list(CASES))
def test_wrong_at_each_stage_and_right_again(
    tmp_path: Path, themed: QApplication, shop: PracticeShop, provider: str
) -> None:
    core = Core.open(make_profile(tmp_path), clock=SystemClock(), secrets=MemorySecrets())
    bridge, parent = Bridge(core), QWidget()
    wizard = Wizard(bridge, parent)
    wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    right = _values(shop, provider)

    def picture(name: str) -> None:
        if PICTURES:
            grab(wizard, Path(PICTURES) / f"wizard-{provider}-{name}.png")

    def tested(press: Callable[[Wizard], None] = _press) -> None:
        press(wizard)
        wait_until(lambda: wizard.page() == TEST and wizard._trial is None, 30, "the end of the test")

    try:
        wizard.show()
        wizard.activateWindow()
        wait_until(wizard.isActiveWindow, 10, "the window")
        wizard.cards.choose(provider)
        picture("cards")
        _press(wizard)
        assert wizard.page() == FORM
        for key, value in right.items():
            _type(wizard, key, value)
        picture("form")
        for wrong in CASES[provider]:
            for key, value in wrong.values.items():
                _type(wizard, key, value)
            fault = shop.faults.on(wrong.path, **wrong.fault) if wrong.fault else None
            tested()
            failed = wizard.stages.failed()
            assert failed is not None and failed.name == wrong.stage, (wrong, wizard.details())
            assert failed.message and wrong.says in failed.message
            assert wizard.stages.failure.isVisible() and wizard.next.text() == "Test again"
            assert wizard.stages.failure.words.text() == failed.message
            assert f"{stage_title(wrong.stage)}: failed" in wizard.details()
            assert not any(
                value in wizard.details() for key, value in right.items() if key in wizard.form.secrets()
            )
            assert core.accounts.list() == []
            picture(wrong.stage)
            if fault is not None:
                # Nothing in the form was wrong: the same values are tried again when the fault is gone.
                shop.faults.off(fault)
            else:
                _back(wizard)
                assert wizard.page() == FORM
                for key in wrong.values:
                    _type(wizard, key, right[key])
            tested()
            assert wizard.stages.failed() is None, (wrong, wizard.details())
            _back(wizard)
        tested()
        picture("works")
        _press(wizard)
        assert wizard.page() == FINISH
        picture("finish")
    finally:
        shop.faults.off()
        wizard.close()
        wizard.deleteLater()
        bridge.close()
        parent.deleteLater()
        core.stop()

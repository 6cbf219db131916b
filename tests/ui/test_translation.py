"""Translation by T: in place, by a service with a name, one key away from the original; and nothing without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from reviewdesk.domain.errors import BadAnswer, InvalidInput
from reviewdesk.services.translation import NOT_SET
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.settings.items import History, Make
from reviewdesk.ui.settings.network import NetworkPage
from reviewdesk.ui.translation.room import TranslationLine
from reviewdesk.ui.translation.settings import translation_items
from reviewdesk.ui.widgets import PlainLabel
from tests.support.core import Desk
from tests.support.screens import settle, wait_until
from tests.support.translating import Service, translation_service

Opened = tuple[MainWindow, Desk]
FRENCH = "Le colis est en retard."


@pytest.fixture
def service() -> Iterator[Service]:
    with translation_service() as made:
        yield made


@pytest.fixture
def french(opened: Opened) -> int:
    """A French review, open in the window."""
    window, desk = opened
    desk.world.reviews["r9"] = replace(
        desk.world.reviews["r9"], title="En retard", body=FRENCH, language="fr"
    )
    desk.sync()
    review = desk.review("r9")
    shown(window, review)
    return review


def shown(window: MainWindow, review: int) -> None:
    window.open_review(review)
    wait_until(lambda: window.reading.detail() is not None and window.reading.detail().row.id == review, 5)
    window.reading.setFocus()
    settle()


def line(window: MainWindow) -> TranslationLine:
    found = window.reading.findChildren(TranslationLine)
    assert len(found) == 1
    return found[0]


def press_t(window: MainWindow) -> None:
    window.reading.setFocus()
    focus = window.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_T)


def body(window: MainWindow) -> str:
    return window.reading.content.text.body.toPlainText()


def test_without_a_service_the_key_says_why_and_nothing_leaves(
    opened: Opened, french: int, service: Service
) -> None:
    window, desk = opened
    assert window.actions_["translate"].reason == NOT_SET
    press_t(window)
    settle()
    assert window.toast.text() == NOT_SET and line(window).isHidden() and body(window) == FRENCH
    with pytest.raises(InvalidInput, match="No translation service"):
        desk.core.translation.translate(french, "en")
    assert service.asked == []


def test_t_translates_in_place_and_back_and_the_service_is_named(
    opened: Opened, french: int, service: Service
) -> None:
    window, desk = opened
    desk.core.translation.set_address(service.address + "/")
    window.telling.tell_reasons()
    assert service.asked == [], "naming a service sends nothing"
    press_t(window)
    wait_until(lambda: body(window) == f"In en: {FRENCH.upper()}", 10, "the translation")
    assert window.reading.content.title.toPlainText() == "In en: EN RETARD"
    assert line(window).label.text() == "Translated from French by 127.0.0.1"
    assert line(window).button.text() == "Show original" and not line(window).isHidden()
    assert [ask["q"] for ask in service.asked] == ["En retard", FRENCH] and set(service.paths) == {
        "/translate"
    }
    assert set(service.asked[0]) == {"q", "source", "target", "format"}
    press_t(window)
    assert body(window) == FRENCH and line(window).isHidden()
    press_t(window)
    wait_until(lambda: body(window).startswith("In en: "), 5, "the translation again")
    assert len(service.asked) == 2, "what was translated is not sent a second time"
    # What the store says anew about the very same text keeps the translation, another text or review ends it.
    desk.core.inbox.set_star([french], True).result(5)
    wait_until(lambda: window.reading.detail().row.starred, 5, "the star")
    settle()
    assert body(window).startswith("In en: ") and not line(window).isHidden()
    shown(window, desk.review("r3"))
    assert line(window).isHidden() and body(window) == "Fine."
    shown(window, french)
    assert line(window).isHidden() and body(window) == FRENCH
    assert len(service.asked) == 2


def test_an_edit_brings_the_original_back(opened: Opened, french: int, service: Service) -> None:
    window, desk = opened
    desk.core.translation.set_address(service.address)
    window.telling.tell_reasons()
    press_t(window)
    wait_until(lambda: body(window).startswith("In en: "), 10, "the translation")
    desk.world.reviews["r9"] = replace(desk.world.reviews["r9"], body="Il est enfin là.")
    desk.sync()
    wait_until(lambda: body(window) == "Il est enfin là.", 5, "the new text")
    assert line(window).isHidden()


def test_a_refusal_is_told_without_the_key_and_the_original_stays(
    opened: Opened, french: int, service: Service
) -> None:
    window, desk = opened
    desk.core.translation.set_address(service.address)
    desk.core.translation.set_key("key-of-the-service-1234")
    window.telling.tell_reasons()
    service.broken = 400
    press_t(window)
    wait_until(lambda: line(window).label.text().startswith("Not translated."), 10, "the reason")
    assert "key-of-the-service" not in line(window).label.text() and body(window) == FRENCH
    assert service.asked[0]["api_key"] == "key-of-the-service-1234"
    service.broken, service.key = 0, "key-of-the-service-1234"
    line(window).button.click()
    wait_until(lambda: body(window).startswith("In en: "), 10, "the second try")
    service.said = {"translatedText": ["no text"]}
    with pytest.raises(BadAnswer, match="gave no translation"):
        desk.core.translation.translate(desk.review("r2"), "en")


def test_markup_in_a_translation_is_text(opened: Opened, french: int, service: Service) -> None:
    window, desk = opened
    desk.core.translation.set_address(service.address)
    window.telling.tell_reasons()
    service.said = {"translatedText": "<b>bold</b> <img src=http://127.0.0.1:9/x.png>"}
    press_t(window)
    wait_until(lambda: body(window) == "<b>bold</b> <img src=http://127.0.0.1:9/x.png>", 10, "the text")
    assert line(window).label.text() == "Translated from French by 127.0.0.1"


def test_the_settings_name_the_service_and_the_network_page_lists_it(
    opened: Opened, service: Service
) -> None:
    window, desk = opened
    history = History()
    items = translation_items(window, Make(desk.core.settings, history))
    address, key = (item.make(window) for item in items)
    assert isinstance(address, QLineEdit) and isinstance(key, QLineEdit)
    assert address.accessibleName() == "Translation service" and key.echoMode() is QLineEdit.EchoMode.Password
    address.setText("http://translate.example.org")
    address.editingFinished.emit()
    assert desk.core.translation.address() == "" and "https://" in window.toast.text()
    address.setText(service.address)
    address.editingFinished.emit()
    assert desk.core.translation.address() == service.address
    key.setText("a-secret-key")
    key.editingFinished.emit()
    assert key.text() == ""
    wait_until(desk.core.translation.has_key, 5, "the key")
    page = NetworkPage(window, window)
    page.show()
    wait_until(
        lambda: service.address in [label.text() for label in page.findChildren(PlainLabel)], 5, "the address"
    )
    history.undo()
    assert desk.core.translation.address() == ""
    items[1].reset()
    wait_until(lambda: not desk.core.translation.has_key(), 5, "that it is forgotten")

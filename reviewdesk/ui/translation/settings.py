"""Which service translates: its address, and its key, which goes to the keychain and is never shown again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.services.settings import TRANSLATE_URL
from reviewdesk.ui.settings.items import Item, Make, Step
from reviewdesk.ui.theme import fonts

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["translation_items"]

translate = QCoreApplication.translate


def translation_items(window: MainWindow, make: Make) -> list[Item]:
    """The two rows under Reading."""
    head = translate("settings", "Translation")
    service = window.core.translation
    address_title = translate("settings", "Translation service")
    key_title = translate("settings", "Key of the translation service")

    def put(text: str) -> None:
        before = service.address()
        try:
            service.set_address(text)
        except InvalidInput as error:
            window.say(error.message)
            return
        if service.address() != before:
            make.history.note(Step(TRANSLATE_URL.key, address_title, partial(put, before)))
        window.telling.tell_reasons()

    def address(parent: QWidget) -> QWidget:
        made = _line(address_title, parent)
        made.setText(service.address())
        made.setPlaceholderText("https://")
        made.editingFinished.connect(lambda: put(made.text()))
        return made

    def key(parent: QWidget) -> QWidget:
        made = _line(key_title, parent)
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        made.setPlaceholderText(translate("settings", "Kept in the keychain"))
        made.editingFinished.connect(partial(_keep, window, made))
        return made

    return [
        Item(
            TRANSLATE_URL.key, "reading", head, address_title,
            translate("settings", "LibreTranslate or one like it. T sends the open review there, and only then"),
            address, partial(put, ""), wide=True,
        ),
        Item(
            "translate.key", "reading", head, key_title,
            translate("settings", "Only where the service wants one"), key, partial(_forget, window), wide=True,
        ),
    ]  # fmt: skip


def _line(title: str, parent: QWidget) -> QLineEdit:
    made = QLineEdit(parent)
    made.setObjectName("field")
    made.setAccessibleName(title)
    made.setMaxLength(2_000)
    fonts.follow(made, fonts.list_font)
    return made


def _keep(window: MainWindow, field: QLineEdit) -> None:
    key = field.text()
    if not key:
        return
    field.clear()
    window.bridge.run(
        window.core.translation.set_key,
        key,
        done=lambda _: window.say(translate("settings", "The key is in the keychain")),
        failed=partial(_refused, window),
        owner=window,
    )


def _forget(window: MainWindow) -> None:
    window.bridge.run(window.core.translation.set_key, "", failed=partial(_refused, window), owner=window)


def _refused(window: MainWindow, error: BaseException) -> None:
    window.say(getattr(error, "message", "") or translate("settings", "The keychain did not take it"))

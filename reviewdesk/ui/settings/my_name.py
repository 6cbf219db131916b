"""The setting of one's own name, which stands with what one approves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from reviewdesk.services.approval import NAME_LIMIT, cleaned_name, my_name
from reviewdesk.services.settings import MY_NAME
from reviewdesk.ui.settings.items import History, Item, Step
from reviewdesk.ui.theme import fonts, metrics

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["my_name_item"]

translate = QCoreApplication.translate


def my_name_item(window: MainWindow, history: History, head: str) -> Item:
    """A line to write it in; empty means the name of the system's user, which stands there greyed."""
    title = translate("settings", "Your name")
    settings = window.core.settings

    def put(name: str) -> None:
        before = settings.get(MY_NAME)
        if cleaned_name(name) != before:
            settings.set(MY_NAME, cleaned_name(name))
            history.note(Step(MY_NAME.key, title, partial(settings.set, MY_NAME, before)))

    def make(parent: QWidget) -> QWidget:
        made = QLineEdit(settings.get(MY_NAME), parent)
        made.setObjectName("field")
        made.setAccessibleName(title)
        made.setMaxLength(NAME_LIMIT)
        made.setPlaceholderText(my_name(settings))
        made.setFixedWidth(metrics.icon_size(220))
        fonts.follow(made, fonts.list_font)
        made.editingFinished.connect(lambda: put(made.text()))
        return made

    line = translate("settings", "Stands in the journal beside what you approve")
    return Item(MY_NAME.key, "writing", head, title, line, make, partial(put, ""))

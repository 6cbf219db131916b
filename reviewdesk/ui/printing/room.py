"""Brings printing into the window: two actions, and a window of their own that is loaded when first asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.printing.window import PrintWindow

__all__ = ["add_to", "copy_markdown", "open_print"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """Print (Ctrl+P) in the File menu, copying as Markdown beside copying as text."""
    group = translate("actions", "Reviews")
    window.add_action(
        "print-review",
        translate("printing", "Print or save as PDF…"),
        partial(open_print, window),
        shortcuts=["Ctrl+P"],
        icon="printer",
        group=group,
        also=[translate("printing", "paper"), translate("printing", "PDF")],
        about_review=True,
    )
    window.add_action(
        "copy-markdown",
        translate("printing", "Copy review as Markdown"),
        partial(copy_markdown, window),
        icon="copy",
        group=group,
        also=[translate("printing", "clipboard")],
        about_review=True,
    )
    window.menus.add("file", ["print-review"])
    window.menus.add("edit", ["copy-markdown"])
    window.menus.add("context", ["copy-markdown", "print-review"])


def open_print(window: MainWindow) -> PrintWindow | None:
    """The window that prints the selected reviews, else the current one."""
    ids = window.ids()
    if not ids:
        window.say(translate("printing", "Choose a review first"))
        return None
    from reviewdesk.ui.printing.window import PrintWindow  # loaded when first shown

    made = PrintWindow(window, ids)
    made.show()
    made.raise_()
    made.activateWindow()
    return made


def copy_markdown(window: MainWindow) -> None:
    """The review on the clipboard, without anything private."""
    ids = window.ids()
    if not ids:
        window.say(translate("printing", "Choose a review first"))
        return
    from reviewdesk.ui.printing.record import markdown, records

    def copied(text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        window.say(translate("printing", "Copied as Markdown, without private data"))

    window.bridge.run(
        lambda: "\n\n---\n\n".join(markdown(parts) for parts in records(window.core, ids)),
        done=copied,
        owner=window,
        key="markdown",
    )

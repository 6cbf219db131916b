"""Brings data care into the window: a section of the settings, the journal's page, windows of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.page import Page

__all__ = ["add_to", "open_bundle", "open_export", "open_person"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """The settings' section "Data and privacy", the page "Journal", and the actions."""

    def settings(parent: QWidget) -> QWidget:
        from reviewdesk.ui.data.page import DataPage  # loaded when first shown

        return DataPage(window, parent)

    def journal() -> Page:
        from reviewdesk.ui.data.journal import JournalPage  # loaded when first shown

        return JournalPage(window)

    window.add_settings("data", build=settings)
    window.add_page(
        "journal",
        translate("data", "Journal"),
        "notebook",
        journal,
        place=90,
        also=[translate("data", "history"), translate("data", "what was sent")],
    )
    group = translate("data", "Data")
    window.add_action(
        "export-view",
        translate("data", "Export this view…"),
        partial(open_export, window),
        icon="export",
        group=group,
        also=[translate("data", "CSV, XLSX, JSON"), translate("data", "save as")],
    )
    window.add_action(
        "person-data",
        translate("data", "A person's data…"),
        partial(open_person, window),
        icon="user-focus",
        group=group,
        also=[translate("data", "erase a customer"), translate("data", "privacy request")],
    )
    window.add_action(
        "data-settings",
        translate("data", "Backups, retention and storage"),
        partial(window.open_settings, "data"),
        icon="database",
        group=group,
    )
    window.add_action(
        "diagnostics-bundle",
        translate("data", "Diagnostics bundle…"),
        partial(open_bundle, window),
        icon="first-aid-kit",
        group=group,
        also=[translate("data", "support")],
    )
    window.menus.add("file", ["export-view"])
    window.menus.add("tools", ["person-data", "data-settings"])
    window.menus.add("help", ["diagnostics-bundle"])


def open_export(window: MainWindow) -> QWidget:
    """The export of what the list shows."""
    from reviewdesk.ui.data.exporting import ExportWindow

    return _shown(ExportWindow(window))


def open_person(window: MainWindow) -> QWidget:
    """Find, write out and erase a person."""
    from reviewdesk.ui.data.person import PersonWindow

    return _shown(PersonWindow(window))


def open_bundle(window: MainWindow) -> QWidget:
    """The diagnostics bundle, to be read before it is saved."""
    from reviewdesk.ui.data.bundle import BundleWindow

    return _shown(BundleWindow(window))


def _shown(made: QWidget) -> QWidget:
    made.show()
    made.raise_()
    made.activateWindow()
    return made

"""Translations: ours (English needs them too, for "1 review" and "2 reviews") and those of Qt's own dialogs."""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from reviewdesk.assets import asset

__all__ = ["install", "qt_texts"]

_log = logging.getLogger(__name__)


def install(application: QCoreApplication) -> list[QTranslator]:
    """Load our texts into the application; the translators that were found. They live as long as it does."""
    ours = QTranslator(application)
    if not ours.load(str(asset("translations", "reviewdesk_en.qm"))):
        _log.warning("the English plural forms are missing")
        return []
    application.installTranslator(ours)
    return [ours]


def qt_texts(language: str) -> QTranslator | None:
    """Qt's own texts ("Cancel", "Open") in a language, or None where this build has none."""
    found = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    return found if found.load(QLocale(language), "qtbase", "_", folder) else None

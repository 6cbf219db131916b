"""The window's part of ``--self-test``: platform plugin, fonts, translations and icons of this very build.

Everything is painted into memory; no window opens. GUI thread only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QPluginLoader, QRectF, Qt, qVersion
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QImage, QPainter
from PySide6.QtWidgets import QApplication

from reviewdesk.assets import asset
from reviewdesk.ui import languages
from reviewdesk.ui.theme import icons

__all__ = ["check_fonts", "check_icons", "check_platform", "check_translations"]

_NATIVE = {"win32": ("qwindows",), "darwin": ("qcocoa",)}
_ON_LINUX = ("qxcb", "qwayland")
_SIDE = 64


class _Broken(RuntimeError):
    """A sentence about what does not work."""


def _application() -> QApplication:
    """Without a screen: the platform's own plugin ends the whole process where it finds no display."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return QApplication(["reviewdesk"])


def check_platform() -> str:
    """The plugins that open windows on this system load with all their libraries, and Qt starts."""
    _application()
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    wanted = _NATIVE.get(sys.platform, _ON_LINUX)
    loaded = []
    for name in wanted:
        files = [file for file in folder.glob(f"*{name}*") if file.suffix in (".so", ".dll", ".dylib")]
        if not files:
            raise _Broken(f"The platform plugin {name} is not in this build.")
        loader = QPluginLoader(str(files[0]))
        if not loader.load():
            raise _Broken(f"The platform plugin {name} does not load: {loader.errorString()}")
        loaded.append(name)
    return f"Qt {qVersion()} runs; {' and '.join(loaded)} can be loaded."


def check_fonts() -> str:
    """There are fonts, and text leaves marks on the paper."""
    _application()
    families = QFontDatabase.families()
    if not families:
        raise _Broken("There is no font on this machine. Install one, for instance fonts-noto-core.")
    if not _inked("Rg", QFont()) or _inked(" ", QFont()):
        raise _Broken("Text does not appear.")
    return f"{len(families)} families; text is painted with {QGuiApplication.font().family()}."


def check_translations() -> str:
    """Ours bend the noun after a number, and Qt's own dialogs speak other languages."""
    application = _application()
    if not languages.install(application):
        raise _Broken("The program's texts are not in this build.")
    said = [QCoreApplication.translate("steps", "%n reviews done", "", count) for count in (1, 2)]
    if said != ["1 review done", "2 reviews done"]:
        raise _Broken(f"The plural forms are wrong: {said}.")
    german = languages.qt_texts("de")
    cancel = german.translate("QPlatformTheme", "Cancel") if german is not None else None
    if cancel != "Abbrechen":
        raise _Broken("The texts of Qt's own dialogs are not in this build.")
    return "Plural forms and the texts of Qt's dialogs are there."


def check_icons() -> str:
    """The program's own icon and the font of the small ones leave marks too."""
    _application()
    own = QIcon(str(asset("icons", "reviewdesk.svg"))).pixmap(_SIDE, _SIDE).toImage()
    if own.isNull() or own.pixelColor(_SIDE // 2, _SIDE // 8).alpha() == 0:
        raise _Broken("The program's icon can't be drawn.")
    names = icons.names()
    image = _paper()
    with QPainter(image) as painter:
        icons.paint(painter, QRectF(0, 0, _SIDE, _SIDE), "star", QColor("black"))
    if not _marked(image):
        raise _Broken("The icon font can't be drawn.")
    return f"The program's own, and {len(names)} of the icon font."


def _paper() -> QImage:
    image = QImage(_SIDE, _SIDE, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    return image


def _marked(image: QImage) -> bool:
    return any(image.pixelColor(x, y).lightness() < 128 for x in range(_SIDE) for y in range(_SIDE))


def _inked(text: str, font: QFont) -> bool:
    image = _paper()
    with QPainter(image) as painter:
        font.setPixelSize(40)
        painter.setFont(font)
        painter.setPen(QColor("black"))
        painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, text)
    return _marked(image)

"""What goes into a build and what stays out, on the names that each system has."""

from __future__ import annotations

import pytest

from tests.support.packaging_parts import part


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/lib/libQt6Network.so.6",
        "PySide6/Qt/lib/libQt6Svg.so.6",
        "PySide6/Qt/lib/libQt6PrintSupport.so.6",
        "PySide6/QtPrintSupport.abi3.so",
        "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so",
        "PySide6\\Qt6PrintSupport.dll",
        "PySide6/Qt/lib/libicudata.so.73",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6\\plugins\\platforms\\qoffscreen.dll",
        "PySide6\\Qt6Widgets.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore",
        "resources/translations/reviewdesk_en.qm",
        "reviewdesk/store/migrations/0001_initial.sql",
        "libxcb-cursor.so.0",
        "libglib-2.0.so.0",
        "enchant\\data\\mingw64\\bin\\libenchant-2.dll",
        "enchant\\data\\mingw64\\bin\\libstdc++-6.dll",
        "enchant\\data\\mingw64\\lib\\enchant-2\\enchant_hunspell.dll",
        "enchant\\data\\mingw64\\share\\enchant\\hunspell\\en_GB.dic",
    ],
)
def test_needed(name: str) -> None:
    assert part("slim").keep(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/Qt/lib/libQt6QmlModels.so.6",
        "PySide6/Qt/lib/libQt6QuickControls2.so.6",
        "PySide6/Qt/lib/libQt6Sql.so.6",
        "PySide6/QtTest.abi3.so",
        "PySide6\\Qt6Quick.dll",
        "PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/plugins/networkinformation/libqglib.so",
        "PySide6/Qt/translations/qtdeclarative_de.qm",
        "enchant\\data\\mingw64\\bin\\libicudt72.dll",
        "enchant\\data\\mingw64\\bin\\libpython3.10.dll",
        "enchant\\data\\mingw64\\lib\\enchant-2\\enchant_nuspell.dll",
        "enchant\\data\\mingw64\\share\\enchant\\hunspell\\en_JM.dic",
        "libenchant-2.so.2",
        "libgtk-3.so.0",
        "libcairo.so.2",
        "libcups.so.2",
        "libgnutls.so.30",
    ],
)
def test_left_out(name: str) -> None:
    assert not part("slim").keep(name)

"""What of Qt and Python stays out of the packages, and the macOS bundle's Info.plist. Read by reviewdesk.spec."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["EXCLUDED_MODULES", "info_plist", "keep"]

EXCLUDED_MODULES = [
    # of Qt: the window is made of widgets
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickWidgets",
    "PySide6.QtQuickControls2",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtUiTools",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.scripts",
    # Asked for by QtAwesome's code, of which we only use the fonts.
    "qtpy",
    # of Python
    "tkinter",
    "test",
    "lib2to3",
    "ensurepip",
    "idlelib",
    "pip",
    "setuptools",
    "_pytest",
    "pytest",
    "IPython",
]

# Library names are Qt6Core (Windows), libQt6Core.so.6 (Linux) and QtCore.framework (macOS).
_MODULES = (
    "Qml|QmlMeta|QmlModels|QmlNetwork|QmlWorkerScript|Quick[A-Za-z0-9]*|Sql|Test|Designer[A-Za-z]*|Help|UiTools|"
    "OpenGLWidgets|VirtualKeyboard[A-Za-z]*|EglFS[A-Za-z]*|EglFs[A-Za-z]*|Labs[A-Za-z]*"
)
_DROPPED_LIBRARIES = re.compile(
    rf"(^|/)((lib)?Qt6?({_MODULES})(\.dll|\.so[.\d]*|\.dylib|\.abi3\.so|\.pyd)$|Qt({_MODULES})\.framework/)"
)
_DROPPED_PLUGINS = re.compile(
    r"plugins/("
    r"egldeviceintegrations|generic|networkinformation|sqldrivers|qmltooling|qmllint|designer|"
    r"platforminputcontexts/[^/]*virtualkeyboard|"
    # Without these the default look stays; with them the build machine's whole GTK comes along.
    r"platformthemes/libqgtk3|"
    r"platforms/(lib)?q(eglfs|linuxfb|vnc|vkkhrdisplay|minimalegl|minimal|direct2d)\b|"
    r"imageformats/(lib)?q(tga|tiff|wbmp|icns|pdf)\b|"
    r"wayland-graphics-integration-client/lib(dmabuf|drm|vulkan|shm)|"
    r"wayland-shell-integration/lib(ivi|fullscreen|wl-shell|qt-shell)"
    r")"
)
# What PyInstaller finds through the dropped GTK theme and the printers' plugin on the build machine: where there is no
# CUPS the plugin stays unloaded, and the print window offers a file.
_DROPPED_SYSTEM = re.compile(
    r"(^|/)lib(gtk-3|gdk-3|gdk_pixbuf|pango|cairo|atk|atspi|epoxy|Xcomposite|Xcursor|Xdamage|Xinerama|Xrandr|Xi|"
    r"Xfixes|gobject|gmodule|gio|mount|blkid|selinux|datrie|thai|fribidi|graphite2|harfbuzz|pixman|"
    r"cups(?!printer)|avahi-|gnutls|p11-kit|tasn1|nettle|hogweed|unistring|idn2|gmp)"
    r"[^/]*\.so"
)
# Of the Windows wheel of pyenchant what English through Hunspell needs (read from the libraries' own lists of imports);
# the rest is a whole MSYS2 with ICU, Tcl and Python, 80 MB of it.
_ENCHANT = re.compile(r"(^|/)enchant/data/")
_OF_ENCHANT = re.compile(
    r"/(bin/lib(enchant-2|glib-2\.0-0|gmodule-2\.0-0|hunspell-1\.7-0|iconv-2|intl-8|pcre2-8-0|stdc\+\+-6|gcc_s_seh-1|"
    r"winpthread-1)\.dll|lib/enchant-2/enchant_hunspell\.dll|share/enchant/hunspell/en_(US|GB)\.(aff|dic)|"
    r"share/enchant/[^/]+|share/doc/.*|[^/]*licen[cs]e[^/]*)$",
    re.IGNORECASE,
)
# Found through pyenchant on a build machine that has it: its providers would stay behind.
_SYSTEM_ENCHANT = re.compile(r"(^|/)libenchant[^/]*\.(so|dylib)")
# Texts of Qt's own dialogs: the base ones of languages that a window may be used in.
_TRANSLATION = re.compile(r"(^|/)translations/(?!qtbase_)[^/]*\.qm$")
_OURS = re.compile(r"(^|/)resources/")


def keep(name: str) -> bool:
    """Whether a collected file goes into the package; ``name`` is its place in the build folder."""
    name = name.replace("\\", "/")
    if _OURS.search(name):
        return True
    if _ENCHANT.search(name) and not _OF_ENCHANT.search(name):
        return False
    return not any(
        rule.search(name)
        for rule in (_DROPPED_LIBRARIES, _DROPPED_PLUGINS, _DROPPED_SYSTEM, _SYSTEM_ENCHANT, _TRANSLATION)
    )


def info_plist(version: str) -> dict[str, Any]:
    """What macOS wants to know of the bundle."""
    return {
        "CFBundleName": "Reviewdesk",
        "CFBundleDisplayName": "Reviewdesk",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSApplicationCategoryType": "public.app-category.business",
        "LSMinimumSystemVersion": "13.0",
        "NSHighResolutionCapable": True,
        # Dark mode follows the system.
        "NSRequiresAquaSystemAppearance": False,
        "NSHumanReadableCopyright": "MIT licence",
        "CFBundleURLTypes": [
            {
                "CFBundleURLName": "io.github.reviewdesk.Reviewdesk",
                "CFBundleURLSchemes": ["reviewdesk"],
                "CFBundleTypeRole": "Viewer",
            }
        ],
        # Plain HTTP is refused by the program itself except to this machine (practice).
        "NSAppTransportSecurity": {"NSAllowsLocalNetworking": True},
    }

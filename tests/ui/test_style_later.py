"""The style's own answers come after the first painting; what is painted before them is painted the same.

(Qt's own items of a list are not: our answer moves their text by two pixels. The first painting has none of them.)
"""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QScrollBar
from PySide6.QtWidgets import QStyle, QTextEdit, QVBoxLayout, QWidget
from reviewdesk.ui.theme.core import complete_style, install
application = QApplication(["style", "-platform", "offscreen"])
install(application, gradually=True)
window = QWidget()
column = QVBoxLayout(window)
for widget in (QLabel("label"), QLineEdit("line"), QTextEdit("text"), QPushButton("button"), QScrollBar()):
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    column.addWidget(widget)
window.resize(300, 300)
window.show()
def shown():
    application.processEvents()
    return window.grab().toImage()
def answer():
    return application.style().styleHint(QStyle.StyleHint.SH_UnderlineShortcut)
plain = shown()
print("before", answer())
complete_style(application)
own = application.style()
print("after", answer(), "same picture", shown() == plain)
complete_style(application)
print("again", application.style() is own)
"""


def test_the_completed_style_paints_what_the_plain_one_did() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["before 1", "after 0 same picture True", "again True"]

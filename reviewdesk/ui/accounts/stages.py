"""Page 3: the connection test, stage by stage; where it stops, the source's words and one remedy."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.ui.accounts.trial import Tried
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton, Separator, announce
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["HOST_KEY", "Stages", "fingerprints", "same_fingerprint", "stage_title"]

translate = QCoreApplication.translate

HOST_KEY = "host-key"
_USUAL = ("address", "connect", "sign-in", "permission", "read")
_WITH_KEY = ("address", "connect", HOST_KEY, "sign-in", "read")
_PRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")


def stage_title(name: str) -> str:
    """A stage in words; unknown ones by their own name."""
    titles = {
        "address": translate("wizard", "Address"),
        "connect": translate("wizard", "Connection"),
        HOST_KEY: translate("wizard", "Server key"),
        "sign-in": translate("wizard", "Sign-in"),
        "permission": translate("wizard", "Permission"),
        "folder": translate("wizard", "Folder"),
        "read": translate("wizard", "First review"),
        "columns": translate("wizard", "Columns"),
    }
    return titles.get(name, name)


def fingerprints(text: str) -> list[str]:
    """Every key fingerprint in a sentence, in its order."""
    return list(dict.fromkeys(found.rstrip("=") for found in _PRINT.findall(text)))


def same_fingerprint(typed: str, shown: str) -> bool:
    """Whether somebody's copy is the key that is shown, with or without ``SHA256:``, blanks and ``=``."""

    def bare(text: str) -> str:
        return re.sub(r"\s", "", text).removeprefix("SHA256:").rstrip("=")

    return bare(typed) == bare(shown)


def _medium() -> QFont:
    return fonts.list_font(500)


def _tabular() -> QFont:
    return fonts.list_font(tabular=True)


class _Line(QWidget):
    """One stage: mark, name, what came of it."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = name
        self.mark = Pictogram("circle-dashed", 18, "text-3", parent=self)
        self.title = PlainLabel(stage_title(name), self, role="text-2", font=_medium, elide=False)
        self.words = PlainLabel(translate("wizard", "not reached"), self, role="text-3", font=_tabular)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.mark)
        row.addWidget(self.title)
        row.addWidget(self.words, 1)
        self.setFixedHeight(metrics.list_line() + 20)

    def show_state(self, state: str, words: str) -> None:
        """``state``: waiting, running, ok, fail or asks."""
        icon, role, ink, second = {
            "waiting": ("circle-dashed", "text-3", "text-2", "text-3"),
            "running": ("circle-dashed", "text", "text", "text-2"),
            "ok": ("check-circle-fill", "ok", "text", "text-2"),
            "fail": ("x-circle-fill", "fail", "fail", "fail"),
            "asks": ("fingerprint", "warn", "text", "warn"),
        }[state]
        self.mark.set(icon, role)
        self.title.set_role(ink)
        self.words.set_role(second)
        self.words.setText(words)
        self.setAccessibleName(f"{self.title.text()}: {words}")


class _Failure(QFrame):
    """Under the stage that failed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = PlainLabel(parent=self, wrap=True)
        self.remedy = PlainLabel(parent=self, wrap=True)
        self.correct = PushButton(translate("wizard", "Correct the values"), self, small=True)
        self.copy = PushButton(
            translate("wizard", "Copy details"), self, kind="ghost", icon="copy", small=True
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(6)
        column.addWidget(self.words)
        column.addWidget(self.remedy)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.correct)
        row.addWidget(self.copy)
        row.addStretch(1)
        column.addSpacing(4)
        column.addLayout(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("fail-line"), 1))
            painter.setBrush(theme().colour("fail-bg"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


class _Key(QFrame):
    """The server's key, to be compared by a person."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.fingerprint = ""
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(translate("wizard", "Paste the expected fingerprint to compare"))
        self.field.setAccessibleName(translate("wizard", "Expected fingerprint"))
        self.verdict = PlainLabel(parent=self, role="text-2", wrap=True)
        self.copy = PushButton(translate("wizard", "Copy"), self, icon="copy")
        self.field.textChanged.connect(self._compare)
        self.copy.clicked.connect(self._on_copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addLayout(self._grid)
        column.addWidget(Separator(self))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        column.addWidget(self.verdict)

    def show_key(self, server: str, shown: str, accepted: str) -> None:
        self.fingerprint = shown
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        facts = [(translate("wizard", "Server"), server, False)]
        if accepted:
            facts.append((translate("wizard", "Accepted until now"), accepted, True))
            facts.append((translate("wizard", "Shown now"), shown, True))
        else:
            facts.append((translate("wizard", "Fingerprint"), shown, True))
        for number, (name, value, fixed) in enumerate(facts):
            label = PlainLabel(name, self, role="text-2", elide=False)
            text = PlainLabel(value, self, font=fonts.fixed_font if fixed else fonts.list_font, wrap=True)
            text.setAccessibleName(f"{name}: {value}")
            self._grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, number, 1)
        self.field.clear()
        self._compare()

    def mismatch(self) -> bool:
        """Whether what was pasted is another key."""
        return bool(self.field.text().strip()) and not same_fingerprint(self.field.text(), self.fingerprint)

    def _compare(self) -> None:
        if not self.field.text().strip():
            words, role = "", "text-2"
        elif self.mismatch():
            words, role = translate("wizard", "This is not the key that the server shows"), "fail"
        else:
            words, role = translate("wizard", "It is the same key"), "ok"
        self.verdict.setText(words)
        self.verdict.set_role(role)
        self.verdict.setVisible(bool(words))
        announce(self, words)
        self.changed.emit()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.fingerprint)


class Stages(QWidget):
    """``correct`` asks for page 2, ``copy_wanted`` for the details without secrets, ``key_compared`` after typing."""

    correct = Signal()
    copy_wanted = Signal()
    key_compared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[str, _Line] = {}
        self._tried: list[Tried] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.failure = _Failure(self)
        self.failure.correct.clicked.connect(self.correct)
        self.failure.copy.clicked.connect(self.copy_wanted)
        self.key = _Key(self)
        self.key.changed.connect(self.key_compared)
        self._holders = {box: self._indented(box) for box in (self.failure, self.key)}
        self._column.addStretch(1)

    def begin(self, *, with_key: bool) -> None:
        """All stages wait, the first one runs."""
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None and widget not in self._holders.values():
                widget.deleteLater()
        self._lines, self._tried = {}, []
        self._column.addWidget(Separator(self))
        for name in _WITH_KEY if with_key else _USUAL:
            self._append(name)
        self._column.addStretch(1)
        for holder in self._holders.values():
            holder.hide()
        self._next()

    def _indented(self, box: QWidget) -> QWidget:
        """The box in line with the names of the stages."""
        holder = QWidget(self)
        inner = QHBoxLayout(holder)
        inner.setContentsMargins(metrics.icon_size(18) + 14, 0, 0, 12)
        inner.addWidget(box)
        holder.hide()
        return holder

    def _append(self, name: str, at: int | None = None) -> _Line:
        line = self._lines[name] = _Line(name, self)
        rule = Separator(self)
        place = self._column.count() if at is None else at
        self._column.insertWidget(place, line)
        self._column.insertWidget(place + 1, rule)
        return line

    def _next(self) -> None:
        for name, line in self._lines.items():
            if name not in {t.name for t in self._tried}:
                line.show_state("running", translate("wizard", "trying"))
                return

    def add(self, tried: Tried) -> None:
        """A stage is through."""
        self._tried.append(tried)
        line = self._lines.get(tried.name)
        if line is None:
            # A stage of the provider's own, after the last one that is known.
            before = [
                self._column.indexOf(self._lines[t.name]) for t in self._tried[:-1] if t.name in self._lines
            ]
            line = self._append(tried.name, max(before, default=-1) + 2 if before else 1)
        words = tried.message
        if tried.ms:
            # Some sources need one call for all: its time stands at the first stage.
            words = translate("wizard", "{words} {ms} ms").format(words=words, ms=tried.ms)
        if tried.ok:
            line.show_state("ok", words)
            announce(self, f"{stage_title(tried.name)}: {tried.message}")
            self._next()
        else:
            self._stop(tried, line)

    def _stop(self, tried: Tried, line: _Line) -> None:
        shown = fingerprints(tried.message)
        asks = tried.name == HOST_KEY and bool(shown)
        known = len(shown) > 1
        for other in self._lines.values():
            if other.name not in {t.name for t in self._tried}:
                other.show_state("waiting", translate("wizard", "not reached"))
        box: QWidget
        if asks:
            words = (
                translate("wizard", "changed, needs you")
                if known
                else translate("wizard", "seen for the first time, needs you")
            )
            line.show_state("asks", words)
            self.key.show_key(_server_of(tried.message), shown[0], shown[1] if known else "")
            box = self.key
        else:
            words = translate("wizard", "stopped")
            line.show_state("fail", f"{words}, {tried.ms} ms" if tried.ms else words)
            self.failure.words.setText(tried.message)
            self.failure.remedy.setText(tried.remedy or _usual_remedy(tried.name))
            box = self.failure
        holder = self._holders[box]
        self._column.insertWidget(self._column.indexOf(line) + 1, holder)
        holder.show()
        announce(self, f"{stage_title(tried.name)}: {tried.message} {tried.remedy}")

    def refused(self, message: str, remedy: str) -> None:
        """The values were not even tried."""
        self.add(Tried("address", False, message, remedy, 0))

    def tried(self) -> list[Tried]:
        return list(self._tried)

    def failed(self) -> Tried | None:
        """The stage that stopped it."""
        return next((t for t in self._tried if not t.ok), None)

    def shown_key(self) -> str:
        """The fingerprint that waits for a person's word, or nothing."""
        return self.key.fingerprint if not self._holders[self.key].isHidden() else ""

    def words(self, name: str) -> str:
        return self._lines[name].words.text()


def _usual_remedy(name: str) -> str:
    """What to do where the source gives no advice of its own."""
    remedies = {
        "address": translate("wizard", "Look at the values again."),
        "connect": translate("wizard", "Look at the address and at your connection, then test again."),
        "sign-in": translate("wizard", "Look at the credentials again."),
        "permission": translate("wizard", "Ask whoever looks after the account there to allow it."),
    }
    usual = translate("wizard", "Test again later. If it stays, copy the details and ask their support.")
    return remedies.get(name, usual)


def _server_of(message: str) -> str:
    found = re.search(r"(?:server|key of) (\S+?)[ ,]", message)
    return found[1] if found else ""

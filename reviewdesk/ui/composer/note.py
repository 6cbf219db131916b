"""The note inside the composer: what the pre-send check found, one repair, and "Keep it"."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.checks import Finding
from reviewdesk.domain.text import one_line
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton, announce, plain_tip
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Note", "finding_words"]

_LEFT, _RIGHT = 15, 6


def finding_words(finding: Finding) -> tuple[str, str]:
    """(title, sentence) in the language of the window; the English of the rules is the key."""
    translate = QCoreApplication.translate
    message = translate("Checks", finding.rule.message)
    values = {k: translate("Checks", v) if k in ("review", "reply") else v for k, v in finding.values.items()}
    return translate("Checks", finding.rule.title), message.format(**values)


class Note(QFrame):
    """38 px, twice that where it is narrow; hidden until there is a finding.

    ``repaired``, ``kept`` and ``shown`` carry the finding.
    """

    repaired = Signal(object)
    kept = Signal(object)
    shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        self._findings: tuple[Finding, ...] = ()
        self._at = 0
        self._icon = Pictogram("shield-warning", 16, "warn", parent=self)
        self._lead = PlainLabel(parent=self, font=_lead_font, elide=False)
        self._text = PlainLabel(parent=self)
        self.next_button = PushButton("", self, kind="ghost", small=True)
        self.repair_button = PushButton("", self, small=True)
        self.keep_button = PushButton(self.tr("Keep it"), self, kind="ghost", small=True)
        self.keep_button.setAccessibleName(self.tr("Keep it"))
        self.next_button.clicked.connect(self._on_next)
        self.repair_button.clicked.connect(self._on_repair)
        self.keep_button.clicked.connect(self._on_keep)
        said = QHBoxLayout()
        said.setSpacing(4)
        said.addWidget(self._icon)
        said.addSpacing(6)
        said.addWidget(self._lead)
        said.addWidget(self._text, 1)
        acts = QHBoxLayout()
        acts.setSpacing(4)
        acts.addStretch(1)
        acts.addWidget(self.next_button)
        acts.addWidget(self.repair_button)
        acts.addWidget(self.keep_button)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(_LEFT, 0, _RIGHT, 0)
        self._both.setSpacing(4)
        self._both.addLayout(said, 1)
        self._both.addLayout(acts)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._fit)
        self.hide()

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """Show the first of these (what must be settled comes first), or the one shown before if it is still there."""
        before = self.current()
        if findings == self._findings:
            return
        appeared = not self._findings and bool(findings)
        self._findings = findings
        same = [
            n
            for n, f in enumerate(findings)
            if before is not None and f.rule.id == before.rule.id and f.start == before.start
        ]
        self._at = same[0] if same and not (findings[0].must and not findings[same[0]].must) else 0
        self._show(say=appeared)

    def current(self) -> Finding | None:
        """The finding that is shown."""
        return self._findings[self._at] if self._findings else None

    def words(self) -> str:
        """What it says now, or nothing while hidden."""
        return "" if self.isHidden() else f"{self._lead.text()} {self._text.text()}"

    def settle_first(self) -> None:
        """Go to the first finding that must be settled; the focus is on its repair (or on keeping it)."""
        self._at = next((n for n, f in enumerate(self._findings) if f.must), 0)
        self._show(say=True)
        button = self.keep_button if self.repair_button.isHidden() else self.repair_button
        button.setFocus()

    def _show(self, *, say: bool = False) -> None:
        finding = self.current()
        self.setVisible(finding is not None)
        if finding is None:
            return
        title, sentence = finding_words(finding)
        self.setProperty("level", "warn" if finding.must else "advice")
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.set("shield-warning", "warn" if finding.must else "text-2")
        self._lead.setText(f"{title}:")
        self._text.setText(sentence)
        count = len(self._findings)
        self.next_button.setVisible(count > 1)
        self.next_button.setText(self.tr("{at} of {count}").format(at=self._at + 1, count=count))
        self.next_button.setAccessibleName(
            self.tr("Finding {at} of {count}, show the next").format(at=self._at + 1, count=count)
        )
        repair = finding.repair
        self.repair_button.setVisible(repair is not None)
        words = self.tr("Take the sentence out")
        if repair:
            words = self.tr("Replace with “{text}”").format(text=one_line(repair, 32))
        self.repair_button.setText(words)
        self.repair_button.setAccessibleName(words)
        source = QCoreApplication.translate("Checks", finding.rule.source)
        self.setToolTip(plain_tip(f"{title}: {sentence}.\n{source}."))
        self.setAccessibleName(f"{title}: {sentence}")
        self.setAccessibleDescription(source)
        self.updateGeometry()
        self._fit()
        self.shown.emit(finding)
        if say:
            announce(self, f"{title}: {sentence}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The buttons go below the sentence where both find no room beside each other."""
        buttons = [b for b in (self.next_button, self.repair_button, self.keep_button) if not b.isHidden()]
        wanted = self._icon.sizeHint().width() + 6 + 2 * 4
        wanted += self._lead.sizeHint().width() + self._text.sizeHint().width()
        wanted += sum(4 + b.sizeHint().width() for b in buttons) + _LEFT + _RIGHT
        two = wanted > self.width()
        if two is not self.is_two_lines():
            way = QBoxLayout.Direction.TopToBottom if two else QBoxLayout.Direction.LeftToRight
            self._both.setDirection(way)
            self.updateGeometry()

    def is_two_lines(self) -> bool:
        return self._both.direction() == QBoxLayout.Direction.TopToBottom

    def _height(self) -> int:
        return metrics.note_height() + (metrics.control_height() if self.is_two_lines() else 0)

    def sizeHint(self) -> QSize:
        return QSize(300, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._height())

    def _on_next(self) -> None:
        self._at = (self._at + 1) % max(1, len(self._findings))
        self._show(say=True)

    def _on_repair(self) -> None:
        finding = self.current()
        if finding is not None and finding.repair is not None:
            self.repaired.emit(finding)

    def _on_keep(self) -> None:
        finding = self.current()
        if finding is not None:
            self.kept.emit(finding)


def _lead_font() -> QFont:
    return fonts.list_font(500)

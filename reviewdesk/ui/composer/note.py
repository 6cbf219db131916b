"""The note inside the composer: what the pre-send check found, one repair, and "Keep it"."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.checks import Finding
from reviewdesk.domain.text import one_line
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton, announce, plain_tip
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Note", "finding_words"]


def finding_words(finding: Finding) -> tuple[str, str]:
    """(title, sentence) in the language of the window; the English of the rules is the key."""
    translate = QCoreApplication.translate
    message = translate("Checks", finding.rule.message)
    values = {k: translate("Checks", v) if k in ("review", "reply") else v for k, v in finding.values.items()}
    return translate("Checks", finding.rule.title), message.format(**values)


class Note(QFrame):
    """38 px; hidden until there is a finding. ``repaired``, ``kept`` and ``shown`` carry the finding."""

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
        row = QHBoxLayout(self)
        row.setContentsMargins(15, 0, 6, 0)
        row.setSpacing(4)
        row.addWidget(self._icon)
        row.addSpacing(6)
        row.addWidget(self._lead)
        row.addWidget(self._text, 1)
        row.addWidget(self.next_button)
        row.addWidget(self.repair_button)
        row.addWidget(self.keep_button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
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
        """Where there is little room the sentence goes before the buttons do; the tooltip keeps it."""
        self._text.setVisible(self.width() >= metrics.breakpoint_px(430))

    def sizeHint(self) -> QSize:
        return QSize(300, metrics.note_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, metrics.note_height())

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

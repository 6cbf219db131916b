"""Page 4: what you get, and what to call it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.capabilities import Available, Capability
from reviewdesk.ui.accounts.choice import Choice
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Abilities", "Finish", "Swatches", "capability_title"]

translate = QCoreApplication.translate
COLOURS = 6


def capability_title(capability: Capability) -> str:
    """What a person can do, in words."""
    titles = {
        Capability.READ: translate("capabilities", "Read reviews"),
        Capability.REPLY: translate("capabilities", "Reply publicly"),
        Capability.EDIT_REPLY: translate("capabilities", "Edit replies"),
        Capability.CONVERSATION_STATE: translate("capabilities", "Hide conversations"),
        Capability.PRIVATE_MESSAGE: translate("capabilities", "Write private messages"),
        Capability.RESOLUTION: translate("capabilities", "Write resolution messages"),
        Capability.FLAG: translate("capabilities", "Report reviews"),
        Capability.PUBLISH: translate("capabilities", "Publish held reviews"),
        Capability.INVITE_LINK: translate("capabilities", "Make invitation links"),
        Capability.INVITE_EMAIL: translate("capabilities", "Have invitations e-mailed"),
        Capability.WITHDRAW_INVITE: translate("capabilities", "Withdraw invitations"),
        Capability.PRODUCTS: translate("capabilities", "List products"),
        Capability.PRODUCT_EDIT: translate("capabilities", "Edit products"),
        Capability.SUMMARIES: translate("capabilities", "Read summaries"),
        Capability.CUSTOMER_DATA: translate("capabilities", "Show and remove customer data"),
    }
    return titles[capability]


def _medium() -> QFont:
    return fonts.list_font(500)


class Abilities(QWidget):
    """The list of what an account can do, and why not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(8)
        self._said: list[str] = []

    def show_table(self, table: Mapping[Capability, Available]) -> None:
        """What can be done first, then the rest with its reasons."""
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self._said = []
        for capability in sorted(table, key=lambda c: not table[c].available):
            self._add(capability_title(capability), table[capability])
        self._column.addStretch(1)

    def _add(self, title: str, value: Available) -> None:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        mark = Pictogram(
            "check" if value.available else "minus",
            16,
            "text-2" if value.available else "text-3",
            parent=line,
        )
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(PlainLabel(title, line, role="text" if value.available else "text-2", wrap=True))
        if value.reason:
            words.addWidget(PlainLabel(value.reason, line, role="text-3", wrap=True))
        row.addLayout(words, 1)
        yes = translate("wizard", "yes") if value.available else translate("wizard", "no")
        line.setAccessibleName(f"{title}: {value.reason or yes}")
        self._said.append(f"{title}: {value.reason or yes}")
        self._column.addWidget(line)

    def said(self) -> list[str]:
        """Each line as a screen reader says it."""
        return list(self._said)


class _Swatch(QAbstractButton):
    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.number = number
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(translate("wizard", "Colour {number}").format(number=number))
        self.setToolTip(self.accessibleName())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        edge = metrics.control_height()
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            if self.isChecked():
                painter.setPen(QPen(colour("focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
            edge = metrics.icon_size(14)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(f"a-{self.number}"))
            place = QRect((self.width() - edge) // 2, (self.height() - edge) // 2, edge, edge)
            painter.drawEllipse(place)


class Swatches(QWidget):
    """The six colours of accounts. ``changed`` carries 1 to 6."""

    changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for number in range(1, COLOURS + 1):
            swatch = _Swatch(number, self)
            self._group.addButton(swatch, number)
            row.addWidget(swatch)
        row.addStretch(1)
        self._group.idClicked.connect(self.changed)

    def colour(self) -> int:
        return max(1, self._group.checkedId())

    def set_colour(self, number: int) -> None:
        self._group.button(number).setChecked(True)


class Finish(QWidget):
    """Capabilities on the left; name, colour and how far back on the right."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.abilities = Abilities(self)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(self.abilities)
        self.abilities.setAutoFillBackground(False)
        area.setAccessibleName(translate("wizard", "What this account can do"))
        self.name = QLineEdit(self)
        self.name.setMaxLength(80)
        self.name.textEdited.connect(self.edited)
        self.name_problem = PlainLabel(parent=self, role="fail", wrap=True)
        self.swatches = Swatches(self)
        self.reach = Choice(
            [
                ("0", translate("wizard", "Everything there is")),
                ("365", translate("wizard", "The last 12 months")),
                ("90", translate("wizard", "The last 3 months")),
            ],
            "0",
            self,
        )
        self.estimate = PlainLabel(parent=self, role="text-2", wrap=True)
        right = QVBoxLayout()
        right.setSpacing(0)
        for words, widget, below in (
            (translate("wizard", "Name"), self.name, self.name_problem),
            (translate("wizard", "Colour"), self.swatches, None),
            (translate("wizard", "How far back to load"), self.reach, self.estimate),
        ):
            label = PlainLabel(words, self, font=_medium, elide=False)
            label.setBuddy(widget)
            widget.setAccessibleName(words)
            right.addWidget(label)
            right.addSpacing(5)
            right.addWidget(widget)
            if below is not None:
                right.addSpacing(4)
                right.addWidget(below)
            right.addSpacing(14)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(28)
        row.addWidget(area, 3)
        row.addLayout(right, 2)

    def set_problem(self, text: str) -> None:
        """What is wrong with the name, or nothing."""
        self.name_problem.setText(text)
        self.name_problem.setVisible(bool(text))

    def days(self) -> int:
        """How many days back to load; 0 for everything."""
        return int(self.reach.value())

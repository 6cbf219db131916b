"""What stands above the rows: the view's name and count, "12 new", order and density; or the bulk bar in its place."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QMenu, QSizePolicy, QWidget

from reviewdesk.domain.query import Sort
from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.layout import COMFORTABLE, COMPACT, NORMAL
from reviewdesk.ui.inbox.lines import Grouping
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton, ToolButton, set_tip

__all__ = ["BULK_ACTIONS", "BulkBar", "ListHead"]

_ICON_ONLY, _NO_SORT = 380, 310
_BESIDE_THE_LINK = 4
"""So many buttons stay in sight before the words of "Select all 3,400 matching" shorten."""

BULK_ACTIONS = ("done", "snooze", "star", "read", "unread")


def _name_font() -> QFont:
    return fonts.body_font(600)


def _count_font() -> QFont:
    return fonts.body_font(400, True)


class _NewPill(QAbstractButton):
    """ "12 new" with an arrow: the reviews that came in above."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("ring_radius", 12)
        self.setVisible(False)

    def set_count(self, count: int) -> None:
        self.setText(self.tr("%1 new").replace("%1", words.figure(count)))
        self.setAccessibleName(self.tr("%1 new reviews above, show them").replace("%1", words.figure(count)))
        set_tip(self, self.tr("Show new reviews (.)"))
        self.setVisible(count > 0)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        text = fonts.metrics_of(fonts.list_font(500)).horizontalAdvance(self.text())
        return QSize(9 + metrics.icon_size(14) + 4 + text + 11, metrics.list_line() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, box = theme(), QRectF(self.rect())
        single = look.name == "contrast"
        ink = look.colour("on-select" if single else "text")
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for role in ("select", "press" if self.isDown() else "hover"):
                if role == "select" or (self.underMouse() and not single):
                    painter.setBrush(look.colour(role))
                    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            edge = metrics.icon_size(14)
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            font = fonts.list_font(500)
            measure = fonts.metrics_of(font)
            advance = measure.horizontalAdvance(self.text())
            icon_x = self.width() - 9 - edge if mirrored else 9
            text_x = icon_x - 4 - advance if mirrored else icon_x + edge + 4
            icons.paint(painter, QRect(icon_x, (self.height() - edge) // 2, edge, edge), "arrow-up", ink)
            painter.setFont(font)
            painter.setPen(ink)
            painter.drawText(
                QPoint(text_x, (self.height() - measure.height()) // 2 + measure.ascent()), self.text()
            )


class ListHead(QFrame):
    """The 44 px above the list."""

    sort_chosen = Signal(object)
    density_chosen = Signal(str)
    grouping_chosen = Signal(str)
    new_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panehead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._name = PlainLabel(parent=self, font=_name_font)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._count = PlainLabel(parent=self, role="text-3", font=_count_font, elide=False)
        self._pill = _NewPill(self)
        self._pill.clicked.connect(self.new_wanted)
        self._sort = ToolButton("", self.tr("Order"), self, text=self.tr("Newest"))
        self._sort.set_caret(True)
        self._sort.clicked.connect(self._open_sort)
        self._options = ToolButton("sliders-horizontal", self.tr("List options"), self)
        self._options.clicked.connect(self._open_options)
        self._sort_actions = QActionGroup(self)
        self._density_actions = QActionGroup(self)
        self._grouping_actions = QActionGroup(self)
        self._make_actions()
        row = QHBoxLayout(self)
        # Spacings are mirrored in a right-to-left window, margins are not.
        row.setContentsMargins(0, 1, 0, 0)
        row.setSpacing(0)
        row.addSpacing(16)
        row.addWidget(self._name)
        row.addSpacing(9)
        row.addWidget(self._count)
        row.addStretch(1)
        row.addWidget(self._pill)
        row.addSpacing(6)
        row.addWidget(self._sort)
        row.addSpacing(6)
        row.addWidget(self._options)
        row.addSpacing(8)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _make_actions(self) -> None:
        for sort, text in (
            (Sort.NEWEST, self.tr("Newest")),
            (Sort.OLDEST, self.tr("Oldest")),
            (Sort.SCORE_LOW, self.tr("Lowest score")),
            (Sort.SCORE_HIGH, self.tr("Highest score")),
            (Sort.UNANSWERED, self.tr("Longest without reply")),
            (Sort.LONGEST, self.tr("Longest text")),
            (Sort.SHORTEST, self.tr("Shortest text")),
        ):
            action = QAction(text, self._sort_actions, checkable=True)
            action.setData(sort)
            action.triggered.connect(partial(self.sort_chosen.emit, sort))
        for density, text in (
            (COMFORTABLE, self.tr("Comfortable")),
            (NORMAL, self.tr("Normal")),
            (COMPACT, self.tr("Compact")),
        ):
            action = QAction(text, self._density_actions, checkable=True)
            action.setData(density)
            action.triggered.connect(partial(self.density_chosen.emit, density))
        for grouping, text in (
            (Grouping.DAY, self.tr("Group by day")),
            (Grouping.WEEK, self.tr("Group by week")),
            (Grouping.SOURCE, self.tr("Group by source")),
            (Grouping.PRODUCT, self.tr("Group by product")),
            (Grouping.NONE, self.tr("No groups")),
        ):
            action = QAction(text, self._grouping_actions, checkable=True)
            action.setData(grouping)
            action.triggered.connect(partial(self.grouping_chosen.emit, grouping))
        self.set_grouping(Grouping.DAY)

    # --- what it shows ---------------------------------------------------------------------------

    def set_name(self, name: str) -> None:
        self._name.setText(name)

    def set_count(self, count: int | None) -> None:
        """None: not known yet."""
        self._count.setText("" if count is None else words.figure(count))

    def set_new(self, count: int) -> None:
        self._pill.set_count(count)

    def pill(self) -> QAbstractButton:
        return self._pill

    def set_sort(self, sort: Sort) -> None:
        for action in self._sort_actions.actions():
            action.setChecked(action.data() == sort)
            if action.data() == sort:
                self._sort.setText(action.text())
                self._sort.setAccessibleName(self.tr("Order: %1").replace("%1", action.text()))
        self._sort.updateGeometry()

    def set_density(self, density: str) -> None:
        for action in self._density_actions.actions():
            action.setChecked(action.data() == density)

    def set_grouping(self, grouping: str) -> None:
        for action in self._grouping_actions.actions():
            action.setChecked(action.data() == grouping)

    # --- shape -----------------------------------------------------------------------------------

    def _restyle(self) -> None:
        self.setFixedHeight(metrics.pane_head_height())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The order loses its words, then its place (it stays in the options' menu)."""
        width = self.width() / theme().scale
        self._sort.setVisible(width >= _NO_SORT)
        wordless = width < _ICON_ONLY
        self._sort.set_icon_name("sort-ascending" if wordless else "")
        self._sort.set_caret(not wordless)
        self._sort.set_words(not wordless)

    # --- menus -----------------------------------------------------------------------------------

    def sort_menu(self) -> QMenu:
        menu = QMenu(self.tr("Order"), self)
        menu.addActions(self._sort_actions.actions())
        return menu

    def options_menu(self) -> QMenu:
        menu = QMenu(self.tr("List options"), self)
        menu.addActions(self._density_actions.actions())
        menu.addSeparator()
        menu.addActions(self._grouping_actions.actions())
        if self._sort.isHidden():
            menu.addSeparator()
            menu.addActions(self._sort_actions.actions())
        return menu

    def _open_sort(self) -> None:
        self._popup(self.sort_menu(), self._sort)

    def _open_options(self) -> None:
        self._popup(self.options_menu(), self._options)

    def _popup(self, menu: QMenu, button: QWidget) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        corner = button.rect().bottomRight() - QPoint(menu.sizeHint().width(), -2)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            corner = button.rect().bottomLeft() + QPoint(0, 2)
        menu.popup(button.mapToGlobal(corner))


class _PartBox(QAbstractButton):
    """The box before "6 selected": some are checked; pressing it clears them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("ring_radius", 4)
        self.setAccessibleName(self.tr("Clear the selection"))
        set_tip(self, self.tr("Clear the selection (Esc)"))

    def sizeHint(self) -> QSize:
        edge = metrics.icon_size(16)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            single = look.name == "contrast"
            painter.setPen(QPen(look.colour("on-accent"), 1) if single else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(look.colour("accent"))
            inset = 0.5 if single else 0
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 4, 4)
            edge = metrics.icon_size(11)
            box = QRect(0, 0, edge, edge)
            box.moveCenter(self.rect().center())
            icons.paint(painter, box, "minus-bold", look.colour("on-accent"))


class BulkBar(QFrame):
    """Takes the head's place while several reviews are selected. Nothing below it moves."""

    action_chosen = Signal(str)
    clear_wanted = Signal()
    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bulkbar")
        self._box = _PartBox(self)
        self._box.clicked.connect(self.clear_wanted)
        self._said = PlainLabel(parent=self, font=_strong_font, elide=False)
        self._all = PushButton("", self, kind="link", small=True)
        self._all.clicked.connect(self.all_wanted)
        self._more = PushButton(self.tr("More"), self, small=True)
        self._more.set_caret(True)
        self._more.clicked.connect(self._open_more)
        self._close = ToolButton("x", self.tr("Clear the selection"), self, cap="Esc", small=True, icon_px=16)
        self._close.clicked.connect(self.clear_wanted)
        self._names: dict[str, str] = {}
        self._buttons: dict[str, PushButton] = {}
        self._count = self._total = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self._box)
        row.addSpacing(2)
        row.addWidget(self._said)
        row.addSpacing(2)
        row.addWidget(self._all)
        row.addStretch(1)
        self._row = row
        self.set_actions(
            (
                ("done", self.tr("Done")),
                ("snooze", self.tr("Snooze")),
                ("star", self.tr("Star")),
                ("read", self.tr("Read")),
                ("unread", self.tr("Unread")),
            )
        )
        row.addWidget(self._more)
        row.addWidget(self._close)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_actions(self, actions: tuple[tuple[str, str], ...]) -> None:
        """``(id, words)`` in the order of their weight; what has no room goes under "More"."""
        for old in self._buttons.values():
            self._row.removeWidget(old)
            old.deleteLater()
        self._names = dict(actions)
        self._buttons = {}
        place = self._row.indexOf(self._more)
        for name, text in actions:
            button = PushButton(text, self, small=True)
            button.setObjectName(name)
            button.clicked.connect(partial(self.action_chosen.emit, name))
            self._row.insertWidget(self._row.count() if place < 0 else place, button)
            place = -1 if place < 0 else place + 1
            self._buttons[name] = button
        self._fit()

    def button(self, name: str) -> PushButton | None:
        return self._buttons.get(name)

    def set_counts(self, selected: int, total: int) -> None:
        self._count, self._total = selected, total
        self._said.setText(self.tr("%1 selected").replace("%1", words.figure(selected)))
        self._fit()

    def all_link(self) -> QAbstractButton:
        return self._all

    def _restyle(self) -> None:
        self.setFixedHeight(metrics.pane_head_height())
        self._said.set_role("on-select" if theme().name == "contrast" else "text")
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """First the link shortens, then buttons move under "More"."""
        hints = {name: button.sizeHint().width() + 8 for name, button in self._buttons.items()}
        fixed = (
            18 + 24 + sum(w.sizeHint().width() + 8 for w in (self._box, self._said, self._close, self._more))
        )
        room = self.width() - fixed
        figure = words.figure(self._total)
        full = self.tr("Select all %1 matching").replace("%1", figure)
        short = self.tr("All %1").replace("%1", figure)
        wants_all = self._count < self._total
        measure = fonts.metrics_of(self._all.font())
        most = list(hints.values())[:_BESIDE_THE_LINK]
        text = full if room - measure.horizontalAdvance(full) - 16 >= sum(most) else short
        if self._all.text() != text:
            self._all.setText(text)
            self._all.setAccessibleName(full)
        self._all.setVisible(wants_all and room - measure.horizontalAdvance(text) - 16 >= sum(most[:1]))
        if not self._all.isHidden():
            room -= self._all.sizeHint().width() + 10
        shown = 0
        for name, button in self._buttons.items():
            room -= hints[name]
            button.setVisible(room >= 0)
            shown += room >= 0
        self._more.setVisible(shown < len(self._buttons))

    def more_menu(self) -> QMenu:
        """The actions that had no room."""
        menu = QMenu(self.tr("More"), self)
        for name, button in self._buttons.items():
            if button.isHidden():
                menu.addAction(self._names[name], partial(self.action_chosen.emit, name))
        return menu

    def _open_more(self) -> None:
        menu = self.more_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft() + QPoint(0, 2)))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("select"))
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme().colour("line"))


def _strong_font() -> QFont:
    return fonts.list_font(600)

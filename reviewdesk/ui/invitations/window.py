"""The invitation window: one customer or a list, for every source that can. Not modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.invitations.model import Invitation
from reviewdesk.services.invitation_files import Table
from reviewdesk.services.invitations import Source
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.invitations.bulk import BulkPage
from reviewdesk.ui.invitations.single import SinglePage
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import InlineBar, PlainLabel, PushButton, Separator, announce
from reviewdesk.ui.widgets.buttons import key_text
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["LIST", "ONE", "InviteWindow"]

translate = QCoreApplication.translate
ONE, LIST = range(2)
SIZES = {ONE: (960, 664), LIST: (1120, 760)}


class _Tab(QPushButton):
    """A word with its icon, filled while its page is shown."""

    def __init__(self, words: str, icon: str, parent: QWidget) -> None:
        super().__init__(words, parent)
        self._icon = icon
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        fonts.follow(self, _medium)

    def sizeHint(self):  # type: ignore[no-untyped-def]
        hint = super().sizeHint()
        hint.setWidth(
            fonts.metrics_of(self.font()).horizontalAdvance(self.text()) + metrics.icon_size(16) + 36
        )
        hint.setHeight(metrics.control_height())
        return hint

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            if self.isChecked() or self.underMouse():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("select" if self.isChecked() else "hover"))
                painter.drawRoundedRect(self.rect(), 6, 6)
            ink = colour("text" if self.isChecked() else "text-2")
            edge = metrics.icon_size(16)
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            box = self.rect()
            x = box.right() - 12 - edge if mirrored else 14
            square = box.adjusted(0, 0, 0, 0)
            square.setRect(x, (box.height() - edge) // 2, edge, edge)
            icons.paint(painter, square, self._icon, ink)
            painter.setPen(ink)
            painter.setFont(self.font())
            room = box.adjusted(12, 0, -edge - 22, 0) if mirrored else box.adjusted(edge + 22, 0, -12, 0)
            side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), self.text())


class InviteWindow(QWidget):
    """``said`` carries a sentence for the main window when this one is closed by it."""

    closed = Signal()
    ready = Signal()
    """The sources are there: whoever types now types into the right field."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Invite to review"))
        self._bridge = bridge
        self._said = ""
        self._sources: Sequence[Source] = ()
        self._wanted: tuple[str, str] | None = None
        self._build()
        self._resize(ONE)
        self.setMinimumSize(640, 480)
        self._tell()
        self._is_ready = False
        bridge.run(
            bridge.core.invitations.sources,
            done=self._on_sources,
            failed=self._on_no_sources,
            owner=self,
            key="sources",
        )

    def _build(self) -> None:
        self.one_tab = _Tab(self.tr("One customer"), "user", self)
        self.list_tab = _Tab(self.tr("From a file"), "table", self)
        group = QButtonGroup(self)
        for number, tab in enumerate((self.one_tab, self.list_tab)):
            group.addButton(tab, number)
        self.one_tab.setChecked(True)
        group.idClicked.connect(self.show_page)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(24, 16, 24, 12)
        tabs.setSpacing(6)
        tabs.addWidget(self.one_tab)
        tabs.addWidget(self.list_tab)
        tabs.addStretch(1)
        self.bar = InlineBar(self)
        self.single = SinglePage(self._bridge, self)
        self.bulk = BulkPage(self._bridge, self)
        tabs.addWidget(self.bulk.steps)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.single)
        self.pages.addWidget(self.bulk)
        self.foot = QWidget(self)
        self.foot.setObjectName("dialogfoot")
        self.foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.foot.setFixedHeight(metrics.list_line() + 36)
        self._icon = Pictogram("info", 16, "text-2", parent=self.foot)
        self.sentence = PlainLabel(parent=self.foot, role="text-2")
        self.close_button = PushButton(self.tr("Close"), self.foot)
        self.second = PushButton(self.tr("Next customer"), self.foot)
        self.go = PushButton("", self.foot, kind="primary", cap=key_text("Ctrl+Return"))
        self.go.setObjectName("go")
        self.close_button.clicked.connect(self.close)
        self.second.clicked.connect(self._on_second)
        self.go.clicked.connect(self.go_on)
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.sentence, 1)
        for button in (self.close_button, self.second, self.go):
            row.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(tabs)
        whole.addWidget(self.bar)
        whole.addWidget(self.pages, 1)
        whole.addWidget(Separator(self))
        whole.addWidget(self.foot)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.go_on)
        self.single.changed.connect(self._tell)
        self.single.refused.connect(self._on_refused)
        self.single.said.connect(self.say)
        self.bulk.changed.connect(self._tell)
        self.bulk.refused.connect(self._on_list_refused)
        self.bulk.said.connect(self.say)
        self.bulk.earlier_wanted.connect(self._show_earlier)

    def _resize(self, page: int) -> None:
        t = metrics.icon_size(100) / 100
        room = self.screen().availableGeometry()
        wide, high = SIZES[page]
        self.resize(min(round(wide * t), room.width()), min(round(high * t), room.height() - 40))

    # --- what is shown --------------------------------------------------------------------------------------

    def page(self) -> int:
        """ONE or LIST."""
        return self.pages.currentIndex()

    def show_page(self, page: int) -> None:
        """One customer, or a list."""
        (self.one_tab, self.list_tab)[page].setChecked(True)
        self.bar.hide()
        self._said = ""
        if page != self.page():
            self.pages.setCurrentIndex(page)
            self._resize(page)
        self._tell()

    def _on_sources(self, sources: list[Source]) -> None:
        self._sources = sources
        self.single.set_sources(sources)
        self.bulk.set_sources(sources)
        if self._wanted is not None:
            self.single.choose(*self._wanted)
            self._wanted = None
        self.single.fields.focus_first()
        if not sources:
            words = self.tr("No source of yours can invite customers. Their accounts say why.")
            self.bar.show_message("info", words, closable=False)
        self._tell()
        self._is_ready = True
        self.ready.emit()

    def _on_no_sources(self, error: BaseException) -> None:
        words = (
            error.message
            if isinstance(error, ReviewdeskError)
            else self.tr("The accounts could not be read.")
        )
        self.bar.show_message("fail", words)
        self._is_ready = True
        self.ready.emit()

    def is_ready(self) -> bool:
        return self._is_ready

    def sources(self) -> Sequence[Source]:
        return self._sources

    def prepare(self, values: Mapping[str, str], *, account: str = "", form_id: str = "") -> None:
        """Fill in what is known of a customer, and choose a source and a way where they are named."""
        self.show_page(ONE)
        if account:
            if self._sources:
                self.single.choose(account, form_id)
            else:
                self._wanted = (account, form_id)
        self.single.fill(values)

    def open_list(self, table: Table) -> None:
        """Show a list that was made elsewhere (a selection of reviews)."""
        self.show_page(LIST)
        self.bulk.open_table(table)

    def show_invitation(self, made: Invitation) -> None:
        """An invitation of the history with its link and its code."""
        self.show_page(ONE)
        self.single.show_earlier(made)

    def _tell(self) -> None:
        part = self.single if self.page() == ONE else self.bulk
        icon, words = part.sentence()
        self._icon.set("info" if self._said else icon, "text-2")
        self.sentence.setText(self._said or words)
        text, go_icon, kind = part.go_words()
        self.go.setText(text)
        self.go.set_icon_name(go_icon)
        if self.go.kind() != kind:
            self.go.set_kind(kind)
        self.go.setAccessibleDescription(words)
        if self.page() == ONE:
            self.second.setText(self.tr("Next customer"))
            self.second.set_icon_name("")
            made = self.single.result.invitation()
            self.second.setVisible(made is not None and bool(self.single.result.address()))
        else:
            words, icon = self.bulk.second_words()
            self.second.setText(words)
            self.second.set_icon_name(icon)
            self.second.setVisible(bool(words))
        self.go.setVisible(bool(text))
        self.bulk.steps.setVisible(self.page() == LIST)

    def go_on(self) -> None:
        """What the first button says."""
        self.bar.hide()
        self._said = ""
        (self.single if self.page() == ONE else self.bulk).go_on()
        self._tell()

    def _on_second(self) -> None:
        self.bar.hide()
        self._said = ""
        self.single.next_customer() if self.page() == ONE else self.bulk.second()
        self._tell()

    def say(self, text: str) -> None:
        """One sentence at the foot, also for the screen reader."""
        self._said = text
        self._tell()
        announce(self, text)

    def _on_refused(self, words: str, earlier: Invitation | None) -> None:
        """The guard or the provider's limits: beside the form, with the earlier link one press away."""
        buttons = (
            ((self.tr("Show the earlier link"), partial(self._show_earlier, earlier)),)
            if earlier is not None
            else ()
        )
        if earlier is not None:
            # The link itself is one press away.
            words = words.partition(" Link: ")[0]
        self.bar.show_message("warn" if earlier is not None else "fail", words, buttons=buttons)

    def _on_list_refused(self, words: str) -> None:
        self.bar.show_message("fail", words)

    def _show_earlier(self, earlier: Invitation | None) -> None:
        self.bar.hide()
        if earlier is not None:
            self.show_invitation(earlier)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """A list that runs goes on without the window: its rows are in the history."""
        self.closed.emit()
        super().closeEvent(event)


def _medium() -> QFont:
    return fonts.list_font(500)

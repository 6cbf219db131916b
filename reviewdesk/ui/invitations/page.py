"""The invitations page: who was asked and what came of it, the lists, and who must not be asked."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QCoreApplication,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.invitations.model import Blocked, Invitation, InviteState, InviteWay
from reviewdesk.domain.models import ChangeSet
from reviewdesk.services.handouts import write_text
from reviewdesk.ui.invitations.tables import WordsTable
from reviewdesk.ui.invitations.words import day_words, state_words, way_words
from reviewdesk.ui.page import Page
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import EmptyState, PlainLabel, PushButton, set_off

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["InvitationsPage"]

Index = QModelIndex | QPersistentModelIndex
HISTORY, LISTS, BLOCKED = range(3)
_MOST = 500


@dataclass(frozen=True, slots=True)
class _Found:
    history: Sequence[Invitation]
    runs: Sequence[Any]
    """Lists that were invited (``InvitationLists.runs``)."""
    blocked: Sequence[Blocked]
    names: dict[int, str]
    withdrawers: frozenset[int]


class InvitationsPage(Page):
    """``shown_wanted`` carries an Invitation whose link should be shown, ``review_wanted`` a review."""

    invite_wanted = Signal()
    shown_wanted = Signal(object)
    review_wanted = Signal(object)
    said = Signal(str)

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__(window)
        self.search_words = self.tr("Search by address, order or name")
        self._bridge = bridge
        self._filter = ""
        self._withdrawers: frozenset[int] = frozenset()
        self._stale = False
        self._build()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(150)
        self._soon.timeout.connect(self.refresh)
        bridge.changes.connect(self._on_changes)
        theme().changed.connect(self._on_theme)
        self.refresh()

    def _build(self) -> None:
        self._head = QWidget(self)
        self._head.setObjectName("panehead")
        self._head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._head.setFixedHeight(metrics.pane_head_height())
        row = QHBoxLayout(self._head)
        row.setContentsMargins(16, 0, 12, 1)
        row.setSpacing(8)
        row.addWidget(PlainLabel(self.tr("Invitations"), self._head, font=_title_font))
        row.addSpacing(12)
        self._tabs = QButtonGroup(self)
        for number, words in enumerate(
            (self.tr("Who was asked"), self.tr("Lists"), self.tr("Do not contact"))
        ):
            tab = PushButton(words, self._head, kind="ghost", small=True)
            tab.setCheckable(True)
            tab.setChecked(number == 0)
            tab.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._tabs.addButton(tab, number)
            row.addWidget(tab)
        self._tabs.idClicked.connect(self.show_tab)
        row.addStretch(1)
        self.invite_button = PushButton(
            self.tr("Invite"), self._head, kind="primary", icon="plus", small=True
        )
        self.invite_button.clicked.connect(self.invite_wanted)
        row.addWidget(self.invite_button)
        self.history = WordsTable(
            (
                self.tr("When"),
                self.tr("Who"),
                self.tr("Order"),
                self.tr("Source"),
                self.tr("How"),
                self.tr("State"),
                self.tr("Valid to"),
                self.tr("Link"),
            ),
            self.tr("Who was asked"),
            self,
            (96, 210, 90, 130, 130, 150, 96, 120),
        )
        self.runs = WordsTable(
            (
                self.tr("When"),
                self.tr("List"),
                self.tr("Source"),
                self.tr("How"),
                self.tr("Chosen"),
                self.tr("State"),
            ),
            self.tr("Lists"),
            self,
            (100, 280, 150, 170, 180, 200),
        )
        self.blocked = WordsTable(
            (self.tr("Since"), self.tr("Who"), self.tr("Reason")),
            self.tr("Do not contact"),
            self,
            (110, 320, 400),
        )
        self.history.selectionModel().currentRowChanged.connect(self._tell_acts)
        self.runs.selectionModel().currentRowChanged.connect(self._tell_acts)
        self.blocked.selectionModel().currentRowChanged.connect(self._tell_acts)
        self.history.activated.connect(self._on_activated)
        self._empty = EmptyState(self)
        self._empty.pressed.connect(self._on_empty)
        self.stack = QStackedWidget(self)
        for view in (self.history, self.runs, self.blocked, self._empty):
            self.stack.addWidget(view)
        self._foot = QWidget(self)
        self._foot.setObjectName("dialogfoot")
        self._foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._foot.setFixedHeight(metrics.list_line() + 30)
        self.show_button = PushButton(
            self.tr("Show link and QR code"), self._foot, icon="qr-code", small=True
        )
        self.copy_button = PushButton(self.tr("Copy link"), self._foot, icon="copy", small=True)
        self.review_button = PushButton(self.tr("Show the review"), self._foot, icon="tray", small=True)
        self.withdraw_button = PushButton(
            self.tr("Take it back at the source"), self._foot, icon="arrow-u-up-left", small=True
        )
        self.record_button = PushButton(
            self.tr("Save the record of the choice"), self._foot, icon="scales", small=True
        )
        self.unblock_button = PushButton(self.tr("Take off the list"), self._foot, small=True)
        self.address = QLineEdit(self._foot)
        self.address.setPlaceholderText(self.tr("E-mail address that must not be asked"))
        self.address.setAccessibleName(self.tr("E-mail address that must not be asked"))
        self.reason = QLineEdit(self._foot)
        self.reason.setPlaceholderText(self.tr("Reason"))
        self.reason.setAccessibleName(self.tr("Reason"))
        self.address.setMinimumWidth(metrics.icon_size(200))
        self.reason.setMinimumWidth(metrics.icon_size(120))
        self.block_button = PushButton(self.tr("Put on the list"), self._foot, icon="prohibit", small=True)
        self._answer = PlainLabel(parent=self._foot, role="text-2")
        self.show_button.clicked.connect(self._on_show)
        self.copy_button.clicked.connect(self._on_copy)
        self.review_button.clicked.connect(self._on_review)
        self.withdraw_button.clicked.connect(self._on_withdraw)
        self.record_button.clicked.connect(self._ask_record)
        self.unblock_button.clicked.connect(self._on_unblock)
        self.block_button.clicked.connect(self._on_block)
        self.address.returnPressed.connect(self._on_block)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(16, 0, 16, 0)
        foot.setSpacing(8)
        for button in (
            self.show_button, self.copy_button, self.review_button, self.withdraw_button, self.record_button,
            self.address, self.reason, self.block_button, self.unblock_button,
        ):  # fmt: skip
            foot.addWidget(button)
        foot.addWidget(self._answer, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        inset = QHBoxLayout()
        inset.setContentsMargins(11, 0, 0, 0)
        inset.addWidget(self.stack)
        column.addLayout(inset, 1)
        column.addWidget(self._foot)
        self._tell_acts()

    # --- a page of the window ------------------------------------------------------------------------------

    def start(self) -> QWidget:
        shown = self.stack.currentWidget()
        return shown if shown is not None and shown is not self._empty else self.invite_button

    def set_filter(self, text: str) -> None:
        """Show who fits: an address, an order number, or part of a name."""
        self._filter = text.strip()
        self.refresh()

    def show_tab(self, tab: int) -> None:
        """HISTORY, LISTS or BLOCKED."""
        self._tabs.button(tab).setChecked(True)
        self._show()

    # --- reading ---------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read everything again."""
        self._bridge.run(self._read, self._filter, done=self._on_read, owner=self, key="invitations")

    def _read(self, text: str) -> _Found:
        core = self._bridge.core
        accounts = core.accounts.list()
        can = frozenset(
            a.id for a in accounts if core.accounts.capabilities(a)[Capability.WITHDRAW_INVITE].available
        )
        return _Found(
            core.invitations.history(text, limit=_MOST),
            core.invitation_lists.runs(),
            core.invitations.do_not_contact(),
            {a.id: a.name for a in accounts},
            can,
        )

    def _on_read(self, found: _Found) -> None:
        self._withdrawers = found.withdrawers
        gone = self.tr("(removed)")
        self.history.set_rows(
            [
                (
                    made,
                    (
                        day_words(made.created_at),
                        made.email or made.phone or made.name or self.tr("anybody"),
                        made.order_id,
                        found.names.get(made.account_id, gone),
                        way_words(made.way),
                        state_words(made) + (self.tr(", reviewed") if made.review_id is not None else ""),
                        day_words(made.expires_at) if made.expires_at else "",
                        made.link or "  ".join(made.links.values()),
                    ),
                )
                for made in found.history
            ]
        )
        self.runs.set_rows(
            [
                (
                    run,
                    (
                        day_words(run.created_at),
                        Path(run.source).name or self.tr("Clipboard"),
                        found.names.get(run.account_id, gone),
                        way_words(InviteWay(run.form.partition(":")[0])),
                        _chosen(run.sample),
                        self.tr("{state}, row {row} of {total}").format(
                            state=_run_state(run.state),
                            row=QLocale().toString(run.at_row),
                            total=QLocale().toString(run.total),
                        ),
                    ),
                )
                for run in found.runs
            ]
        )
        self.blocked.set_rows(
            [
                (entry, (day_words(entry.at), entry.email or self.tr("an erased person"), entry.reason))
                for entry in found.blocked
            ]
        )
        self._show()

    def _show(self) -> None:
        tab = self._tabs.checkedId()
        view = (self.history, self.runs, self.blocked)[tab]
        empty = view.table.rowCount() == 0
        if empty:
            self._empty.set_state(*self._empty_words(tab))
        self.stack.setCurrentWidget(self._empty if empty else view)
        self._tell_acts()

    def _empty_words(self, tab: int) -> tuple[str, str, str, tuple[tuple[str, str, str], ...]]:
        if tab == BLOCKED:
            return (
                "prohibit",
                self.tr("Nobody is on this list"),
                self.tr("Who stands on it is never invited."),
                (),
            )
        if tab == LISTS:
            words = self.tr("Lists you invite from a file are kept here with how they were chosen.")
            return "table", self.tr("No list was invited yet"), words, ()
        if self._filter:
            return "magnifying-glass", self.tr("Nobody who was asked fits these words"), "", ()
        button = (("invite", self.tr("Invite a customer"), "primary"),)
        return (
            "user-plus",
            self.tr("Nobody was asked yet"),
            self.tr("Links and e-mails appear here with what came of them."),
            button,
        )

    def _fit_foot(self) -> None:
        """Where the words do not fit beside each other, buttons with an icon lose theirs."""
        buttons = (
            *(self.show_button, self.copy_button, self.review_button, self.withdraw_button),
            *(self.record_button, self.block_button),
        )
        for button in buttons:
            button.set_words(True)
        parts = (*buttons, self.unblock_button, self.address, self.reason)
        wanted = sum(
            max(part.sizeHint().width(), part.minimumWidth()) + 8 for part in parts if not part.isHidden()
        )
        for button in buttons:
            button.set_words(wanted <= self.width() - 32)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_foot()

    def _tell_acts(self, *_rows: object) -> None:
        tab = self._tabs.checkedId()
        shown = self.stack.currentWidget() is not self._empty
        made: Invitation | None = self.history.current() if tab == HISTORY and shown else None
        for part in (self.show_button, self.copy_button, self.review_button, self.withdraw_button):
            part.setVisible(made is not None)
        self.record_button.setVisible(tab == LISTS and shown)
        for widget in (self.address, self.reason, self.block_button):
            widget.setVisible(tab == BLOCKED)
        self.unblock_button.setVisible(tab == BLOCKED and shown)
        self._fit_foot()
        self._answer.setText("")
        if made is None:
            return
        linked = bool(made.link or made.links)
        none = None if linked else self.tr("There is no link: the source writes to the customer itself")
        set_off(self.show_button, none)
        set_off(self.copy_button, none)
        set_off(
            self.review_button, None if made.review_id is not None else self.tr("No review came of it yet")
        )
        set_off(self.withdraw_button, self._no_withdrawal(made))
        removed = made.answer.get("removed_order_ids")
        if made.state is InviteState.WITHDRAWN:
            orders = ", ".join(map(str, removed)) if isinstance(removed, list | tuple) else ""
            said = (
                self.tr("The source took back: {orders}").format(orders=orders)
                if orders
                else self.tr("The source took nothing back by name")
            )
            self._answer.setText(said)
        elif made.error is not None:
            self._answer.setText(made.error.message)

    def _no_withdrawal(self, made: Invitation) -> str | None:
        if made.account_id not in self._withdrawers:
            return self.tr("This source has no way to take an invitation back")
        if made.way not in (InviteWay.LINK, InviteWay.EMAIL) or made.state not in (
            InviteState.INVITED,
            InviteState.UNKNOWN,
        ):
            return self.tr("There is nothing at the source that could be taken back")
        if made.withdrawal_id is not None:
            return self.tr("It is being taken back already")
        return None

    def _on_changes(self, change: ChangeSet) -> None:
        if change.outbox or change.views or change.accounts or change.added:
            if self.isVisible():
                self._soon.start()
            else:
                self._stale = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()

    # --- acts -------------------------------------------------------------------------------------------------

    def _on_activated(self, _index: object) -> None:
        made = self.history.current()
        if made is not None and (made.link or made.links):
            self.shown_wanted.emit(made)

    def _on_show(self) -> None:
        if self.history.current() is not None:
            self.shown_wanted.emit(self.history.current())

    def _on_copy(self) -> None:
        made = self.history.current()
        if made is not None:
            QGuiApplication.clipboard().setText(made.link or "\n".join(made.links.values()))
            self.said.emit(self.tr("The link is copied"))

    def _on_review(self) -> None:
        made = self.history.current()
        if made is not None and made.review_id is not None:
            self.review_wanted.emit(made.review_id)

    def _on_withdraw(self) -> None:
        made = self.history.current()
        if made is not None:
            future = self._bridge.core.invitations.withdraw(made.account_id, made.email, made.order_id)
            self._watch(future, self.tr("The source is asked to take it back"))

    def _on_block(self) -> None:
        if self.address.text().strip():
            future = self._bridge.core.invitations.block(self.address.text(), self.reason.text())
            self._watch(future, self.tr("Nobody asks this person from now on"))
            self.address.clear()
            self.reason.clear()

    def _on_unblock(self) -> None:
        entry = self.blocked.current()
        if entry is not None:
            self._watch(self._bridge.core.invitations.unblock(entry.id), self.tr("Taken off the list"))

    def _ask_record(self) -> None:
        run = self.runs.current()
        if run is None:
            return
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the record"), f"how-chosen-{run.id}.txt", "*.txt"
        )
        if chosen:
            self.save_record(run.id, Path(chosen))

    def save_record(self, run_id: int, path: Path) -> None:
        """The one-page record of how a list was chosen."""
        try:
            write_text(path, self._bridge.core.invitation_lists.record(run_id))
        except ReviewdeskError as error:
            self.said.emit(error.message)
        else:
            self.said.emit(self.tr("{file} is written").format(file=path.name))

    def _watch(self, future: Future[Any], words: str) -> None:
        def failed(error: BaseException) -> None:
            self.said.emit(
                error.message if isinstance(error, ReviewdeskError) else self.tr("It could not be done")
            )

        self._bridge.watch(future, done=partial(self._done, words), failed=failed, owner=self)

    def _done(self, words: str, _result: object) -> None:
        self.said.emit(words)
        self.refresh()

    def _on_empty(self, _name: str) -> None:
        self.invite_wanted.emit()

    def _on_theme(self) -> None:
        self._head.setFixedHeight(metrics.pane_head_height())
        self._foot.setFixedHeight(metrics.list_line() + 30)


def _chosen(sample: Any) -> str:
    rule = sample.get("rule", "all")
    if rule == "every-nth":
        return QCoreApplication.translate("invitations", "every {n}th").format(n=sample.get("n", 1))
    if rule == "random":
        words = QCoreApplication.translate("invitations", "{count} at random, seed {seed}")
        return words.format(count=sample.get("count", 0), seed=sample.get("seed", ""))
    return QCoreApplication.translate("invitations", "everyone")


def _run_state(state: str) -> str:
    return {
        "running": QCoreApplication.translate("invitations", "At work"),
        "paused": QCoreApplication.translate("invitations", "Paused"),
        "stopped": QCoreApplication.translate("invitations", "Stopped"),
        "done": QCoreApplication.translate("invitations", "Done"),
    }.get(state, state)


def _title_font() -> QFont:
    return fonts.body_font(600)

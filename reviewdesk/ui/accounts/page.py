"""The account page: how one account is doing, and everything that can be done with it (features.md A7 to A9)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDateTime, QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from reviewdesk import __version__
from reviewdesk.domain.errors import KeychainLocked, SecretError
from reviewdesk.domain.models import Account, AccountState, ChangeSet
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.services.health import Health, Quota, diagnostics, ends_soon, read
from reviewdesk.ui.accounts.approval import ApprovalSection
from reviewdesk.ui.accounts.finish import Abilities, Swatches
from reviewdesk.ui.accounts.rows import AsideRow, Line, Section
from reviewdesk.ui.accounts.trial import Errand
from reviewdesk.ui.status import ago
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import InlineBar, PlainLabel, PushButton, ToolButton, announce, set_off

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["AccountPage"]

SIZE = (760, 720)
_TICK_MS = 2000


class AccountPage(QWidget):
    """Not modal. ``sign_in_wanted`` with the account's id; ``removed`` when it is gone."""

    sign_in_wanted = Signal(int)
    removed = Signal(int)

    def __init__(self, bridge: Bridge, account_id: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._id = account_id
        self._health: Health | None = None
        self._errand: Errand | None = None
        self._aside: tuple[int, ...] | None = None
        self._build()
        t = metrics.icon_size(100) / 100
        room = self.screen().availableGeometry()
        self.resize(min(round(SIZE[0] * t), room.width()), min(round(SIZE[1] * t), room.height() - 40))
        self.setMinimumSize(420, 400)
        # "in 3 min" and the gauges have to move although nothing happens.
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.refresh)
        self._tick.start()
        bridge.changes.connect(self._on_changes)
        bridge.status.connect(self._on_status)
        self.refresh()

    # --- putting it together ---------------------------------------------------------------------

    def _build(self) -> None:
        self.bar = InlineBar(self)
        self.heading = PlainLabel(parent=self, font=fonts.title_font, wrap=True)
        self.state = PlainLabel(parent=self, role="text-2", wrap=True)
        self.sync_button = PushButton(self.tr("Sync now"), self, icon="arrows-clockwise")
        self.pause_button = PushButton(self.tr("Pause"), self, icon="pause")
        self.sign_in_button = PushButton(self.tr("Sign in again"), self, icon="key")
        self.copy_button = PushButton(self.tr("Copy diagnostics"), self, kind="ghost", icon="copy")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.sync_button, self.pause_button, self.sign_in_button, self.copy_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        head = QVBoxLayout()
        head.setContentsMargins(28, 22, 28, 8)
        head.setSpacing(4)
        head.addWidget(self.heading)
        head.addWidget(self.state)
        head.addSpacing(10)
        head.addLayout(buttons)
        content = QWidget(self)
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(28, 0, 28, 24)
        self._column.setSpacing(4)
        self.approval = ApprovalSection(self._bridge, self._id, self)
        for section in (self._health_section(), self._look_section(), self.approval, self._aside_section(),
                        self._abilities_section(), self._remove_section()):  # fmt: skip
            self._column.addWidget(section)
        self._column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.viewport().setAutoFillBackground(False)
        self.area.setWidget(content)
        content.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addLayout(head)
        whole.addWidget(self.area, 1)
        self.sync_button.clicked.connect(self._on_sync)
        self.pause_button.clicked.connect(self._on_pause)
        self.sign_in_button.clicked.connect(self._on_sign_in)
        self.copy_button.clicked.connect(self.copy_diagnostics)

    def _health_section(self) -> Section:
        section = Section(self.tr("Health"), self)
        self.last = Line(self.tr("Last success"), section)
        self.next = Line(self.tr("Next run"), section)
        self.error = Line(self.tr("Last error"), section)
        self.token = Line(self.tr("Sign-in"), section)
        self.secrets = Line(self.tr("Secrets"), section)
        self.key = Line(self.tr("Server key"), section, fixed=True)
        self.reach = Line(self.tr("Loaded from"), section)
        self.hosts = Line(self.tr("Talks to"), section)
        self._quota = [Line(self.tr("Calls"), section) for _ in range(4)]
        for line in (self.last, self.next, self.error, *self._quota, self.token, self.secrets, self.key,
                     self.reach, self.hosts):  # fmt: skip
            section.add(line)
        return section

    def _look_section(self) -> Section:
        section = Section(self.tr("Name, colour and order"), self)
        name = Line(self.tr("Name"), section)
        self.name = QLineEdit(name)
        self.name.setMaxLength(80)
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setMinimumWidth(metrics.icon_size(140))
        self.name.editingFinished.connect(self._on_renamed)
        name.add(self.name)
        colour = Line(self.tr("Colour"), section)
        self.swatches = Swatches(colour)
        self.swatches.changed.connect(self._on_colour)
        colour.add(self.swatches)
        self.order = Line(self.tr("Place in the sidebar"), section)
        self.up = ToolButton("caret-up", self.tr("Move up"), self.order)
        self.down = ToolButton("caret-down", self.tr("Move down"), self.order)
        self.up.clicked.connect(partial(self._on_move, -1))
        self.down.clicked.connect(partial(self._on_move, 1))
        self.order.add(self.up)
        self.order.add(self.down)
        for line in (name, colour, self.order):
            section.add(line)
        return section

    def _aside_section(self) -> Section:
        self.aside = Section(self.tr("Records set aside"), self)
        return self.aside

    def _abilities_section(self) -> Section:
        section = Section(self.tr("What it can do"), self)
        self.abilities = Abilities(section)
        section.add(self.abilities)
        return section

    def _remove_section(self) -> Section:
        section = Section(self.tr("Remove"), self)
        keep = Line("", section)
        keep.name.hide()
        keep.set(self.tr("Take the account and its keys away, keep its reviews to read and search."))
        self.remove_button = PushButton(self.tr("Remove account"), keep)
        self.remove_button.clicked.connect(partial(self._ask_remove, False))
        keep.add(self.remove_button)
        erase = Line("", section)
        erase.name.hide()
        erase.set(self.tr("Take everything away that came through it. Drafts are kept."))
        self.erase_button = PushButton(self.tr("Remove and erase"), erase)
        self.erase_button.clicked.connect(partial(self._ask_remove, True))
        erase.add(self.erase_button)
        section.add(keep)
        section.add(erase)
        return section

    # --- what it shows ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read everything again, beside the window."""
        core = self._bridge.core
        self._bridge.run(
            read, core, self._id, done=self._on_read, failed=self._on_failed, owner=self, key="health"
        )

    def health(self) -> Health | None:
        """As last read."""
        return self._health

    def _on_changes(self, change: ChangeSet) -> None:
        if change.accounts or change.added or change.changed:
            self.refresh()

    def _on_status(self, status: SyncStatus) -> None:
        if status.account_id == self._id:
            self.refresh()

    def _on_read(self, health: Health | None) -> None:
        if health is None:
            self.close()
            return
        first = self._health is None
        before, self._health = self._health, health
        account = health.account
        self.setWindowTitle(account.name)
        self.heading.setText(f"{account.name}")
        self._show_state(health)
        self._show_times(health)
        self._show_look(health)
        if before is None or before.account != account:
            able = self._bridge.core.accounts.capabilities(account)
            self.abilities.show_table(able)
            self.approval.setVisible(self.approval.applies(able))
        aside = tuple(entry.id for entry in health.set_aside)
        if aside != self._aside:
            self._aside = aside
            self._show_aside(health)
        if first:
            self.sync_button.setFocus()

    def _show_state(self, health: Health) -> None:
        account, running = health.account, self._is_running(health)
        words = {
            AccountState.OK: self.tr("up to date"),
            AccountState.PAUSED: self.tr("paused, no request is made, everything stays readable"),
            AccountState.SIGN_IN_NEEDED: self.tr(
                "Sign in again; everything else goes on, queued replies wait"
            ),
            AccountState.ERROR: self.tr("the last sync failed"),
            AccountState.NEVER_SYNCED: self.tr("not loaded yet"),
        }[account.state]
        if running and health.status is not None:
            words = self._progress(health.status)
        self.state.setText(f"{health.spec.title}: {words}")
        self.sync_button.setText(self.tr("Stop") if running else self.tr("Sync now"))
        self.sync_button.set_icon_name("stop" if running else "arrows-clockwise")
        paused = account.state is AccountState.PAUSED
        self.pause_button.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.pause_button.set_icon_name("play" if paused else "pause")
        set_off(self.sync_button, self.tr("The account is paused. Resume it first.") if paused else None)
        if account.last_error is not None and account.last_error.kind == "keychain":
            self.sign_in_button.setText(self.tr("Unlock and retry"))
        else:
            self.sign_in_button.setText(self.tr("Sign in again"))
        for button in (self.sync_button, self.pause_button, self.sign_in_button):
            button.updateGeometry()

    @staticmethod
    def _is_running(health: Health) -> bool:
        return health.status is not None and health.status.phase is SyncPhase.RUNNING

    def _progress(self, status: SyncStatus) -> str:
        done = QLocale().toString(status.done)
        if status.total:
            words = self.tr("{done} of about {total}").format(
                done=done, total=QLocale().toString(status.total)
            )
        else:
            words = self.tr("%n loaded", "", status.done)
        return f"{status.message} {words}".strip()

    def _show_times(self, health: Health) -> None:
        account = health.account
        if account.last_success is None:
            self.last.set(self.tr("never"))
        else:
            gone = ago(health.now - account.last_success)
            self.last.set(f"{_moment(account.last_success)}, {gone}")
        self.next.set(self._next_words(health))
        error = account.last_error
        self.error.setVisible(error is not None)
        self.error.set(error.message if error is not None else "", warn=True)
        self._show_quota(health.quotas)
        self._show_token(account, health.now)
        names = {f.key: f.label for f in health.spec.secrets}
        present = ", ".join(names.get(key, key) for key in names if key in account.secret_keys)
        where = (
            self.tr("kept for this session only")
            if health.session_only
            else self.tr("kept in the keychain of this computer")
        )
        self.secrets.set(f"{present}: {where}" if present else self.tr("none needed"), warn=False)
        self.key.setVisible(bool(health.host_key))
        self.key.set(health.host_key)
        self.reach.setVisible(bool(health.since))
        self.reach.set(self.tr("{day} on").format(day=_day(health.since)) if health.since else "")
        self.hosts.set(", ".join(health.hosts) or self.tr("nobody, it reads a folder of this computer"))

    def _next_words(self, health: Health) -> str:
        if health.account.state is AccountState.PAUSED:
            return self.tr("none, the account is paused")
        if health.account.state is AccountState.SIGN_IN_NEEDED:
            return self.tr("none before the sign-in")
        if self._is_running(health):
            return self.tr("now")
        at = health.status.continues_at if health.status is not None else None
        at = at or health.next_run
        if at is None:
            return self.tr("not planned")
        left = at - health.now
        if left < 60:
            return self.tr("within a minute")
        return self.tr("at {time}, in %n min", "", round(left / 60)).format(time=_clock(at))

    def _show_quota(self, quotas: Any) -> None:
        for number, line in enumerate(self._quota):
            line.setVisible(number < len(quotas))
            if number < len(quotas):
                quota: Quota = quotas[number]
                words = self.tr("{used} of {all} in {span}").format(
                    used=QLocale().toString(quota.used),
                    all=QLocale().toString(quota.limit.calls),
                    span=_span(quota.limit.seconds),
                )
                if quota.free_at is not None:
                    words = self.tr("{words}, continues at {time}").format(
                        words=words, time=_clock(quota.free_at, True)
                    )
                line.set(words, warn=quota.free_at is not None)
                line.gauge.setVisible(True)
                line.gauge.set_share(quota.share)

    def _show_token(self, account: Account, now: float) -> None:
        ends = account.token_expires
        if ends is None:
            self.token.set(self.tr("renewed without you"))
        elif ends <= now:
            self.token.set(self.tr("ended on {day}").format(day=_day(ends)), warn=True)
        else:
            days = round((ends - now) / 86_400)
            words = self.tr("ends on {day}, in %n days", "", days).format(day=_day(ends))
            self.token.set(words, warn=ends_soon(ends, now))
        if ends_soon(ends, now) and ends is not None and not self.bar.isVisible():
            text = self.tr("The sign-in ends on {day}.").format(day=_day(ends))
            self.bar.show_message(
                "warn", text, icon="key", buttons=((self.tr("Sign in again"), self._on_sign_in),)
            )

    def _show_look(self, health: Health) -> None:
        account = health.account
        if not self.name.hasFocus():
            self.name.setText(account.name)
        self.swatches.set_colour(account.colour)
        place = self.tr("{place} of {all}").format(place=health.place + 1, all=health.accounts)
        self.order.set(place)
        set_off(self.up, self.tr("It is the first one") if health.place == 0 else None)
        last = health.place == health.accounts - 1
        set_off(self.down, self.tr("It is the last one") if last else None)

    def _show_aside(self, health: Health) -> None:
        self.aside.clear()
        if not health.set_aside:
            self.aside.add(
                PlainLabel(self.tr("None. Every record could be read."), self.aside, role="text-2", wrap=True)
            )
        for entry in health.set_aside:
            self.aside.add(AsideRow(entry, _moment(entry.last), self.aside))

    # --- acting ----------------------------------------------------------------------------------

    def _account(self) -> Account | None:
        return self._health.account if self._health is not None else None

    def _act(self, work: Callable[[], Any], done: Callable[[Any], object] | None = None) -> None:
        """A change that may wait for the keychain or the database; never on this thread."""
        self.bar.hide()
        errand = self._errand = Errand(work, self)
        errand.done.connect(done or self._refreshed)
        errand.failed.connect(self._on_failed)
        errand.start()

    def _refreshed(self, _result: object) -> None:
        self.refresh()

    def _on_failed(self, error: BaseException) -> None:
        buttons: tuple[tuple[str, Callable[[], object]], ...] = ()
        if isinstance(error, SecretError):
            retry = self.tr("Unlock and retry") if isinstance(error, KeychainLocked) else self.tr("Try again")
            again = (self.tr("Keep for this session only"), partial(self.sign_in_wanted.emit, self._id))
            buttons = ((retry, self._unlock), again)
        message = getattr(error, "message", "") or self.tr("Something went wrong inside the program.")
        remedy = "" if buttons else getattr(error, "remedy", "")
        self.bar.show_message("fail", f"{message} {remedy}".strip(), buttons=buttons)
        self.refresh_name()

    def refresh_name(self) -> None:
        """Put the name back that the account has."""
        account = self._account()
        if account is not None:
            self.name.setText(account.name)

    def _on_sync(self) -> None:
        core, health = self._bridge.core, self._health
        if health is not None and self._is_running(health):
            core.sync.cancel(self._id)
        else:
            self._bridge.run(core.sync.sync_now, [self._id], owner=self)
        self.refresh()

    def _on_pause(self) -> None:
        account = self._account()
        if account is not None:
            accounts = self._bridge.core.accounts
            act = accounts.resume if account.state is AccountState.PAUSED else accounts.pause
            if account.state is not AccountState.PAUSED:
                self._bridge.core.sync.cancel(account.id)
            self._bridge.watch(act(account.id), done=self._refreshed, failed=self._on_failed, owner=self)

    def _on_sign_in(self) -> None:
        account = self._account()
        if account is not None and account.last_error is not None and account.last_error.kind == "keychain":
            self._unlock()
        else:
            self.sign_in_wanted.emit(self._id)

    def _unlock(self) -> None:
        account = self._account()
        if account is not None:
            self._act(partial(self._bridge.core.accounts.unlock, account), self._unlocked)

    def _unlocked(self, _nothing: object) -> None:
        self._bridge.run(self._bridge.core.sync.sync_now, [self._id], owner=self)

    def _on_renamed(self) -> None:
        account = self._account()
        name = " ".join(self.name.text().split())
        if account is not None and name and name != account.name:
            self._act(partial(self._bridge.core.accounts.rename, account, name))
        elif not name:
            self.refresh_name()

    def _on_colour(self, colour: int) -> None:
        account = self._account()
        if account is not None and colour != account.colour:
            self._act(partial(self._bridge.core.accounts.set_colour, account, colour))

    def _on_move(self, step: int) -> None:
        accounts = self._bridge.core.accounts

        def move() -> None:
            ids = [a.id for a in accounts.list()]
            here = ids.index(self._id)
            there = here + step
            if 0 <= there < len(ids):
                ids[here], ids[there] = ids[there], ids[here]
                accounts.reorder(ids)

        self._act(move)

    def _ask_remove(self, erase: bool) -> None:
        account = self._account()
        if account is None:
            return
        text = (
            self.tr("Erase everything of {name}? This can’t be undone.")
            if erase
            else self.tr("Remove {name}? Its reviews stay; its keys are deleted.")
        ).format(name=account.name)
        yes = self.tr("Erase everything") if erase else self.tr("Remove")
        self.bar.show_message(
            "fail" if erase else "warn",
            text,
            buttons=((yes, partial(self._remove, erase)), (self.tr("Keep it"), self.bar.hide)),
            closable=False,
        )
        self.bar.findChildren(PushButton)[-1].setFocus()

    def _remove(self, erase: bool) -> None:
        account = self._account()
        if account is not None:
            self._act(partial(self._bridge.core.accounts.remove, account, erase=erase), self._gone)

    def _gone(self, _nothing: object) -> None:
        self.removed.emit(self._id)
        self.close()

    def diagnostics(self) -> str:
        """What "Copy diagnostics" copies."""
        return diagnostics(self._health, __version__) if self._health is not None else ""

    def copy_diagnostics(self) -> None:
        QGuiApplication.clipboard().setText(self.diagnostics())
        self.bar.show_message("info", self.tr("Copied. There is no secret in it."))
        announce(self, self.tr("Copied"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._tick.stop()
        super().closeEvent(event)


def _moment(seconds: float) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)), QLocale.FormatType.ShortFormat)


def _day(seconds: float) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)).date(), "d MMMM yyyy")


def _clock(seconds: float, exact: bool = False) -> str:
    time = QDateTime.fromSecsSinceEpoch(int(seconds)).time()
    return QLocale().toString(time, "HH:mm:ss" if exact else "HH:mm")


def _span(seconds: float) -> str:
    if seconds >= 3600 and seconds % 3600 == 0:
        return f"{seconds / 3600:g} h"
    if seconds >= 60 and seconds % 60 == 0:
        return f"{seconds / 60:g} min"
    return f"{seconds:g} s"

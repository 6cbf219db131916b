"""The status line: calm facts about connection, sync and outbox, in words and figures."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.models import Account, AccountState, ChangeSet
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.when import moment_words
from reviewdesk.ui.widgets import PlainLabel, Separator, ToolButton, announce
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["StatusLine", "ago"]


def _tabular() -> QFont:
    return fonts.list_font(tabular=True)


def _medium() -> QFont:
    return fonts.list_font(500)


class StatusLine(QWidget):
    """``outbox_pressed`` when the outbox count is clicked, ``activity_pressed`` for the panel of all notices."""

    outbox_pressed = Signal()
    activity_pressed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._accounts: list[Account] = []
        self._statuses: dict[int, SyncStatus] = {}
        self._waiting = self._failed = 0
        self._scheduled: list[float] = []
        self._icon = Pictogram("cloud-check", 16, parent=self)
        self._online = PlainLabel(parent=self, role="text-2", elide=False)
        self._synced = PlainLabel(parent=self, role="text-2", font=_tabular)
        self._rule = Separator(self, vertical=True)
        self._progress = PlainLabel(parent=self, role="text-2", font=_tabular)
        self._meter = _Meter(self)
        self._rule2 = Separator(self, vertical=True)
        self._outbox = ToolButton("", self.tr("Open the outbox"), self, text=" ", small=True)
        self._outbox.clicked.connect(self.outbox_pressed)
        fonts.follow(self._outbox, _tabular)
        self._practice_icon = Pictogram("graduation-cap", 16, parent=self)
        self._practice = PlainLabel(parent=self, role="text", font=_medium, elide=False)
        self._practice_more = PlainLabel(parent=self, role="text-2")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 12, 0)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self._online)
        row.addSpacing(10)
        row.addWidget(self._synced)
        row.addSpacing(10)
        row.addWidget(self._rule)
        row.addSpacing(10)
        row.addWidget(self._progress)
        row.addWidget(self._meter)
        row.addSpacing(10)
        row.addWidget(self._rule2)
        row.addWidget(self._outbox)
        row.addStretch(1)
        row.addWidget(self._practice_icon)
        row.addWidget(self._practice)
        row.addWidget(self._practice_more)
        row.addSpacing(10)
        self._activity = ToolButton(
            "list-bullets", self.tr("Activity"), self, text=self.tr("Activity"), small=True
        )
        self._activity.clicked.connect(self.activity_pressed)
        row.addWidget(self._activity)
        self._hint = PlainLabel(parent=self, role="text")
        row.insertWidget(0, self._hint)
        self._hint.hide()
        practice = bool(bridge.core.practice)
        self._practice.setText(self.tr("Practice"))
        self._practice_more.setText(self.tr("Invented shops, nothing leaves this computer"))
        for widget in (self._practice_icon, self._practice, self._practice_more):
            widget.setVisible(practice)
        # "2 min ago" has to move although nothing happens.
        self._minute = QTimer(self)
        self._minute.setInterval(20_000)
        self._minute.timeout.connect(self._tell)
        self._minute.start()
        bridge.status.connect(self._on_status)
        bridge.changes.connect(self._on_changes)
        theme().changed.connect(self._fit)
        self._fit()
        self._tell()
        self.refresh()

    # --- data ------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read accounts, workers and the outbox again."""
        self._bridge.run(self._read, done=self._on_read, owner=self, key="status")

    def _read(self) -> tuple[list[Account], dict[int, SyncStatus], int, int, list[float]]:
        core = self._bridge.core
        counts = core.inbox.sidebar()
        waiting, failed = counts.outbox_waiting, counts.outbox_failed
        # Not asked for where nothing waits: the start needs no outbox.
        scheduled = core.outbox.scheduled() if waiting else []
        return core.known_accounts(), dict(core.sync_statuses()), waiting, failed, scheduled

    def _on_read(self, result: tuple[list[Account], dict[int, SyncStatus], int, int, list[float]]) -> None:
        self._accounts, self._statuses, self._waiting, self._failed, self._scheduled = result
        self._tell()

    def _on_status(self, status: SyncStatus) -> None:
        self._statuses[status.account_id] = status
        self._tell()
        if status.phase is SyncPhase.IDLE:
            self.refresh()

    def _on_changes(self, change: ChangeSet) -> None:
        if change.outbox or change.accounts:
            self.refresh()

    def set_hint(self, text: str) -> None:
        """The keys that may follow a begun sequence, in the place of everything else; empty for none."""
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        for part in (self._icon, self._online, self._synced):
            part.setVisible(not text)
        for other in (self._rule, self._progress, self._meter, self._rule2, self._outbox):
            other.setVisible(False)
        if text:
            announce(self, text)
        else:
            self._tell()

    def set_unseen(self, count: int) -> None:
        """How many warnings nobody looked at yet, beside the button of the panel."""
        words = self.tr("Activity, %n new", "", count) if count else self.tr("Activity")
        self._activity.setText(words)
        self._activity.setAccessibleName(words)
        self._activity.updateGeometry()

    def hint(self) -> str:
        return self._hint.text()

    # --- words -----------------------------------------------------------------------------------

    def is_offline(self) -> bool:
        """Whether no account that is in use can be reached."""
        used = [a.id for a in self._accounts if a.state is not AccountState.PAUSED]
        phases = [self._statuses[i].phase for i in used if i in self._statuses]
        return bool(phases) and all(phase is SyncPhase.OFFLINE for phase in phases)

    def words(self) -> str:
        """Everything it says, for tests and screen readers."""
        labels = (self._online, self._synced, self._progress, self._practice)
        said = [label.text() for label in labels if not label.isHidden() and label.text()]
        if not self._outbox.isHidden():
            said.append(self._outbox.text())
        return ", ".join(said)

    def _tell(self) -> None:
        if self._hint.text():
            return
        offline = self.is_offline()
        self._icon.set("wifi-slash" if offline else "cloud-check", "warn" if offline else "text-2")
        self._online.setText(self.tr("Offline") if offline else self.tr("Online"))
        self._online.set_role("warn" if offline else "text-2")
        fonts.follow(self._online, _medium if offline else fonts.list_font)
        self._synced.setText(self._synced_words(offline))
        running = [s for s in self._statuses.values() if s.phase is SyncPhase.RUNNING]
        words = self._progress_words(running, offline)
        self._progress.setText(words)
        whole = sum(s.total or 0 for s in running)
        done = sum(s.done for s in running if s.total)
        self._meter.set_share(done / whole if whole else 0.0)
        self._meter.setVisible(bool(whole) and self.width() >= metrics.breakpoint_px(900))
        roomy = self.width() >= metrics.breakpoint_px(640)
        for widget in (self._rule, self._progress):
            widget.setVisible(bool(words) and roomy)
        outbox = self._outbox_words()
        self._outbox.setText(outbox)
        self._outbox.setVisible(bool(outbox))
        self._rule2.setVisible(bool(outbox))
        self._outbox.updateGeometry()
        self.setAccessibleName(self.tr("Status: {words}").format(words=self.words()))

    def _synced_words(self, offline: bool) -> str:
        if not self._accounts:
            return self.tr("No account yet")
        times = [a.last_success for a in self._accounts if a.last_success is not None]
        if not times:
            return self.tr("Not synced yet")
        newest = max(times)
        if offline:
            at = QDateTime.fromSecsSinceEpoch(newest).time()
            clock = QLocale().toString(at, QLocale.FormatType.ShortFormat)
            return self.tr("Everything here is cached, last synced {time}").format(time=clock)
        return self.tr("Synced {ago}").format(ago=ago(self._bridge.core.clock.now() - newest))

    def _progress_words(self, running: list[SyncStatus], offline: bool) -> str:
        names = {a.id: a.name for a in self._accounts}
        if len(running) == 1:
            status = running[0]
            name = names.get(status.account_id, "")
            if status.total:
                figures = self.tr("{done} of about {total}").format(
                    done=QLocale().toString(status.done), total=QLocale().toString(status.total)
                )
            elif status.done:
                figures = self.tr("%n loaded", "", status.done)
            else:
                figures = status.message or self.tr("loading")
            return ", ".join(filter(None, (f"{name} {figures}".strip(), self._continues(status))))
        if running:
            done = sum(s.done for s in running)
            accounts = self.tr("%n accounts load", "", len(running))
            waits = [s for s in running if self._continues(s)]
            held = ""
            if waits:
                first = min(waits, key=lambda s: s.continues_at or 0.0)
                held = f"{names.get(first.account_id, '')} {self._continues(first)}".strip()
            return ", ".join(
                filter(None, (accounts, self.tr("%n reviews so far", "", done) if done else "", held))
            )
        if offline:
            return ""
        lost = [s for s in self._statuses.values() if s.phase is SyncPhase.OFFLINE]
        if lost:
            name = names.get(lost[0].account_id, "")
            return lost[0].message or self.tr("{account} cannot be reached").format(account=name)
        blocked = next(
            (s for s in self._statuses.values() if s.phase is SyncPhase.BLOCKED and self._continues(s)), None
        )
        if blocked is not None:
            return f"{names.get(blocked.account_id, '')} {self._continues(blocked)}".strip()
        return ""

    def _continues(self, status: SyncStatus) -> str:
        """When an account goes on that a limit or a fault holds up; nothing for what goes on in a moment."""
        at = status.continues_at
        if at is None or at - self._bridge.core.clock.now() < 2:
            return ""
        time = QLocale().toString(
            QDateTime.fromSecsSinceEpoch(int(at)).time(), QLocale.FormatType.ShortFormat
        )
        return self.tr("continues at {time}").format(time=time)

    def _outbox_words(self) -> str:
        parts = []
        now = self._bridge.core.clock.now()
        scheduled = [at for at in self._scheduled if at > now]
        waiting = self._waiting - len(scheduled)
        if waiting > 0:
            parts.append(self.tr("%n waiting", "", waiting))
        if scheduled:
            words = self.tr("%n scheduled, next {when}", "", len(scheduled))
            parts.append(words.format(when=moment_words(scheduled[0], now)))
        if self._failed:
            parts.append(self.tr("%n failed", "", self._failed))
        return ", ".join(parts)

    # --- shape -----------------------------------------------------------------------------------

    def _fit(self) -> None:
        self.setFixedHeight(metrics.status_height())
        self._practice_more.setVisible(
            bool(self._bridge.core.practice) and self.width() >= metrics.breakpoint_px(1150)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._tell()


class _Meter(QWidget):
    """A quiet bar beside the figures; the words say the same."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_share(self, share: float) -> None:
        self._share = max(0.0, min(1.0, share))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(56, 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("edge"))
            painter.drawRoundedRect(self.rect(), 2, 2)
            painter.setBrush(theme().colour("text-3"))
            done = self.rect().adjusted(0, 0, -round(self.width() * (1 - self._share)), 0)
            if done.width() > 0:
                painter.drawRoundedRect(done, 2, 2)


def ago(seconds: float) -> str:
    """``just now``, ``2 min ago``, ``3 h ago``, ``4 d ago``."""

    def words(text: str, n: int) -> str:
        return QCoreApplication.translate("StatusLine", text, "", n)

    minutes = int(max(0.0, seconds) // 60)
    if minutes < 1:
        return words("just now", 0)
    if minutes < 60:
        return words("%n min ago", minutes)
    if minutes < 24 * 60:
        return words("%n h ago", minutes // 60)
    return words("%n d ago", minutes // (24 * 60))

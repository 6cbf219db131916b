"""What stands in the sidebar: entries as plain values, made from accounts, counts and what the workers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QLocale

from reviewdesk.domain.models import Account, AccountState, WorkState
from reviewdesk.domain.plain import dataclass
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.services.inbox import SavedView

__all__ = ["ADD", "INBOX_QUERY", "OUTBOX", "Counts", "Entry", "PageEntry", "build", "quoted", "state_titles"]

OUTBOX = "outbox"
ADD = "add-account"
INBOX_QUERY = "is:new OR is:needs-reply"


translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures, as ``InboxService.sidebar`` gives them."""

    states: Mapping[WorkState, int]
    accounts: Mapping[int, int]
    outbox_waiting: int = 0
    outbox_failed: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``kind``: state, outbox, view, account, page, add or head (a section's title, not selectable).

    ``query`` is in the search language; ``strong`` asks for weight; ``failed`` replaces the count by the failures.
    """

    key: str
    kind: str
    label: str
    icon: str = ""
    query: str = ""
    count: int = 0
    strong: bool = False
    failed: bool = False
    colour: int = 0
    code: str = ""
    glyph: str = ""
    glyph_role: str = "text-3"
    glyph_words: str = ""
    account_id: int = 0
    view_id: int = 0
    arrived: int = 0
    """So many came in since somebody looked."""

    @property
    def shown_count(self) -> str:
        """The count as the locale writes it; nothing for zero."""
        return QLocale().toString(self.count) if self.count else ""

    @property
    def sentence(self) -> str:
        """What a screen reader says."""
        parts = [self.label]
        if self.kind == "account":
            parts[0] = f"{self.label} ({self.code})"
        if self.failed and self.kind == "page":
            parts.append(translate("sidebar", "%n to look at", "", self.count))
        elif self.failed:
            parts.append(translate("sidebar", "%n not accepted", "", self.count))
        elif self.kind == "outbox" and self.count:
            parts.append(translate("sidebar", "%n waiting", "", self.count))
        elif self.count:
            parts.append(self.shown_count)
        if self.arrived:
            parts.append(translate("sidebar", "%n reviews arrived", "", self.arrived))
        if self.glyph_words:
            parts.append(self.glyph_words)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page of its own, under Tools. ``place`` orders them."""

    key: str
    label: str
    icon: str
    place: int
    count: int = 0
    failed: bool = False


def quoted(value: str) -> str:
    """A value for the search language, whatever stands in it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def state_titles() -> dict[WorkState, str]:
    """The work states as a person reads them."""
    return {
        WorkState.NEW: translate("sidebar", "New"),
        WorkState.NEEDS_REPLY: translate("sidebar", "Needs reply"),
        WorkState.WAITING: translate("sidebar", "Waiting"),
        WorkState.SNOOZED: translate("sidebar", "Snoozed"),
        WorkState.DONE: translate("sidebar", "Done"),
        WorkState.REMOVED: translate("sidebar", "Removed"),
    }


_STATES = (
    (WorkState.NEEDS_REPLY, "chat-circle-dots"),
    (WorkState.NEW, "bell-simple"),
    (WorkState.WAITING, "hourglass-medium"),
    (WorkState.SNOOZED, "moon"),
    (WorkState.DONE, "check-circle"),
)


def build(
    accounts: Sequence[Account],
    codes: Mapping[str, str],
    counts: Counts,
    statuses: Mapping[int, SyncStatus],
    views: Sequence[SavedView] = (),
    view_counts: Mapping[int, int] | None = None,
    pages: Sequence[PageEntry] = (),
    arrived: Mapping[int, int] | None = None,
    *,
    nobody: bool = False,
) -> list[Entry]:
    """All entries in order. ``codes`` maps a provider to its two letters. Work states never go away.

    ``nobody``: it is known that there is no account, and the first one can be added here.
    """
    titles = state_titles()
    inbox = counts.states.get(WorkState.NEW, 0) + counts.states.get(WorkState.NEEDS_REPLY, 0)
    entries = [Entry("inbox", "state", translate("sidebar", "Inbox"), "tray", INBOX_QUERY, inbox)]
    for state, icon in _STATES:
        # Everything ever answered is no work: its number would only be loud.
        count = 0 if state is WorkState.DONE else counts.states.get(state, 0)
        strong = state is WorkState.NEEDS_REPLY and count > 0
        entries.append(
            Entry(f"state:{state.value}", "state", titles[state], icon, f"is:{state.value}", count, strong)
        )
    failed = counts.outbox_failed > 0
    waiting = counts.outbox_failed if failed else counts.outbox_waiting
    entries.append(
        Entry(
            OUTBOX,
            "outbox",
            translate("sidebar", "Outbox"),
            "paper-plane-tilt",
            "",
            waiting,
            failed=failed,
            strong=failed,
        )
    )
    if views:
        entries.append(Entry("head:views", "head", translate("sidebar", "Views")))
    for view in views:
        came = (arrived or {}).get(view.id, 0)
        entries.append(
            Entry(
                key=f"view:{view.id}",
                kind="view",
                label=view.name,
                icon=view.icon,
                query=view.query,
                count=(view_counts or {}).get(view.id, 0),
                view_id=view.id,
                arrived=came,
                strong=came > 0,
            )
        )
    if accounts or nobody:
        entries.append(Entry("head:accounts", "head", translate("sidebar", "Accounts")))
    if nobody:
        entries.append(Entry(ADD, "add", translate("sidebar", "Add an account"), "plus"))
    for account in sorted(accounts, key=lambda a: (a.position, a.id)):
        glyph, role, words = _glyph(account, statuses.get(account.id))
        entries.append(
            Entry(
                key=f"account:{account.id}",
                kind="account",
                label=account.name,
                query=f"account:{quoted(account.name)} -is:done",
                count=counts.accounts.get(account.id, 0),
                colour=account.colour,
                code=codes.get(account.provider, account.provider[:2].upper()),
                glyph=glyph,
                glyph_role=role,
                glyph_words=words,
                account_id=account.id,
            )
        )
    if pages:
        entries.append(Entry("head:tools", "head", translate("sidebar", "Tools")))
    for page in sorted(pages, key=lambda p: p.place):
        entries.append(
            Entry(
                page.key,
                "page",
                page.label,
                page.icon,
                "",
                page.count,
                failed=page.failed,
                strong=page.failed,
            )
        )
    return entries


def _glyph(account: Account, status: SyncStatus | None) -> tuple[str, str, str]:
    """(icon, colour role, words) of an account's health."""
    if account.state is AccountState.PAUSED:
        return "pause", "text-3", translate("sidebar", "paused")
    if account.state is AccountState.SIGN_IN_NEEDED:
        why = account.last_error.message if account.last_error is not None else ""
        return "warning-fill", "warn", why or translate("sidebar", "sign-in needed")
    if status is not None and status.phase is SyncPhase.RUNNING:
        return "arrows-clockwise", "text-3", translate("sidebar", "loading")
    if status is not None and status.phase is SyncPhase.OFFLINE:
        return "", "text-3", status.message or translate("sidebar", "offline")
    if account.state is AccountState.ERROR or (status is not None and status.phase is SyncPhase.BLOCKED):
        why = account.last_error.message if account.last_error is not None else ""
        said = status.message if status is not None else ""
        return "warning-fill", "warn", why or said or translate("sidebar", "the last sync failed")
    if account.state is AccountState.NEVER_SYNCED:
        return "cloud-slash", "text-3", translate("sidebar", "not loaded yet")
    return "check", "text-3", translate("sidebar", "up to date")

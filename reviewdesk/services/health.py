"""How one account is doing: everything its page shows, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewdesk.domain.capabilities import FieldKind, ProviderSpec, RateLimit, parse_rate_limit
from reviewdesk.domain.clock import iso_utc
from reviewdesk.services import reach
from reviewdesk.services.accounts import fields_of
from reviewdesk.services.sync import EARLY_S
from reviewdesk.store import accounts as stored
from reviewdesk.store import rejected

if TYPE_CHECKING:
    from reviewdesk.domain.models import Account
    from reviewdesk.services.core import Core
    from reviewdesk.services.events import SyncStatus

__all__ = ["EARLY_S", "Health", "Quota", "SetAside", "diagnostics", "ends_soon", "read"]

_SHOWN = 200

SetAside = rejected.SetAside


@dataclass(frozen=True, slots=True)
class Quota:
    """One of the account's call limits. ``free_at``: when the next call may start (UTC seconds), None for now."""

    limit: RateLimit
    used: int
    free_at: float | None

    @property
    def share(self) -> float:
        """Used part, 0 to 1."""
        return min(1.0, self.used / self.limit.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A snapshot. Times are UTC seconds; ``next_run`` None: nothing is planned."""

    account: Account
    spec: ProviderSpec
    now: float
    next_run: float | None
    status: SyncStatus | None
    quotas: Sequence[Quota]
    set_aside: Sequence[SetAside]
    hosts: Sequence[str]
    host_key: str
    session_only: bool
    since: int
    """No review older than this is kept; 0 keeps all."""
    place: int
    accounts: int
    """How many there are, and at which place (from 0) this one stands."""


def ends_soon(token_expires: int | None, now: float) -> bool:
    """Whether the sign-in ends within 14 days, or has ended."""
    return token_expires is not None and token_expires - now <= EARLY_S


def read(core: Core, account_id: int) -> Health | None:
    """The account's health, or None when it is gone. Blocking; a pool thread. Raises ``StoreError``."""
    accounts = core.accounts.list()
    place = next((i for i, a in enumerate(accounts) if a.id == account_id), None)
    if place is None:
        return None
    account, now = accounts[place], core.clock.now()
    spec = core.accounts.spec(account.provider)
    with core.store.read() as reader:
        calls = stored.load_pace(reader, account_id)
        aside = rejected.list_entries(reader, account_id, limit=_SHOWN)
        since = reach.get(reader, account_id)
    settings = core.accounts.full_settings(account)
    return Health(
        account=account,
        spec=spec,
        now=now,
        next_run=core.scheduler.next_run(account_id),
        status=core.sync.statuses().get(account_id),
        quotas=[_quota(limit, calls, now) for limit in _limits(spec, settings.get("rate_limit", ""))],
        set_aside=aside,
        hosts=_hosts(spec, settings),
        host_key=settings.get("host_key", ""),
        session_only=core.accounts.is_session_only(account),
        since=since,
        place=place,
        accounts=len(accounts),
    )


def _limits(spec: ProviderSpec, own: str) -> tuple[RateLimit, ...]:
    try:
        return parse_rate_limit(own) if own.strip() else spec.rate_limits
    except ValueError:
        return spec.rate_limits


def _quota(limit: RateLimit, calls: Sequence[float], now: float) -> Quota:
    recent = sorted(at for at in calls if now - limit.seconds < at <= now)
    full = len(recent) >= limit.calls
    return Quota(limit, len(recent), recent[-limit.calls] + limit.seconds if full else None)


def _hosts(spec: ProviderSpec, settings: dict[str, str]) -> tuple[str, ...]:
    """Whom the account talks to: the hosts of its addresses, and the provider's own for pictures."""
    found = []
    for key, field in fields_of(spec).items():
        value = settings.get(key, "")
        if field.kind is FieldKind.URL and value:
            found.append(urlsplit(value).hostname or "")
    if settings.get("transport", "sftp") != "folder":
        found.append(settings.get("host", ""))
    pictures = [f"*.{host}" for host in spec.hosts]
    return tuple(dict.fromkeys(host for host in (*found, *pictures) if host))


def diagnostics(health: Health, version: str) -> str:
    """What somebody may send to whoever helps them: no secret, no customer's text, no free text of the settings."""
    account, spec = health.account, health.spec
    lines = [
        f"Reviewdesk {version}",
        f"Provider: {spec.title} ({spec.id})",
        f"State: {account.state.value}",
        f"Secrets present: {', '.join(sorted(account.secret_keys)) or 'none'}"
        + (" (this session only)" if health.session_only else ""),
        f"Last success: {_at(account.last_success)}",
        f"Last attempt: {_at(account.last_attempt)}",
        f"Next run: {_at(health.next_run)}",
        f"Sign-in ends: {_at(account.token_expires)}",
        f"Host key: {health.host_key or 'none'}",
        f"Records set aside: {len(health.set_aside)}",
        f"Hosts: {', '.join(health.hosts)}",
    ]
    if account.last_error is not None:
        lines.append(f"Last error: {account.last_error.kind}: {account.last_error.message}")
    lines += [f"Calls: {q.used} of {q.limit.calls} in {q.limit.seconds:g} s" for q in health.quotas]
    fields = fields_of(spec)
    for key, value in sorted(account.settings.items()):
        field = fields.get(key)
        plain = field is not None and field.kind in (
            FieldKind.CHOICE,
            FieldKind.INTEGER,
            FieldKind.NUMBER,
            FieldKind.TIMEZONE,
        )
        # Free text may be anything, an address of a person too.
        lines.append(f"Setting {key}: {value if plain else 'given'}")
    lines += [f"Set aside: {entry.reason}" for entry in health.set_aside[:20]]
    return "\n".join(lines)


def _at(moment: float | None) -> str:
    return iso_utc(int(moment)) or "" if moment is not None else "never"

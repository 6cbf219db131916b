"""A core over practice servers on one clock that jumps: lists of customers run at the provider's pace in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewdesk import practice
from reviewdesk.domain.invitations.model import Invitation, InviteWay
from reviewdesk.domain.models import Account, ReviewKind
from reviewdesk.practice import PracticeShop
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from tests.support.clock import FakeClock
from tests.support.core import make_profile
from tests.support.program import CommandLine

__all__ = ["NOW", "Inviting", "add_account", "at_trustpilot", "customers", "open_inviting"]

NOW = 1_795_000_000.0
"""18 November 2026."""

BAD_ROWS = {
    11: ("no-at-sign.example.org", None, None, "Mail"),
    140: ("h.sommer@example", None, None, "Mail"),
    333: (None, "", None, "Order no"),
    480: (None, None, "31.11.2026", "Bought on"),
    481: (None, None, "soon", "Bought on"),
    777: ("", None, None, "Mail"),
    998: (None, None, "2031-01-01", "Bought on"),
}
"""Row: (address, order number, date) that are wrong, and the column to be named."""


def customers(count: int, *, bad: bool = True, separator: str = ";") -> str:
    """A list of so many customers; with ``bad`` those of ``BAD_ROWS`` are wrong."""
    lines = [separator.join(("Mail", "Order no", "Bought on", "First name"))]
    for number in range(1, count + 1):
        mail, order, day = (
            f"p{number}@example.org",
            str(1000 + number),
            f"{1 + number % 15:02d}.11.2026",
        )
        if bad and number in BAD_ROWS:
            wrong = BAD_ROWS[number]
            mail, order, day = (
                w if w is not None else g for w, g in zip(wrong, (mail, order, day), strict=False)
            )
        lines.append(separator.join((mail, order, day, f"Name{number}")))
    return "\n".join(lines) + "\n"


@dataclass
class Inviting:
    """The core, the practice servers and their common clock."""

    core: Core
    shop: PracticeShop
    clock: FakeClock

    def account(self, name: str = "harbour.example") -> Account:
        return self.core.accounts.by_name(name)

    def invite(
        self,
        way: InviteWay = InviteWay.LINK,
        kind: ReviewKind = ReviewKind.BUSINESS,
        *,
        account: str = "harbour.example",
        **values: Any,
    ) -> Invitation:
        """Queue one, bring it to its end, and give it as it stands then."""
        chosen = {"email": "ann@example.org", "order_id": "77", "order_date": "2026-11-02", **values}
        made = self.core.invitations.invite(self.account(account).id, way, kind, chosen).result(10)
        self.core.outbox.run([made.outbox_id or 0])
        return self.stands(made)

    def stands(self, made: Invitation) -> Invitation:
        found = self.core.invitations.get(made.id)
        assert found is not None
        return found


@contextmanager
def open_inviting(
    folder: Path, *, shop: PracticeShop | None = None, clock: FakeClock | None = None, **options: Any
) -> Iterator[Inviting]:
    """All practice accounts, unread. With ``shop`` those servers are used and left running."""
    chosen = clock or FakeClock(NOW)
    served = shop or practice.start(clock=chosen, **options)
    core = Core.open(
        make_profile(folder, practice=True), clock=chosen, secrets=MemorySecrets(), practice=True
    )
    try:
        known = {account.name for account in core.accounts.list()}
        for wanted in served.accounts:
            if wanted.name not in known:
                core.accounts.add(wanted.provider, wanted.name, wanted.settings, wanted.secrets, test=False)
        yield Inviting(core, served, chosen)
    finally:
        core.stop()
        if shop is None:
            served.close()


def add_account(run: CommandLine, shop: PracticeShop, practice_name: str, **settings: str) -> str:
    """Give the command line's profile one of the practice accounts, without limits; its name."""
    made = next(a for a in shop.accounts if a.name == practice_name)
    chosen = {**made.settings, "rate_limit": "10000/1", **settings}
    pairs = [part for key, value in chosen.items() for part in ("--set", f"{key}={value}")]
    keys = [part for key in made.secrets for part in ("--secret", key)]
    values = {f"REVIEWDESK_SECRET_{key.upper()}": value for key, value in made.secrets.items()}
    run("account", "add", made.provider, "--name", practice_name, "--no-test", *pairs, *keys, **values).check(
        0
    )
    return practice_name


def at_trustpilot(shop: PracticeShop, order: str) -> dict[str, Any]:
    """The one invitation that Trustpilot has for this order: ``kind``, ``id``, ``body``."""
    found = [
        i
        for i in shop.trustpilot.invitations
        if order in (i["body"].get("referenceId"), i["body"].get("referenceNumber"))
    ]
    assert len(found) == 1, found
    return dict(found[0])

"""A practice inbox in the middle of a working day: what a person would have done to the sample reviews so far.

The practice providers give reviews; work states, tags, owners, notes and views are the desk's own. Without them
"look around" would show an inbox in which nobody ever worked. Everything here is invented.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from reviewdesk.domain.models import AccountState
from reviewdesk.domain.work import WorkEvent
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.store import notes, states, tags, views
from reviewdesk.store.saved_replies import SavedReply

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.inbox import InboxService
    from reviewdesk.services.saved_replies import SavedReplyService
    from reviewdesk.store.database import Store, Tx

__all__ = ["arrange", "arrange_after_first_sync", "write_replies"]

_DAY = 86_400
_OWNERS = ("Anna K.", "Jonas M.")
_VIEWS = (
    ("≤ 2 stars", "stars:<=2 -is:done", "star"),
    ("French", "lang:fr -is:done", "globe-simple"),
    ("With pictures", "has:photo newer:30d", "image-square"),
)
_REPLIES = (
    SavedReply(
        folder="Delivery",
        name="Parcel is late",
        texts={
            "en": "Hello {{customer.first_name|there}},\n\nthank you for your patience. We asked the carrier about your"
            " parcel and will write to you as soon as we know more.\n\n{{cursor}}",
            "fr": "Bonjour {{customer.first_name|}},\n\nmerci de votre patience. Nous avons interrogé le transporteur et"
            " revenons vers vous dès que nous en savons plus.\n\n{{cursor}}",
            "de": "Guten Tag {{customer.first_name|}},\n\nvielen Dank für Ihre Geduld. Wir haben beim Paketdienst"
            " nachgefragt und melden uns, sobald wir mehr wissen.\n\n{{cursor}}",
        },
    ),
    SavedReply(
        folder="Delivery",
        name="Missing part",
        texts={
            "en": "Hello {{customer.first_name|there}},\n\nwe are sorry that a part was missing. It leaves our warehouse"
            " on {{day}}.\n\n{{cursor}}",
            "fr": "Bonjour {{customer.first_name|}},\n\nnous sommes désolés qu’il manque une pièce. Elle part de notre"
            " entrepôt le {{jour}}.\n\n{{cursor}}",
        },
    ),
    SavedReply(
        folder="Thanks",
        name="Thanks for the kind words",
        texts={
            "en": "Thank you, {{customer.first_name|}}! We are glad that you like your {{review.product|order}}.",
            "es": "¡Gracias, {{customer.first_name|}}! Nos alegra que le guste su {{review.product|pedido}}.",
            "fr": "Merci {{customer.first_name|}} ! Nous sommes ravis que {{review.product|votre achat}} vous plaise.",
        },
    ),
)


def arrange(store: Store, inbox: InboxService, now: float) -> None:
    """Put a fresh practice inbox into the state of a working day. Blocking; once per profile, no step of undo."""

    def found(text: str, limit: int) -> list[int]:
        return [row.id for row in inbox.page(inbox.parse(text), limit=limit)]

    # Every third: a day's work is spread over several days.
    poor = found("is:new -has:reply stars:<=3", 72)[::3]
    good = found("is:new -has:reply stars:>=4", 36)[::3]
    old = list(inbox.ids(inbox.parse("is:new older:6d")))
    read = list(inbox.ids(inbox.parse("older:2d")))
    store.write_now(partial(_arrange, poor=poor, good=good, old=old, read=read, now=now))


def _arrange(
    tx: Tx, *, poor: list[int], good: list[int], old: list[int], read: list[int], now: float
) -> None:
    waiting, snoozed = poor[16:20], poor[20:23]
    keep = {*poor, *good}
    states.set_state(tx, [i for i in old if i not in keep], WorkEvent.MARK_DONE)
    states.set_state(tx, poor[:16], WorkEvent.REOPEN)
    states.set_state(tx, waiting, WorkEvent.MARK_WAITING)
    states.snooze(tx, snoozed[:2], int(now) + _DAY)
    states.snooze(tx, snoozed[2:], None)
    states.set_read(tx, [*read, *poor[1::2], *good[::2]], True)
    states.set_star(tx, [*poor[2:3], *good[3:5]], True)
    for number, review_id in enumerate(poor[:14]):
        if number % 3 != 2:
            states.set_owner(tx, [review_id], _OWNERS[number % 2])
    tags.add(tx, [*poor[0:9:2], *good[2:3]], "late delivery", colour=2)
    tags.add(tx, poor[1:8:3], "missing part", colour=4)
    tags.add(tx, [*poor[4:6], *good[0:1]], "packaging", colour=3)
    for review_id, text in zip(
        poor,
        (
            "Asked the warehouse, they look for the parcel until Thursday.",
            "Second time this month with this product. Talk to the supplier.",
        ),
        strict=False,
    ):
        notes.add(tx, review_id, text)
    there = {view.name for view in views.list_all(tx)}
    for name, query, icon in _VIEWS:
        if name not in there:
            views.add(tx, name, query, icon=icon)


def write_replies(service: SavedReplyService) -> None:
    """A few saved replies in several languages, where there are none. Blocking."""
    if not service.list():
        for reply in _REPLIES:
            service.save(reply).result()


def arrange_after_first_sync(core: Core) -> None:
    """Do it by itself as soon as every account of a fresh practice profile was read once. Any thread."""
    lock = threading.Lock()
    done = False

    def look(status: SyncStatus) -> None:
        # On a worker's thread, which must go on at once.
        if status.phase is SyncPhase.IDLE:
            core.submit(check)

    def check() -> None:
        nonlocal done
        accounts = core.accounts.list()
        if not accounts or any(a.state is AccountState.NEVER_SYNCED for a in accounts):
            return
        with lock:
            if done:
                return
            done = True
        unsubscribe()
        arrange(core.store, core.inbox, core.clock.now())
        write_replies(core.saved_replies)

    unsubscribe = core.bus.subscribe(SyncStatus, look)

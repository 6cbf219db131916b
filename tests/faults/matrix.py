"""Every fault of reliability.md C at every operation of every provider: what must come of each cell, and the bench.

An operation is one call that can fail: of a sync, of a sign-in, of the reading before or after an action, of the
action itself. What must come of a cell follows from the fault's row in ``relay.FAULTS``; where a provider's own
documents say otherwise, ``EXCEPTIONS`` holds the cell and the reason.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from reviewdesk import practice
from reviewdesk.domain import outbox as machine
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.models import Account, ActionKind, OutboxItem, OutboxState, Target
from reviewdesk.practice import PracticeShop
from reviewdesk.providers.base import Provider
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services import sending, sync
from reviewdesk.services.core import Core
from reviewdesk.services.profile import Profile
from reviewdesk.services.workers import Door
from reviewdesk.store import outbox
from tests.faults.relay import FAULTS, Fault, Relay
from tests.support.clock import FakeClock

__all__ = [
    "ACTIONS",
    "CONFLICT",
    "EXCEPTIONS",
    "READINGS",
    "Action",
    "Bench",
    "Expected",
    "Reading",
    "bench",
    "expected",
    "is_well",
    "read_outcome",
]

W, F, V, H, S = (
    OutboxState.WAITING,
    OutboxState.FAILED,
    OutboxState.VERIFYING,
    OutboxState.HELD,
    OutboxState.SENT,
)
_READABLE = sending._READABLE
_BY_PERSON = (ActionKind.MESSAGE, ActionKind.RESOLUTION)
CONFLICT = "C21 conflict"
TP, SJ, GR = "trustpilot", "sitejabber", "guaranteed-reviews"


@dataclass(frozen=True)
class Action:
    """One outgoing call. ``call``: its method and path below the base address; ``path``: the server's own."""

    name: str
    provider: str
    kind: ActionKind
    call: str
    prepare: Callable[[Bench, int], dict[str, Any]]
    """Makes the next cell possible at the provider; ``native``, ``payload`` and ``text`` of the action."""
    commits: str = ""
    """The call whose commits are counted, where it is another one."""

    @property
    def settles(self) -> bool:
        """Whether an unclear outcome can be read back."""
        return self.kind in _READABLE or self.kind in _BY_PERSON

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Reading:
    """One call that reads. ``when``: in a sync, before an action, or after an unclear one."""

    name: str
    provider: str
    when: str
    call: str
    skip: int = 0

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Expected:
    """What must come of a cell: the typed error, the item's state after the attempt and at the very end."""

    error: str
    state: OutboxState
    ends: OutboxState
    commits: int
    """How often the provider has carried the action out at the end."""


# --- what is done ----------------------------------------------------------------------------------------


def _product(bench: Bench, number: int) -> dict[str, Any]:
    """A product review without a conversation."""
    return {"native": bench.take("silent"), "text": f"Thank you, number {number}."}


def _talking(bench: Bench, number: int) -> dict[str, Any]:
    return {"native": bench.native("talking"), "text": f"Thank you, number {number}."}


def _edited(bench: Bench, number: int) -> dict[str, Any]:
    native, comment = bench.own_comment()
    return {"native": native, "text": f"Thanks again, number {number}.", "payload": {"comment_id": comment}}


def _turned(bench: Bench, number: int) -> dict[str, Any]:
    native, state = bench.conversation_state()
    return {"native": native, "payload": {"state": "private" if state == "public" else "public"}}


def _company(bench: Bench, number: int) -> dict[str, Any]:
    return {"native": bench.native("service"), "text": f"Thank you, number {number}."}


def _answered(bench: Bench, number: int) -> dict[str, Any]:
    native = bench.native("service")
    bench.shop.trustpilot.colleague_replies_to_service(native, f"An answer to go, number {number}.")
    return {"native": native, "payload": {"comment_id": bench.reply_id(native)}}


def _unknown_reviewer(bench: Bench, number: int) -> dict[str, Any]:
    native = bench.native("service")
    server = bench.shop.trustpilot
    with server.lock:
        server.data["service"][native]["findReviewer"]["isEligible"] = True
    return {"native": native, "text": "Which order was it?"}


def _business(bench: Bench, number: int) -> dict[str, Any]:
    return {"native": bench.native("business"), "text": f"Thank you, number {number}."}


def _flagged(bench: Bench, number: int) -> dict[str, Any]:
    return {"native": bench.native("business"), "payload": {"reason": "other", "message": "Look at it."}}


def _message(bench: Bench, number: int) -> dict[str, Any]:
    wanted = _offer(bench, number)
    return {**wanted, "payload": {**wanted["payload"], "subject": "Your order"}}


def _offer(bench: Bench, number: int) -> dict[str, Any]:
    wanted = _business(bench, number)
    username = bench.shop.sitejabber.review(int(wanted["native"]))["author"]["username"]
    return {**wanted, "payload": {"username": username}}


def _unpublished(bench: Bench, number: int) -> dict[str, Any]:
    native = bench.native("business")
    server = bench.shop.sitejabber
    with server.lock:
        server.data["reviews"][native]["published"] = None
    return {"native": native}


def _invited(bench: Bench, number: int) -> dict[str, Any]:
    payload = {
        "email": f"guest{number}@example.org",
        "name": "Ola Nor",
        "order_id": f"O-{number}",
        "order_date": "2026-01-05",
        "locale": "en-US",
        "kind": "business",
    }
    return {"native": None, "payload": payload}


def _asked_before(bench: Bench, number: int) -> dict[str, Any]:
    asked = _invited(bench, number)
    server = bench.shop.sitejabber
    with server.lock:
        server.data["requests"][f"cell-{number}"] = {
            "email": asked["payload"]["email"],
            "order_id": asked["payload"]["order_id"],
            "at": int(bench.clock.now()),
        }
    return asked


def _sold(bench: Bench, number: int) -> dict[str, Any]:
    return {"native": None, "payload": {"sku": f"HB-{number}", "title": "A cup"}}


def _withdrawn(bench: Bench, number: int) -> dict[str, Any]:
    server = bench.shop.sitejabber
    with server.lock:
        key = str(900_000 + number)
        first = next(iter(server.data["products"].values()))
        server.data["products"][key] = {**first, "id": int(key), "sku": f"HB-{key}"}
    return {"native": None, "payload": {"product_id": key}}


def _ordered(bench: Bench, number: int) -> dict[str, Any]:
    asked = _invited(bench, number)
    products = [{"id": "2101", "name": "Headset X2"}]
    payload = {**asked["payload"], "first_name": "Ola", "last_name": "Nor", "products": products}
    return {"native": None, "payload": payload}


_CONVERSATION = r"private/conversations/\w+"
ACTIONS = (
    Action("reply, first its conversation", TP, ActionKind.REPLY, r"POST .*/create-conversation$", _product,
           commits=r"POST .*/comments$"),
    Action("reply, then the comment", TP, ActionKind.REPLY, rf"POST /{_CONVERSATION}/comments$", _talking),
    Action("edit a reply", TP, ActionKind.EDIT_REPLY, rf"PUT /{_CONVERSATION}/comments/\w+$", _edited),
    Action("state of a conversation", TP, ActionKind.CONVERSATION_STATE, rf"POST /{_CONVERSATION}/state$", _turned),
    Action("reply to a company review", TP, ActionKind.REPLY, r"POST /private/reviews/\w+/reply$", _company),
    Action("delete a reply", TP, ActionKind.DELETE_REPLY, r"DELETE /private/reviews/\w+/reply$", _answered),
    Action("find the reviewer", TP, ActionKind.FIND_REVIEWER, r"POST .*/find-reviewer$", _unknown_reviewer),
    Action("invitation link", TP, ActionKind.INVITE_LINK, r"POST .*/invitation-links$", _invited),
    Action("invitation by e-mail", TP, ActionKind.INVITE_EMAIL, r"POST .*/email-invitations$", _invited),
    Action("erase a customer", TP, ActionKind.CUSTOMER_ERASE, r"POST .*/invitation-data/delete$", _invited),
    Action("comment", SJ, ActionKind.REPLY, r"POST .*/review/comments/add$", _business),
    Action("message", SJ, ActionKind.MESSAGE, r"POST .*/message/send$", _message),
    Action("resolution", SJ, ActionKind.RESOLUTION, r"POST .*/resolution/send$", _offer),
    Action("flag", SJ, ActionKind.FLAG, r"POST .*/reviews/flag$", _flagged),
    Action("publish", SJ, ActionKind.PUBLISH, r"POST .*/reviews/publish$", _unpublished),
    Action("review request", SJ, ActionKind.INVITE_EMAIL, r"POST .*/review/request/add$", _invited),
    Action("request link", SJ, ActionKind.INVITE_LINK, r"POST .*/review/request/add$", _invited),
    Action("take a request back", SJ, ActionKind.WITHDRAW_INVITE, r"POST .*/review/request/remove$", _asked_before),
    Action("add a product", SJ, ActionKind.PRODUCT_ADD, r"POST .*/products/add$", _sold),
    Action("remove a product", SJ, ActionKind.PRODUCT_REMOVE, r"POST .*/products/remove$", _withdrawn),
    Action("remove a customer", SJ, ActionKind.CUSTOMER_ERASE, r"POST .*/privacy/remove$", _asked_before),
    Action("order", GR, ActionKind.INVITE_EMAIL, r"POST /private/v3/orders$", _ordered),
)  # fmt: skip

READINGS = (
    Reading("first page", TP, "sync", r"GET .*/business-units/\w+/reviews$"),
    Reading("a later page", TP, "sync", r"GET /private/product-reviews/business-units/\w+/reviews$", skip=1),
    Reading("sign-in of a sync", TP, "sign-in", r"POST .*/accesstoken$"),
    Reading("first page", SJ, "sync", r"GET .*/reviews$"),
    Reading("sign-in of a sync", SJ, "sign-in", r"POST /login$"),
    Reading("public list", GR, "sync", r"GET /public/v3/reviews/"),
    Reading("list", "retargeting", "sync", r"GET "),
    Reading("conversation before a reply", TP, "before", r"GET /private/(product-reviews|conversations)/\w+$"),
    Reading("conversation before a reply", SJ, "before", r"GET .*/review(/comments)?$"),
    Reading("sign-in before a reply", TP, "sign-in before", r"POST .*/accesstoken$"),
    Reading("conversation after an unclear reply", TP, "after", rf"GET /{_CONVERSATION}$"),
    Reading("conversation after an unclear reply", SJ, "after", r"GET .*/review(/comments)?$"),
)  # fmt: skip

_SAYS_NOTHING = (
    "state of a conversation",
    "reply to a company review",
    "delete a reply",
    "find the reviewer",
    "invitation by e-mail",
    "erase a customer",
)
"""Trustpilot's documents describe no answer of these: whatever is whole and no web page says that it was taken."""
_NOTHING = ("C17 no content", "C17 empty", "C17 null", "C17 another shape")

EXCEPTIONS: Mapping[tuple[str, str, str], Mapping[str, Any]] = {
    **{(fault, TP, operation): {"delivery": "accepted"} for fault in _NOTHING for operation in _SAYS_NOTHING},
    # Whatever the sign-in itself refuses for good is a matter of the credentials.
    **{
        (fault, TP, operation): {"read": "SignInError"}
        for fault in ("C19 not allowed", CONFLICT)
        for operation in ("sign-in of a sync", "sign-in before a reply")
    },
    # A key that is not accepted is a 403 there.
    ("C19 not allowed", GR, ""): {"error": "SignInError", "read": "SignInError"},
}
"""(fault, provider, operation; "" for all of a provider's) -> what is different."""


def expected(fault: Fault, action: Action, *, stores: bool) -> Expected:
    """What must come of the cell."""
    different: dict[str, Any] = {}
    for key in ((fault.name, action.provider, ""), (fault.name, action.provider, action.name)):
        different |= EXCEPTIONS.get(key, {})
    delivery = different.get("delivery", fault.delivery)
    error = different.get("error", fault.error(acting=True))
    if delivery == "accepted":
        return Expected("", S, S, int(stores))
    if delivery == "not-sent":
        return Expected(error, W, S, 1)
    if fault.name == CONFLICT and stores and action.settles and not action.commits:
        return Expected(error, S, S, 1)  # it stands there, which the reading after a 409 sees
    if delivery == "refused":
        # What was carried out is the call under test: where that is not the one that counts, nothing is published.
        return Expected(error, F, F, int(stores and not action.commits))
    if action.settles:
        return Expected(error, V, S, 1)
    return Expected(error, H, H, int(stores))


# --- the bench -------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """Practice servers, the relay in front of them, and the program with an account at each provider."""

    shop: PracticeShop
    relay: Relay
    core: Core
    clock: FakeClock
    accounts: dict[str, Account]
    errors: list[str] = field(default_factory=list)
    """The typed errors since ``cell`` began."""
    _pools: dict[str, Iterator[str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- what there is to act on ---

    def native(self, what: str) -> str:
        return self.natives(what)[0]

    def take(self, what: str) -> str:
        """Another one each time."""
        if what not in self._pools:
            self._pools[what] = iter(self.natives(what))
        return next(self._pools[what])

    def natives(self, what: str) -> list[str]:
        """Ids of reviews: silent and talking product reviews, company reviews, reviews of the business."""
        if what == "business":
            server = self.shop.sitejabber
            with server.lock:
                own = {k for k, r in server.data["reviews"].items() if not r["datasource"]}
            return [n for n in self._known(self.accounts[SJ].id, "business") if n in own]
        found = self._known(self.accounts[TP].id, "business" if what == "service" else "product")
        if what == "service":
            return found
        tp = self.shop.trustpilot
        with tp.lock:
            records = tp.data["reviews"]
            kept = [n for n in found if n in records and records[n]["state"] == "published"]
            with_talk = {r for r in kept if records[r].get("conversationId")}
        return [n for n in kept if (n in with_talk) == (what == "talking")]

    def _known(self, account_id: int, kind: str) -> list[str]:
        with self.core.store.read() as r:
            rows = r.rows(
                "SELECT native_id FROM review WHERE account_id = ? AND kind = ? AND source IS NULL ORDER BY id",
                (account_id, kind),
            )
        return [str(row[0]) for row in rows]

    def own_comment(self) -> tuple[str, str]:
        tp = self.shop.trustpilot
        for native in self.natives("talking"):
            with tp.lock:
                talk = tp.data["conversations"][tp.data["reviews"][native]["conversationId"]]
                for comment in talk["comments"]:
                    if comment["author"]["type"] == "businessUser":
                        return native, str(comment["commentId"])
        raise LookupError("no conversation with a comment of the business")

    def conversation_state(self) -> tuple[str, str]:
        tp = self.shop.trustpilot
        native = self.native("talking")
        with tp.lock:
            return native, str(
                tp.data["conversations"][tp.data["reviews"][native]["conversationId"]]["state"]
            )

    def reply_id(self, native: str) -> str:
        from reviewdesk.providers.trustpilot.records import REPLY_ID

        return REPLY_ID

    # --- the program's part ---

    def queue(self, action: Action) -> OutboxItem:
        """An item as a person's click leaves it; what the conversation held was seen."""
        number = next(self._numbers)
        wanted = action.prepare(self, number)
        account = self.accounts[action.provider]

        def write(tx: Any) -> OutboxItem:
            review = None
            if wanted["native"] is not None:
                row = tx.one(
                    "SELECT id FROM review WHERE account_id = ? AND native_id = ?",
                    (account.id, wanted["native"]),
                )
                assert row is not None, f"{wanted['native']} of {account.name} was not read"
                review = int(row[0])
            return outbox.insert(
                tx,
                OutboxItem(
                    id=0,
                    kind=action.kind,
                    account_id=account.id,
                    review_id=review,
                    target=Target.PUBLIC if review else Target.PRIVATE,
                    text=wanted.get("text", ""),
                    payload=wanted.get("payload", {}),
                    state=W,
                    created_at=self.clock.now(),
                    not_before=self.clock.now(),
                    # What others wrote in the practice conversation is no subject here.
                    override=True,
                ),
            )

        return self.core.store.write_now(write)

    def door(self, account_id: int) -> Door:
        def open_provider(wanted: int, cancel: Any, meanwhile: Any) -> tuple[Account, Provider]:
            account = self.core.accounts.get(wanted)
            assert account is not None
            return account, self.core.accounts.open_provider(account, cancel, meanwhile)

        return Door(account_id, open_provider, self.clock, lambda: None)

    def step(self, item: OutboxItem) -> OutboxItem:
        """One attempt, or one look."""
        self.core.process.appear()
        door = self.door(item.account_id)
        try:
            self.core.outbox.sender.work(item.id, door)
        finally:
            door.close()
        return self.item(item)

    def item(self, item: OutboxItem) -> OutboxItem:
        found = self.core.outbox.item(item.id)
        assert found is not None
        return found

    def drain(self, item: OutboxItem) -> OutboxItem:
        """Until its end, with all the time it wants."""
        for _ in range(12):
            item = self.item(item)
            if machine.is_final(item.state):
                break
            self.clock.advance(max(0.0, self.core.outbox._timers.seconds_left(item)) + 0.001)
            self.step(item)
        return self.item(item)

    def commits(self, action: Action, since: int) -> int:
        """How often the provider carried the action out since then, by its own journal."""
        method, _, path = (action.commits or action.call).partition(" ")
        path = path.replace(r"/private/v3", r"private/v3").lstrip("/")
        return sum(
            (e.committed and e.outcome == "ok") or (e.committed and e.status == 0)
            for e in self.shop.journal.entries(action.provider, method=method, path=path)[since:]
        )

    def mark(self, action: Action) -> int:
        method, _, path = (action.commits or action.call).partition(" ")
        path = path.replace(r"/private/v3", r"private/v3").lstrip("/")
        return len(self.shop.journal.entries(action.provider, method=method, path=path))

    def forget_sign_in(self, provider: str) -> None:
        for key in self.core.accounts.spec(provider).kept_secrets:
            self.core.secrets.delete(self.accounts[provider].id, key)
        # The account's worker has it in memory as well.
        self.core.workers.account_changed(self.accounts[provider].id)

    def fresh(self) -> None:
        """Nothing of the cell before is left: no outage, no error, no call to be paced with."""
        # After "too many calls" a provider's door stays shut for up to an hour.
        self.clock.advance(3_700.0 if "RateLimited" in self.errors else 5.0)
        self.errors.clear()
        for account in self.accounts.values():
            self.core.sync._outages.forget(account.id)

    def put_away(self, item: OutboxItem) -> None:
        """The cell is over, perhaps before its item is: it must not meet the next one."""

        def write(tx: Any) -> None:
            if self.item(item).state is V:
                outbox.apply(tx, item.id, machine.AskPerson("The cell is over."))
            if machine.is_live(self.item(item).state) or self.item(item).state is V:
                outbox.apply(tx, item.id, machine.Discarded())

        self.core.store.write_now(write)

    def rows(self, provider: str) -> int:
        with self.core.store.read() as r:
            return int(
                r.value("SELECT count(*) FROM review WHERE account_id = ?", (self.accounts[provider].id,))
            )

    def cursor(self, provider: str) -> Any:
        return self.core.sync.load_cursor(self.accounts[provider].id)


# --- readings --------------------------------------------------------------------------------------------

_REPLY = {
    TP: next(a for a in ACTIONS if a.name == "reply, then the comment"),
    SJ: next(a for a in ACTIONS if a.name == "comment"),
}
_UNCLEAR = next(f for f in FAULTS if f.name == "C7 closed before the answer")


def read_outcome(desk: Bench, reading: Reading, fault: Fault) -> str:
    """What is wrong with this cell, or nothing."""
    desk.fresh()
    want = fault.error(acting=False)
    for key in ((fault.name, reading.provider, ""), (fault.name, reading.provider, reading.name)):
        want = EXCEPTIONS.get(key, {}).get("read", want)
    if reading.when in ("sync", "sign-in"):
        return _in_sync(desk, reading, fault, want)
    if reading.when == "after":
        return _after_unclear(desk, reading, fault, want)
    if reading.when == "sign-in before":
        desk.forget_sign_in(reading.provider)
    item = desk.queue(_REPLY[reading.provider])
    since = desk.mark(_REPLY[reading.provider])
    with desk.relay.strikes(fault, reading.call):
        after = desk.step(item)
    said = _wrong(desk, want)
    if (after.state, after.attempts) != (W, 0):
        said += f" {after.state} after {after.attempts} attempts"
    if desk.commits(_REPLY[reading.provider], since):
        said += " it went out unread"
    end = desk.drain(after)
    if end.state is not S or desk.commits(_REPLY[reading.provider], since) != 1:
        said += f" ends {end.state}"
    desk.put_away(end)
    return said


def _wrong(desk: Bench, want: str) -> str:
    if not desk.relay.struck:
        return " the fault struck nothing"
    first = desk.errors[0] if desk.errors else ""
    return "" if first == want else f" {first or 'no error'}, not {want}"


def _in_sync(desk: Bench, reading: Reading, fault: Fault, want: str) -> str:
    account = desk.accounts[reading.provider]
    if reading.skip and desk.core.sync.is_under_way(account.id):
        # A whole reading that was cut after news goes on at its page: each of these cells begins a new one.
        assert desk.core.sync.run([account], False)[0].ok
    rows, cursor = desk.rows(reading.provider), desk.cursor(reading.provider)
    if reading.when == "sign-in":
        desk.forget_sign_in(reading.provider)
    with desk.relay.strikes(fault, reading.call, skip=reading.skip):
        report = desk.core.sync.run([account], reading.skip > 0)[0]
    said = _wrong(desk, want)
    if report.ok or report.error is None:
        said += " the sync calls it well"
    if report.removed or desk.rows(reading.provider) != rows:
        said += f" {report.removed} removed, {rows} rows before, {desk.rows(reading.provider)} after"
    if not reading.skip and desk.cursor(reading.provider) != cursor:
        said += " the cursor moved"
    return said


def is_well(desk: Bench, reading: Reading) -> list[str]:
    """What is wrong with the account after all that: it must be readable, with the rows it had."""
    desk.fresh()
    desk.clock.advance(3700)
    if reading.when == "sign-in":
        # Credentials that were refused are not tried again by themselves: a person signs in.
        desk.forget_sign_in(reading.provider)
    rows = desk.rows(reading.provider)
    report = desk.core.sync.run([desk.accounts[reading.provider]], False)[0]
    if report.ok and desk.rows(reading.provider) == rows:
        return []
    return [f"afterwards {report.error}, {rows} rows before, {desk.rows(reading.provider)} after"]


def _after_unclear(desk: Bench, reading: Reading, fault: Fault, want: str) -> str:
    action = _REPLY[reading.provider]
    since = desk.mark(action)
    item = desk.queue(action)
    with desk.relay.strikes(_UNCLEAR, action.call, stores=True):
        after = desk.step(item)
    desk.clock.advance(61.0)
    desk.fresh()
    with desk.relay.strikes(fault, reading.call):
        after = desk.step(after)
    said = _wrong(desk, want)
    if after.state is not V:
        said += f" {after.state}"
    end = desk.drain(after)
    if end.state is not S or desk.commits(action, since) != 1:
        said += f" ends {end.state}, carried out {desk.commits(action, since)} times"
    desk.put_away(end)
    return said


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Everything, for the tests of one module."""
    clock = FakeClock(SystemClock().now())
    names = (TP, SJ, GR, "retargeting")
    shop = practice.start(providers=names, clock=clock)
    relay = Relay(behind=shop.server.port)
    core = Core.open(
        Profile.open(folder / "p", practice=True), clock=clock, secrets=MemorySecrets(), practice=True
    )
    try:
        ca_file = relay.authority.write(str(folder / "ca.pem"))
        behind = f"http://127.0.0.1:{shop.server.port}"
        accounts = {}
        for offered in shop.accounts:
            if offered.provider in accounts:
                continue
            settings = {
                **{k: v.replace(behind, relay.root) for k, v in offered.settings.items()},
                "ca_file": ca_file,
                "timeout_seconds": "10",
                "settle_seconds": "60",
                "rate_limit": "1000000/1",
            }
            accounts[offered.provider] = core.accounts.add(
                offered.provider, offered.name, settings, offered.secrets, test=False
            )
        errors: list[str] = []

        def noting(original: Callable[..., Any]) -> Callable[..., Any]:
            def describe(error: Any, *more: Any) -> Any:
                errors.append(type(error).__name__)
                return original(error, *more)

            return describe

        with (
            relay.hooks(),
            mock.patch.object(sending, "describe_failure", noting(sending.describe_failure)),
            mock.patch.object(sync, "describe_failure", noting(sync.describe_failure)),
        ):
            reports = core.sync.run(None, False)
            assert all(r.ok for r in reports), reports
            yield Bench(shop, relay, core, clock, accounts, errors)
    finally:
        core.stop()
        relay.close()
        shop.close()

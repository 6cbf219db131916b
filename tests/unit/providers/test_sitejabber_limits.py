"""Ten calls in ten seconds and a thousand in an hour, as the practice server enforces them; hours pass in seconds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest

from reviewdesk.domain.models import ActionKind
from reviewdesk.practice.journal import Entry
from tests.support.desks import Desk, open_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk("sitejabber") as made:
        made.server.limits.enforced = True
        yield made


def crowd(desk: Desk, count: int) -> None:
    server = desk.server
    with server.lock:
        pattern = copy.deepcopy(server.data["reviews"][str(server.review_numbers()[0])])
        pattern |= {"pictures": [], "previous": None, "edited": None, "removed": None}
        oldest = min(r["created"] for r in server.data["reviews"].values())
        for place in range(count):
            at = oldest - (place + 1) * 1800
            number = 100_000 + place
            server.data["reviews"][str(number)] = pattern | {"no": number, "created": at, "published": at}


def busiest(entries: list[Entry], seconds: float) -> int:
    """The most calls in any window of that length."""
    times = [e.at for e in entries]
    return max(sum(1 for other in times if at - seconds < other <= at) for at in times)


def test_5000_reviews_300_invitations_and_a_reply_in_the_middle(desk: Desk) -> None:
    crowd(desk, 5000 - len(desk.server.data["reviews"]))
    number = next(n for n in desk.server.review_numbers() if not desk.server.comments(n))
    invited, asked_at, busy = 0, (0, 0.0), False

    def meanwhile() -> None:
        """What an account's worker does between two background calls: people's actions."""
        nonlocal invited, asked_at, busy
        if busy or desk.asked(r"/reviews$") < 3:
            return
        busy = True
        for _ in range(4):
            if invited < 300:
                order = {"email": f"c{invited}@example.org", "order_id": f"B-{invited}"}
                provider.requests.add({**order, "order_date": "2026-05-01"}, send=True)
                invited += 1
            if invited == 150 and not asked_at[0]:
                asked_at = (len(desk.shop.journal), desk.clock.now())
                desk.send(ActionKind.REPLY, desk.business(number), "In the middle.")
        busy = False

    provider = desk.open(meanwhile=meanwhile)
    desk._first = provider
    found = {r.native_id for page in provider.fetch({}, full=False) for r in page.reviews}
    while invited < 300:
        meanwhile()
    entries = desk.shop.journal.entries()
    assert {n for n, r in desk.server.data["reviews"].items() if r["removed"] is None} <= found
    assert len(desk.server.requests) == 300 and all(r["emailed"] for r in desk.server.requests)
    assert desk.server.limits.refused == 0 and {e.outcome for e in entries} == {"ok"}
    assert busiest(entries, 10) <= 10 and busiest(entries, 3600) <= 1000
    assert desk.server.logins == 1
    reply = next(e for e in entries if e.path.endswith("/comments/add"))
    assert reply.number - asked_at[0] <= 2, "calls between the wish and its sending"
    assert reply.at - asked_at[1] <= 2 * 10 / 9, "two places of a window that has nine"


def test_a_reply_does_not_wait_for_a_sync(desk: Desk) -> None:
    """A background sync leaves a place to people: a reply amid it goes out at once."""
    crowd(desk, 1500)
    number = next(n for n in desk.server.review_numbers() if not desk.server.comments(n))
    waited: list[float] = []

    def meanwhile() -> None:
        if not waited and desk.asked(r"/reviews$") >= 8:
            waited.append(-1.0)
            before = desk.clock.now()
            desk.send(ActionKind.REPLY, desk.business(number), "At once.")
            waited[0] = desk.clock.now() - before

    provider = desk._first = desk.open(meanwhile=meanwhile)
    list(provider.fetch({}, full=False))
    assert waited and 0 <= waited[0] <= 1.2
    assert desk.server.limits.refused == 0


def _some_calls(desk: Desk, count: int) -> None:
    provider = desk.open()
    for _ in range(count):
        provider.catalogue.stats()
    provider.close()


def _at_once(desk: Desk) -> None:
    """The new process starts in the same second."""


def _a_bit_later(desk: Desk) -> None:
    desk.clock.advance(4)


def _clock_set_back(desk: Desk) -> None:
    desk.clock.jump(-7200)


@pytest.mark.parametrize("between", [_at_once, _a_bit_later, _clock_set_back])
def test_the_short_window_survives_a_restart(desk: Desk, between: Callable[[Desk], None]) -> None:
    for _ in range(6):
        _some_calls(desk, 7)
        between(desk)
    assert desk.server.limits.refused == 0
    assert {e.outcome for e in desk.shop.journal.entries()} == {"ok"}


def test_the_long_window_survives_restarts(desk: Desk) -> None:
    began = desk.clock.now()
    for _ in range(10):
        _some_calls(desk, 100)
    assert desk.server.limits.refused == 0
    assert desk.clock.now() - began > 3600, "1,000 calls take more than an hour: fewer are kept to"
    assert busiest(desk.shop.journal.entries(), 3600) <= 1000


def test_a_killed_process_is_not_forgotten(desk: Desk) -> None:
    """Its last calls could not be saved: the memory is written with every call."""
    provider = desk.open()
    for _ in range(8):
        provider.catalogue.stats()
    # No close(): killed.
    _some_calls(desk, 8)
    assert desk.server.limits.refused == 0


def test_the_limits_leave_room_below_the_documented_ones(desk: Desk) -> None:
    limits = {(limit.calls, limit.seconds) for limit in desk.provider.spec.rate_limits}
    assert limits == {(9, 10), (950, 3600)}

"""The server itself: faults on purpose, a journal without secrets, quick and clean start and end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

import pytest

from reviewdesk import practice
from reviewdesk.practice import PracticeShop
from reviewdesk.practice.calls import Limits
from tests.support.clock import FakeClock
from tests.support.practice import Wire, trustpilot_token, trustpilot_wire

COMMENTS = r"/comments$"


@pytest.fixture
def shop() -> Iterator[PracticeShop]:
    with practice.start(clock=FakeClock(), providers=("trustpilot",)) as running:
        yield running


class Talk:
    """A conversation to write into."""

    def __init__(self, shop: PracticeShop) -> None:
        self.shop = shop
        self.wire = trustpilot_wire(shop)
        self.review = next(
            r for r in shop.trustpilot.review_ids("dk") if shop.trustpilot.conversation(r) is None
        )
        answer = self.wire.post(f"/private/product-reviews/{self.review}/create-conversation")
        self.path = f"/private/conversations/{answer.json['conversationId']}/comments"

    def say(self, words: str, **more: float) -> int:
        wire = Wire(self.wire.base, self.wire.headers, timeout_s=more.get("timeout_s", 10.0))
        return wire.post(self.path, {"content": words}).status

    @property
    def said(self) -> list[str]:
        return [c["content"] for c in self.shop.trustpilot.comments(self.review)]


@pytest.fixture
def talk(shop: PracticeShop) -> Talk:
    return Talk(shop)


def test_cut_before_is_not_carried_out(shop: PracticeShop, talk: Talk) -> None:
    shop.faults.on(COMMENTS, method="POST", cut="before")
    with pytest.raises(RemoteDisconnected):
        talk.say("one")
    assert talk.said == []
    entry = shop.journal.entries(path=COMMENTS)[-1]
    assert (entry.status, entry.outcome, entry.committed) == (0, "cut-before", False)
    assert talk.say("two") == 200
    assert talk.said == ["two"]


def test_cut_after_is_carried_out(shop: PracticeShop, talk: Talk) -> None:
    shop.faults.on(COMMENTS, method="POST", cut="after")
    with pytest.raises(RemoteDisconnected):
        talk.say("one")
    assert talk.said == ["one"]
    entry = shop.journal.entries(path=COMMENTS)[-1]
    assert (entry.status, entry.outcome, entry.committed) == (0, "cut-after", True)


def test_cut_with_a_reset(shop: PracticeShop, talk: Talk) -> None:
    shop.faults.on(COMMENTS, cut="after", reset=True)
    with pytest.raises((ConnectionResetError, HTTPException)):
        talk.say("one")
    assert talk.said == ["one"]


def test_cut_in_the_middle_of_the_answer(shop: PracticeShop, talk: Talk) -> None:
    shop.faults.on(COMMENTS, cut="mid")
    with pytest.raises(IncompleteRead):
        talk.say("one")
    assert talk.said == ["one"]


def test_status_without_and_with_commit(shop: PracticeShop, talk: Talk) -> None:
    fault = shop.faults.on(
        COMMENTS, status=503, body="<h1>maintenance</h1>", headers={"Retry-After": "7"}, times=None
    )
    got = talk.wire.post(talk.path, {"content": "one"})
    assert (got.status, got.body, got.headers["retry-after"]) == (503, b"<h1>maintenance</h1>", "7")
    shop.faults.off(fault)
    shop.faults.on(COMMENTS, status=502, commit=True)
    assert talk.say("two") == 502
    assert talk.said == ["two"]


def test_garbage_with_status_200(shop: PracticeShop, talk: Talk) -> None:
    shop.faults.on(COMMENTS, body=b"\xff{{{")
    got = talk.wire.post(talk.path, {"content": "one"})
    assert (got.status, got.body) == (200, b"\xff{{{")
    assert talk.said == ["one"]


def test_only_the_nth_and_only_so_often(shop: PracticeShop, talk: Talk) -> None:
    shop.faults.on(COMMENTS, status=500, nth=2)
    assert [talk.say(str(i)) for i in range(4)] == [200, 500, 200, 200]
    shop.faults.on(COMMENTS, status=500, after=1, times=2)
    assert [talk.say(str(i)) for i in range(4)] == [200, 500, 500, 200]
    shop.faults.on("", status=500, provider="sitejabber", times=None)
    shop.faults.on("", method="DELETE", status=500, times=None)
    assert talk.say("untouched") == 200


def test_hold_after_the_commit(shop: PracticeShop, talk: Talk) -> None:
    fault = shop.faults.on(COMMENTS, hold_after=True)
    answers: list[int] = []
    sender = threading.Thread(target=lambda: answers.append(talk.say("held")))
    sender.start()
    fault.wait_reached()
    shop.journal.wait_for(path=COMMENTS)
    assert talk.said == ["held"]
    assert answers == []
    fault.release()
    sender.join(10)
    assert answers == [200]


def test_hold_before_and_give_up(shop: PracticeShop, talk: Talk) -> None:
    fault = shop.faults.on(COMMENTS, hold_before=True)
    with pytest.raises(TimeoutError):
        talk.say("slow", timeout_s=0.2)
    assert fault.reached.is_set()
    assert talk.said == []
    fault.release()
    shop.journal.wait_for(path=COMMENTS)
    assert talk.said == ["slow"], "the server goes on although the client has left"


def test_a_fault_that_nobody_meets_times_out(shop: PracticeShop) -> None:
    with pytest.raises(TimeoutError):
        shop.faults.on(COMMENTS).wait_reached(0.05)
    with pytest.raises(TimeoutError):
        shop.journal.wait_for(path=COMMENTS, timeout_s=0.05)


def test_delay_and_drip_make_a_client_wait(shop: PracticeShop, talk: Talk) -> None:
    shop.faults.on(COMMENTS, delay_before_s=0.15, delay_after_s=0.15)
    began = time.monotonic()
    assert talk.say("one") == 200
    assert time.monotonic() - began >= 0.29
    shop.faults.on(COMMENTS, drip_s=0.01, drip_bytes=20)
    began = time.monotonic()
    assert talk.say("two") == 200
    assert time.monotonic() - began >= 0.05


def test_close_lets_held_requests_go() -> None:
    shop = practice.start(clock=FakeClock(), providers=("trustpilot",))
    fault = shop.faults.on("/accesstoken$", hold_before=True)
    done = threading.Event()

    def ask() -> None:
        try:
            trustpilot_token(shop)
        except (OSError, HTTPException):
            pass  # the server may be gone before the answer is out
        done.set()

    threading.Thread(target=ask, daemon=True).start()
    fault.wait_reached()
    shop.close()
    shop.close()
    assert done.wait(5)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", shop.server.port), timeout=1).close()


def test_close_right_after_start() -> None:
    for _ in range(3):
        practice.start(clock=FakeClock(), providers=("trustpilot",)).close()


def test_many_requests_at_once(shop: PracticeShop, talk: Talk) -> None:
    threads = [threading.Thread(target=talk.say, args=(f"word {i}",)) for i in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(talk.said) == sorted(f"word {i}" for i in range(24))
    numbers = [e.number for e in shop.journal.entries()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_journal_keeps_no_secret(shop: PracticeShop) -> None:
    server = shop.trustpilot
    trustpilot_token(
        shop, {"grant_type": "password", "username": server.username, "password": server.password}
    )
    wire = trustpilot_wire(shop, key=True)
    wire.get("/business-units/find", name="harbour.example", apikey=server.api_key)
    trustpilot_wire(shop).get(f"/private/product-reviews/{server.review_ids()[0]}")
    kept = repr(shop.journal.entries())
    for secret in (server.password, server.api_key, server.api_secret):
        assert secret not in kept
    password, *_, read = shop.journal.entries()
    assert password.fields["username"] == server.username
    assert password.fields["password"] == "(hidden)"
    assert read.authenticated_as == "application"
    assert len(shop.journal) == 4
    shop.journal.clear()
    assert shop.journal.entries() == []


def test_unknown_provider_and_unknown_place(shop: PracticeShop) -> None:
    assert Wire(shop.server.url("elsewhere")).get("/v1/x").status == 404
    with pytest.raises(KeyError):
        shop.record("sitejabber")
    with pytest.raises(ValueError, match="yelp"):
        practice.start(providers=("yelp",))


def test_wrong_method_says_what_is_allowed(shop: PracticeShop) -> None:
    got = trustpilot_wire(shop).call("DELETE", f"/private/product-reviews/{shop.trustpilot.review_ids()[0]}")
    assert (got.status, got.headers["allow"]) == (405, "GET")


def test_limits_are_sliding_windows() -> None:
    clock = FakeClock()
    limits = Limits(clock, [(3, 10.0), (5, 60.0)])
    assert [limits.admit() for _ in range(8)] == [None] * 8, "not enforced unless told"
    clock.advance(100)
    limits.enforced = True
    assert [limits.admit() for _ in range(3)] == [None] * 3
    assert limits.admit() == 10.0
    clock.advance(4)
    assert limits.admit() == 6.0
    clock.advance(6)
    assert [limits.admit(), limits.admit()] == [None, None]
    assert limits.admit() == 50.0
    assert limits.refused == 3


def test_starting_does_not_load_the_http_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys, threading\n"
        "threading.Thread.start = lambda self: None\n"
        "from reviewdesk import practice\n"
        "shop = practice.start(providers=['trustpilot'])\n"
        "loaded = {'werkzeug', 'reviewdesk.practice.shop'} & set(sys.modules)\n"
        "print(sorted(loaded), len(shop.accounts))\n"
        "shop.server._socket.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[] 2"

"""The program without its window, as somebody uses it in a hurry: types drafts, publishes, syncs, and is killed.

A parent process imports everything once and forks a child for each life, so that a life begins in some ten
milliseconds and a hundred of them fit into the ordinary run. What a child prints, it prints after the commit:
those lines and the record of the practice servers are the truth by which it is judged.

    python -m tests.faults.driver PROFILE ACCOUNTS.json [MUTANT ...]

Standard input takes one JSON command per line (``{"life": "work", "seed": 7}``); standard output gives
``{"pid": ...}`` when the life begins, its own lines, and ``{"ended": <wait status>}``.
"""

from __future__ import annotations

import json
import logging
import os
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import ReviewdeskError, StoreError
from reviewdesk.domain.models import ChangeSet, OutboxState, Target
from reviewdesk.providers import http as _http
from reviewdesk.providers.registry import PROVIDERS
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.profile import Profile
from tests.faults import mutants

__all__ = ["main"]

_MOVING = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING)
_WORDS = (
    *("thank", "you", "for", "your", "patience", "we", "looked", "into", "the", "parcel", "and", "a", "new"),
    *("one", "is", "on", "its", "way", "please", "write", "to", "us", "if", "anything", "missing", "regards"),
)
_LIFE_S = 120.0
_SCRIPT_S = 30.0
_PATIENCE_S = 600.0
_WRITE_S = 60.0
"""A write on a machine whose processors others use as well; a life is killed long before."""


def say(**line: Any) -> None:
    """One line, whole or not at all: a write to a pipe below 4,096 bytes is never cut."""
    os.write(1, json.dumps(line).encode() + b"\n")


class Life:
    """One process's life on the profile."""

    def __init__(self, profile: Path, accounts: list[dict[str, Any]], asked: dict[str, Any]) -> None:
        self._clock = SystemClock()
        self._pause = threading.Event()
        self._accounts = accounts
        self._rng = random.Random(asked.get("seed", 0))
        self._asked = asked
        self._number = 0
        if asked.get("gate") == "open":
            self._wait_at_gate()
        secrets = MemorySecrets()
        self.core = Core.open(
            Profile.open(profile, practice=True), clock=self._clock, secrets=secrets, practice=True
        )
        for account in self.core.accounts.list():
            for key, value in self._offered(account.name)["secrets"].items():
                secrets.put(account.id, key, value)

    def _offered(self, name: str) -> dict[str, Any]:
        return next(a for a in self._accounts if a["name"] == name)

    def _wait_at_gate(self) -> None:
        """Until somebody has attached what is to strike: the file of the gate goes."""
        gate = Path(self._asked["gate_file"])
        say(gate=os.getpid())
        while gate.exists():
            self._pause.wait(0.002)

    # --- lives -------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Add the accounts and read them."""
        for wanted in self._accounts:
            # Patience for the first reading, also where others use the machine; the harness's own scale afterwards.
            settings = {**wanted["settings"], "timeout_seconds": "30"}
            self.core.accounts.add(
                wanted["provider"], wanted["name"], settings, wanted["secrets"], test=False
            )
        reports = self.core.sync.run(None, False)
        for account in self.core.accounts.list():
            self.core.accounts.set_settings(account, self._offered(account.name)["settings"], {})
        say(prepared=[(r.account, r.ok, r.new) for r in reports])

    def work(self) -> None:
        """Type, publish and sync until the end comes from outside."""
        if self._asked.get("check", True):
            self._say_integrity()
        self.core.bus.subscribe(ChangeSet, self._tell_of_sending)
        self.core.start()
        say(ready=True)
        avoided = set(self._asked.get("avoid", ()))
        ids = [i for i in self.core.inbox.ids(self.core.inbox.parse("")) if i not in avoided]
        end = self._clock.monotonic() + _LIFE_S
        while self._clock.monotonic() < end:
            if self._asked.get("alone") and self.core.outbox.items(states=_MOVING, limit=1):
                self._pause.wait(
                    0.01
                )  # one reply at a time: nothing stands in the way of an early second look
                continue
            try:
                self._one(self._rng.choice(ids))
            except StoreError as error:
                say(refused=type(error).__name__)
            except ReviewdeskError:
                continue  # held or on its way already: another review then
            if self._rng.random() < 0.2:
                self.core.sync.sync_now()

    def _tell_of_sending(self, changes: ChangeSet) -> None:
        """So that who kills can aim at the moment in which a reply is on its way."""
        for item_id in changes.outbox:
            item = self.core.outbox.item(item_id)
            if item is not None and item.state is OutboxState.SENDING:
                say(sending=item_id)

    def _one(self, review: int) -> None:
        draft = self.core.replies.draft(review, Target.PUBLIC)
        if draft is not None:
            text = draft.text
        else:
            self._number += 1
            text = self._type(review, f"k{self._asked['seed']}-{self._number}")
        if self._rng.random() < 0.75:
            delay = self._rng.choice((0.0, 0.0, 0.1))
            item = self.core.replies.publish(review, Target.PUBLIC, text, delay_s=delay).result(_WRITE_S)
            say(sent=text.split()[0], text=text, review=review, item=item.id)
            if (
                delay
                and self._rng.random() < 0.3
                and self.core.replies.undo(item.id).result(_WRITE_S) is not None
            ):
                say(undone=text.split()[0], item=item.id, text=text, review=review)

    def _type(self, review: int, text: str) -> str:
        for _ in range(self._rng.randint(1, 3)):
            text += " " + " ".join(self._rng.choices(_WORDS, k=2))
            self.core.replies.save_draft(review, Target.PUBLIC, text).result(_WRITE_S)
            say(saved=text, review=review)
        return text

    def script(self) -> None:
        """A draft and two replies, to their end: what the syscall sweep strikes at."""
        if self._asked.get("gate") == "work":
            self._wait_at_gate()
        self.core.process.appear()
        ids = list(self.core.inbox.ids(self.core.inbox.parse("")))
        free = [i for i in ids if self.core.replies.draft(i, Target.PUBLIC) is None]
        seed = self._asked["seed"]
        chosen = self._rng.sample(free, 3)
        try:
            self.core.replies.save_draft(chosen[0], Target.PUBLIC, f"d{seed} a draft").result(_WRITE_S)
            say(saved=f"d{seed} a draft", review=chosen[0])
            for number, review in enumerate(chosen[1:], 1):
                text = f"k{seed}-{number} thank you"
                self.core.replies.save_draft(review, Target.PUBLIC, text).result(_WRITE_S)
                say(saved=text, review=review)
                item = self.core.replies.publish(review, Target.PUBLIC, text).result(_WRITE_S)
                say(sent=text.split()[0], text=text, review=review, item=item.id)
            # On a disk that stays full nothing moves: the command's own patience of two minutes is not the subject.
            enough = threading.Event()
            timer = threading.Timer(self._asked.get("limit_s", _SCRIPT_S), enough.set)
            timer.daemon = True
            timer.start()
            self.core.outbox.run(stop=enough)
            timer.cancel()
        except StoreError as error:
            say(refused=type(error).__name__)
        say(done=True)

    def drain(self) -> None:
        """Let everything that is on its way come to its end, then tell what the program believes."""
        self._say_integrity()
        end = self._clock.monotonic() + _PATIENCE_S
        while self.core.outbox.items(states=_MOVING, limit=1) and self._clock.monotonic() < end:
            self.core.outbox.run()
            self._pause.wait(0.02)
        self.report()

    def report(self) -> None:
        """Every outbox item and every draft, one line each."""
        for item in self.core.outbox.items(states=tuple(OutboxState), limit=10**6):
            say(item=item.id, state=item.state.value, text=item.text, review=item.review_id,
                error=item.error.message if item.error else "")  # fmt: skip
        for review in self.core.inbox.ids(self.core.inbox.parse("")):
            draft = self.core.replies.draft(review, Target.PUBLIC)
            if draft is not None:
                say(draft=draft.text, review=review)

    def _say_integrity(self) -> None:
        say(integrity=list(self.core.store.integrity()))


def _child(profile: Path, accounts: list[dict[str, Any]], asked: dict[str, Any]) -> None:
    life = Life(profile, accounts, asked)
    lives: dict[str, Callable[[], None]] = {
        "prepare": life.prepare,
        "work": life.work,
        "script": life.script,
        "drain": life.drain,
    }
    try:
        lives[asked["life"]]()
    finally:
        life.core.stop()


def main() -> None:
    profile, accounts = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))
    mutants.plant(sys.argv[3:])
    logging.getLogger().addHandler(logging.NullHandler())  # bad days are what it is here for
    for provider in {a["provider"] for a in accounts}:
        PROVIDERS[provider]  # imported here, once, and not in each life
    assert _http is not None
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _child(profile, accounts, json.loads(line))
                code = 0
            except BaseException as error:
                say(broke=f"{type(error).__name__}: {error}")
            finally:
                os._exit(code)
        say(pid=pid)
        _, status = os.waitpid(pid, 0)
        say(ended=status)


if __name__ == "__main__":
    main()

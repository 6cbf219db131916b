"""Kills the driver at random moments, lets it recover, and compares what it said with what the world can see."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reviewdesk.domain.clock import SystemClock

__all__ = ["ROOT", "Driver", "Moment", "Shop", "Verdict", "judge", "killed", "stage"]

ROOT = Path(__file__).resolve().parents[2]
_CLOCK = SystemClock()
_FINAL = ("sent", "failed", "held", "discarded")


@dataclass(frozen=True)
class Days:
    """How bad they are: up to ``before_s`` until the provider commits, up to ``after_s`` until it answers;
    ``late_share`` of the requests are committed as late as ``late_s``; ``lost``: the share without an answer."""

    before_s: float = 0.1
    after_s: float = 0.1
    late_s: float = 1.2
    late_share: float = 0.2
    lost: float = 0.05


CALM = Days(0, 0, 0, 0, 0)
LATE = Days(0, 0, 1.2, 1.0, 0)
"""Every request is committed when its sender may be dead already."""
LATER = Days(0, 0, 2.0, 1.0, 0)
"""And after the next process has looked twice, if it does not wait: what tells a settle window from none."""
QUICK = {"timeout_seconds": "0.6", "settle_seconds": "2.5", "rate_limit": "100000/1"}
"""Scaled by the account's own settings. The slowest commit of the practice server comes after 2.0 s: within the
settle window, beyond which no promise is made (docs/reliability.md)."""


class Shop:
    """The practice servers in their own process."""

    def __init__(self, seed: int, providers: tuple[str, ...] = ("trustpilot", "sitejabber")) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.shopserver", str(seed), ",".join(providers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.accounts: list[dict[str, Any]] = self._line()

    def _line(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the practice servers ended"
        return json.loads(line)

    def _ask(self, **asked: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._line()

    def days(self, days: Days) -> None:
        """How bad the days are from now on."""
        self._ask(do="days", days=asdict(days))

    def record(self) -> list[tuple[str, str]]:
        """(place, text) of every reply that a provider accepted, in order."""
        return [(place, text) for place, text in self._ask(do="record")]

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Driver:
    """The driver's parent process; ``life`` runs one life in a fork of it."""

    def __init__(self, profile: Path, accounts: list[dict[str, Any]], mutants: tuple[str, ...] = ()) -> None:
        file = profile / "accounts.json"
        profile.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(accounts), "utf-8")
        self.profile = profile
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver", str(profile / "p"), str(file), *mutants],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            bufsize=0,
        )
        assert self._process.stdout is not None
        self._out = os.fdopen(os.dup(self._process.stdout.fileno()), "rb")
        self._pause = threading.Event()

    def begin(self, **asked: Any) -> int:
        """Start a life; its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self.lines: list[dict[str, Any]] = []
        while True:
            line = self._next()
            if "pid" in line:
                return int(line["pid"])
            self.lines.append(line)

    def _next(self) -> dict[str, Any]:
        line = self._out.readline()
        assert line, "the driver ended"
        found: dict[str, Any] = json.loads(line)
        return found

    def until(self, key: str) -> dict[str, Any]:
        """Read on until a line has ``key``. Raises AssertionError when the life ends before."""
        # The child may be quicker than its parent, which says that it has begun.
        for line in self.lines:
            if key in line:
                return line
        while True:
            line = self._next()
            self.lines.append(line)
            if key in line:
                return line
            assert "ended" not in line, f"the driver's life ended early: {self.lines[-5:]}"

    def end(self) -> list[dict[str, Any]]:
        """Read on until the life has ended; everything it said."""
        while not any("ended" in line for line in self.lines[-1:]):
            self.lines.append(self._next())
        return self.lines

    def life(self, **asked: Any) -> list[dict[str, Any]]:
        """A whole life, which ends by itself."""
        self.begin(**asked)
        lines = self.end()
        assert lines[-1]["ended"] == 0, f"the driver broke: {lines[-3:]}"
        return lines

    def kill(self, moment: Moment, **asked: Any) -> list[dict[str, Any]]:
        """A life that is killed at that moment of it."""
        pid = self.begin(**asked)
        seen = sum(moment.of in line for line in self.lines)
        while seen < moment.count:
            line = self._next()
            self.lines.append(line)
            assert "ended" not in line, f"the driver broke before it was killed: {self.lines[-3:]}"
            seen += moment.of in line
        self._pause.wait(moment.later_s)
        os.kill(pid, signal.SIGKILL)
        lines = self.end()
        assert lines[-1]["ended"] == signal.SIGKILL, f"the driver broke before it was killed: {lines[-3:]}"
        return lines

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._out.close()
        self._process.stdout.close()
        self._process.wait(10)


@dataclass(frozen=True)
class Moment:
    """``later_s`` seconds after the life said ``of`` for the ``count``-th time (0: after its beginning)."""

    later_s: float
    of: str = ""
    count: int = 0

    @classmethod
    def by_chance(cls, rng: random.Random) -> Moment:
        """Anywhere, and every second time while a reply is on its way."""
        chance = rng.random()
        if chance < 0.5:
            return cls(rng.uniform(0.0, 0.3), "sending", rng.randint(1, 2))
        if chance < 0.75:
            return cls(rng.uniform(0.0, 0.03), "saved", rng.randint(1, 4))
        if chance < 0.9:
            return cls(rng.uniform(0.0, 0.3), "ready", 1)
        return cls(rng.uniform(0.0, 0.1))


@dataclass
class Verdict:
    """What came of it. ``lost``, ``duplicates``, ``unfinished`` and ``damaged`` must be empty."""

    kills: int = 0
    seconds: float = 0.0
    saved: int = 0
    sent: int = 0
    at_provider: int = 0
    needs_person: int = 0
    """Held: shown to a person who decides."""
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    after_undo: list[str] = field(default_factory=list)
    """Published although it was shown as taken back."""

    @property
    def violations(self) -> list[str]:
        return [*self.lost, *self.duplicates, *self.unfinished, *self.damaged, *self.after_undo]

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.seconds:.0f} s: {self.saved} drafts called saved, {self.sent} replies called"
            f" sent, {self.at_provider} at the provider, {self.needs_person} need a person; lost {len(self.lost)},"
            f" duplicates {len(self.duplicates)}, without final state {len(self.unfinished)},"
            f" damaged {len(self.damaged)}, sent after undo {len(self.after_undo)}"
        )


def _key(text: str) -> str:
    return text.split(" ", 1)[0]


def judge(said: list[dict[str, Any]], report: list[dict[str, Any]], record: list[tuple[str, str]]) -> Verdict:
    """Compare the lines of all lives (in order) and the last report with the providers' own record."""
    verdict = Verdict()
    public = Counter(text for _, text in record)
    by_key = Counter(_key(text) for _, text in record)
    items = [line for line in report if "state" in line]
    drafts = {line["review"]: line["draft"] for line in report if "draft" in line}
    texts: dict[int, list[str]] = {}
    for item in items:
        if item["state"] == "discarded":
            continue
        texts.setdefault(item["review"], []).append(item["text"])
    verdict.lost += _lost_drafts(said, drafts, texts, verdict)
    undone = {line["item"] for line in said if "undone" in line}
    discarded = {i["item"] for i in items if i["state"] == "discarded"}
    held = {_key(i["text"]) for i in items if i["state"] in ("held", "failed") and i["text"]}
    for line in said:
        if "sent" not in line:
            continue
        verdict.sent += 1
        if line["item"] in discarded:
            # Taken back (and perhaps killed before that was said): then the text is a draft again, or went out later.
            if not any(t.startswith(line["text"]) for t in _kept(line["review"], drafts, texts)):
                verdict.lost.append(f"{line['sent']} was taken back and its text is nowhere")
            continue
        if not public[line["text"]] and line["sent"] not in held:
            states = [i["state"] for i in items if i["item"] == line["item"]]
            verdict.lost.append(f"{line['sent']} was called sent and is nowhere: {states} {line}")
    for key, count in by_key.items():
        if count > 1 and key[:1] == "k" and key[1:2].isdigit():
            places = [place for place, text in record if _key(text) == key]
            verdict.duplicates.append(f"{key} was accepted {count} times: {places}")
    verdict.at_provider = sum(1 for key in by_key if key[:1] == "k" and key[1:2].isdigit())
    for item in items:
        if item["state"] not in _FINAL:
            verdict.unfinished.append(f"{item['item']} is {item['state']}: {item['error']}")
        if item["item"] in undone and item["state"] != "discarded":
            verdict.after_undo.append(f"{item['item']} was taken back and is {item['state']}")
    verdict.needs_person = sum(item["state"] in ("held", "failed") for item in items)
    for line in said + report:
        if line.get("integrity"):
            verdict.damaged += line["integrity"]
        if "broke" in line:
            verdict.damaged.append(line["broke"])
    return verdict


def _kept(review: int, drafts: dict[int, str], texts: dict[int, list[str]]) -> list[str]:
    return [drafts.get(review, ""), *texts.get(review, [])]


def _lost_drafts(
    said: list[dict[str, Any]], drafts: dict[int, str], texts: dict[int, list[str]], verdict: Verdict
) -> Iterator[str]:
    last: dict[tuple[int, str], str] = {}
    for line in said:
        if "saved" in line:
            verdict.saved += 1
            last[line["review"], _key(line["saved"])] = line["saved"]
    for (review, _), text in last.items():
        # Typed on and killed before that was said: what was said must be how it begins.
        if not any(t.startswith(text) for t in _kept(review, drafts, texts)):
            yield f"the draft {text!r} of review {review} was called saved and is nowhere"


@contextmanager
def stage(
    folder: Path,
    *,
    seed: int,
    mutants: tuple[str, ...] = (),
    providers: tuple[str, ...] = ("trustpilot", "sitejabber"),
    accounts: int | None = None,
    quick: Mapping[str, str] = QUICK,
) -> Iterator[tuple[Shop, Driver]]:
    """Servers and driver with a profile that has read its accounts."""
    shop = Shop(seed, providers)
    try:
        offered = [{**a, "settings": {**a["settings"], **quick}} for a in shop.accounts[:accounts]]
        driver = Driver(folder, offered, mutants)
        try:
            prepared = driver.life(life="prepare")
            assert all(ok and new for _, ok, new in prepared[0]["prepared"]), prepared
            yield shop, driver
        finally:
            driver.close()
    finally:
        shop.close()


def killed(
    folder: Path,
    count: int,
    *,
    seed: int,
    mutants: tuple[str, ...] = (),
    days: Days | None = None,
    moment: Callable[[random.Random], Moment] = Moment.by_chance,
    accounts: int | None = None,
    alone: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Verdict:
    """``count`` kills at random moments; then the days get better, everything drains, and the record is compared.

    ``alone``: no reply is begun while another one is on its way.
    """
    rng = random.Random(seed)
    started = _CLOCK.monotonic()
    with stage(folder, seed=seed, mutants=mutants, accounts=accounts) as (shop, driver):
        shop.days(days or Days())
        said: list[dict[str, Any]] = []
        for number in range(count):
            said += driver.kill(
                moment(rng),
                life="work",
                seed=seed * 100_000 + number,
                check=number % 10 == 0,
                alone=alone,
            )
            if progress is not None:
                progress(number + 1)
        shop.days(CALM)
        report = driver.life(life="drain")
        verdict = judge(said, report, shop.record())
    verdict.kills = count
    verdict.seconds = _CLOCK.monotonic() - started
    return verdict

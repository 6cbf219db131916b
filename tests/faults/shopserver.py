"""The practice providers in a process of their own: what they hold at the end is the judge of every kill.

Run by ``killer.Shop``. The first line on standard output is the accounts; afterwards one JSON command per line on
standard input, one JSON answer per line on standard output.
"""

from __future__ import annotations

import json
import random
import re
import sys

from reviewdesk import practice
from reviewdesk.practice.calls import Answer, Call
from reviewdesk.practice.faults import Cut, Fault, Faults
from reviewdesk.practice.server import ProviderServer

__all__ = ["main"]

_WRITTEN = re.compile(r"/comments$|/comments/add$|/reply$")
_OUTGOING = re.compile(_WRITTEN.pattern + r"|/create-conversation$")


class BadDays(Faults):
    """Each outgoing request is carried out late, or answered late, or its answer is lost. By chance, from a seed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._rng = random.Random(seed)
        self.before_s = self.after_s = self.late_s = self.late_share = self.lost = 0.0

    def strike(self, provider: str, method: str, path: str) -> Fault | None:
        if method != "POST" or not _OUTGOING.search(path):
            return super().strike(provider, method, path)
        with self._lock:
            if not (self.before_s or self.after_s or self.late_share or self.lost):
                return None
            late = self._rng.random() < self.late_share
            cut = None
            if self._rng.random() < self.lost:
                cut = self._rng.choice((Cut.BEFORE, Cut.AFTER, Cut.MID))
            return Fault(
                path=_OUTGOING,
                delay_before_s=self._rng.uniform(0.6 * self.late_s, self.late_s)
                if late
                else self._rng.uniform(0, self.before_s),
                delay_after_s=self._rng.uniform(0, self.after_s),
                cut=cut,
                reset=self._rng.random() < 0.5,
            )


class Ledger:
    """Every text that a provider accepted, as often as it did: also those that a later one replaced."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, str]] = []
        ledger, carry_out = self, ProviderServer.carry_out

        def noted(self: ProviderServer, call: Call) -> tuple[Answer, str]:
            answer, outcome = carry_out(self, call)
            if outcome == "ok" and call.method == "POST" and _WRITTEN.search(call.path):
                text = next((call.fields[n] for n in ("content", "message", "text") if n in call.fields), "")
                ledger.accepted.append((f"{self.provider}{call.path}", str(text)))
            return answer, outcome

        ProviderServer.carry_out = noted  # type: ignore[method-assign]


def main() -> None:
    seed, providers = int(sys.argv[1]), sys.argv[2].split(",")
    ledger = Ledger()
    with practice.start(providers=providers) as shop:
        days = BadDays(seed)
        shop.server.faults = days
        accounts = [
            {"provider": a.provider, "name": a.name, "settings": dict(a.settings), "secrets": dict(a.secrets)}
            for a in shop.accounts
        ]
        print(json.dumps(accounts), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            if asked["do"] == "days":
                for name, value in asked["days"].items():
                    setattr(days, name, float(value))
                print(json.dumps(True), flush=True)
            elif asked["do"] == "record":
                print(json.dumps(ledger.accepted), flush=True)
            else:
                raise ValueError(asked["do"])


if __name__ == "__main__":
    main()

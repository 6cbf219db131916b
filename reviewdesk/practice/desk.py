"""Starts the practice providers and hands out what an account needs to reach them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from reviewdesk.domain.clock import Clock, SystemClock
from reviewdesk.practice.faults import Faults
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import TRUSTPILOT_KEY, TRUSTPILOT_SECRET, UNITS, USERS
from reviewdesk.practice.server import Answer, PracticeServer, ProviderServer
from reviewdesk.practice.state import Shelf

if TYPE_CHECKING:
    import ssl

    from reviewdesk.practice.shop import SampleShop
    from reviewdesk.practice.trustpilot import TrustpilotServer

__all__ = ["PracticeAccount", "PracticeShop", "start"]

DEFAULT_SEED = 7
PROVIDERS = ("trustpilot",)


@dataclass(frozen=True, slots=True)
class PracticeAccount:
    """An account to add through the ordinary code. The secrets are made up and open nothing."""

    provider: str
    name: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


class PracticeShop:
    """The running practice providers. Every method may be called on any thread."""

    def __init__(
        self,
        *,
        state_dir: Path | None,
        seed: int,
        clock: Clock,
        providers: Iterable[str],
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._sample: SampleShop | None = None
        self._own_dir = state_dir is None
        self._state_dir = state_dir
        memory = _remembered(state_dir)
        self.seed = int(memory.get("seed", seed))
        self.opened_at = float(memory.get("opened_at", clock.now()))
        self.server = PracticeServer(clock)
        self._bind(int(memory.get("port", 0)), ssl_context)
        self.providers = tuple(providers)
        for provider in self.providers:
            self._mount(provider)
        self.server.serve_files("pictures", _picture)
        if state_dir is not None:
            _remember(state_dir, {"seed": self.seed, "opened_at": self.opened_at, "port": self.server.port})
        self.server.start()

    def _bind(self, wanted: int, ssl_context: ssl.SSLContext | None) -> None:
        """The port of the last run where it is free, so that addresses in records stay the same."""
        try:
            self.server.bind(wanted, ssl_context=ssl_context)
        except OSError:
            if not wanted:
                raise
            self.server.bind(0, ssl_context=ssl_context)

    def _mount(self, provider: str) -> None:
        if provider == "trustpilot":
            self.server.mount("trustpilot", provider, self._trustpilot)
            self.server.mount("trustpilot-invitations", provider, self._trustpilot, inner="/invitations")
        else:
            raise ValueError(f"there is no practice provider called {provider}")

    def _shelf(self, provider: str) -> Shelf:
        return Shelf(self._state_dir / f"{provider}.jsonl" if self._state_dir is not None else None)

    def _trustpilot(self) -> ProviderServer:
        from reviewdesk.practice.trustpilot import TrustpilotServer

        return TrustpilotServer(self.clock, self.server.journal, self._shelf("trustpilot"), self.sample)

    def sample(self) -> SampleShop:
        """The sample shop, computed on first use."""
        with self._lock:
            if self._sample is None:
                from reviewdesk.practice.shop import SampleShop

                self._sample = SampleShop(seed=self.seed, now=self.opened_at)
            return self._sample

    @property
    def journal(self) -> Journal:
        """Every request that came in."""
        return self.server.journal

    @property
    def faults(self) -> Faults:
        """Switches for bad days: ``shop.faults.on(r"/comments$", method="POST", cut="after")``."""
        return self.server.faults

    def record(self, provider: str) -> Any:
        """The provider's own side of things: what it holds, and what a test may do to it. Raises KeyError."""
        return self.server.provider(provider)

    @property
    def trustpilot(self) -> TrustpilotServer:
        """Trustpilot's side."""
        return cast("TrustpilotServer", self.server.provider("trustpilot"))

    @property
    def accounts(self) -> list[PracticeAccount]:
        """What to add, in the order of the sidebar."""
        found: list[PracticeAccount] = []
        if "trustpilot" in self.providers:
            found += self._trustpilot_accounts()
        return found

    def _trustpilot_accounts(self) -> list[PracticeAccount]:
        users = list(USERS)
        return [
            PracticeAccount(
                "trustpilot",
                name,
                {
                    "base_url": self.server.url("trustpilot/v1"),
                    "invitations_url": self.server.url("trustpilot-invitations/v1"),
                    "business_unit": unit,
                    "grant": "client_credentials",
                    "business_user_id": users[number % len(users)],
                },
                {"api_key": TRUSTPILOT_KEY, "api_secret": TRUSTPILOT_SECRET},
            )
            for number, (unit, _, name) in enumerate(UNITS.values())
        ]

    def close(self) -> None:
        """Stop the server; the temporary folder goes. Safe to call twice."""
        self.server.close()

    def __enter__(self) -> PracticeShop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    state_dir: Path | None = None,
    *,
    seed: int = DEFAULT_SEED,
    clock: Clock | None = None,
    providers: Iterable[str] | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> PracticeShop:
    """Start the practice providers; returns at once, the first request waits until they are up.

    With ``state_dir`` (made when missing) seed, opening time, port and everything that was changed survive; a
    run on the same folder goes on where the last one ended. ``providers`` limits which are played. Raises OSError
    when no port can be opened on loopback.
    """
    if state_dir is not None:
        state_dir.mkdir(parents=True, exist_ok=True)
    return PracticeShop(
        state_dir=state_dir,
        seed=seed,
        clock=clock or SystemClock(),
        providers=PROVIDERS if providers is None else tuple(providers),
        ssl_context=ssl_context,
    )


def _picture(name: str) -> Answer:
    from reviewdesk.practice.pictures import picture

    drawn = picture(name.removesuffix(".png")) if name.endswith(".png") else None
    if drawn is None:
        return Answer({"message": "there is no such picture"}, 404)
    return Answer(drawn, mime="image/png", headers={"Cache-Control": "max-age=86400"})


def _remembered(state_dir: Path | None) -> dict[str, Any]:
    if state_dir is None:
        return {}
    try:
        value = json.loads((state_dir / "practice.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _remember(state_dir: Path, value: dict[str, Any]) -> None:
    whole = state_dir / "practice.json.new"
    whole.write_text(json.dumps(value), encoding="utf-8")
    whole.replace(state_dir / "practice.json")

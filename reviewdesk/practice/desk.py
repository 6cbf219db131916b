"""Starts the practice providers and hands out what an account needs to reach them."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from reviewdesk.domain.clock import Clock, SystemClock
from reviewdesk.practice.calls import Answer
from reviewdesk.practice.faults import Faults
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import (
    DOMAIN,
    GUARANTEED_REVIEWS,
    RETARGETING,
    SITEJABBER,
    TRUSTPILOT_KEY,
    TRUSTPILOT_SECRET,
    UNITS,
    USERS,
    VERIFIED_REVIEWS,
)
from reviewdesk.practice.server import PracticeServer, ProviderServer
from reviewdesk.practice.state import Shelf

if TYPE_CHECKING:
    import ssl

    from reviewdesk.practice.guaranteed_reviews import GuaranteedReviewsServer
    from reviewdesk.practice.retargeting import RetargetingServer
    from reviewdesk.practice.shop import SampleShop
    from reviewdesk.practice.sitejabber import SitejabberServer
    from reviewdesk.practice.trustpilot import TrustpilotServer
    from reviewdesk.practice.verified_reviews import VerifiedReviewsServer

__all__ = ["PracticeAccount", "PracticeShop", "start"]

DEFAULT_SEED = 7
PROVIDERS = ("trustpilot", "sitejabber", "guaranteed-reviews", "retargeting", "verified-reviews")


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
        self._state_dir = state_dir
        self._temporary: Path | None = None
        memory = _remembered(state_dir)
        self.seed = int(memory.get("seed", seed))
        self.opened_at = float(memory.get("opened_at", clock.now()))
        self.server = PracticeServer(clock)
        self.providers = tuple(providers)
        self.mark = str(memory.get("mark", "")) or uuid.uuid4().hex
        port = int(memory.get("port", 0))
        self.attached = bool(port) and _plays(port, self.mark)
        """Whether another process already plays on this state folder: then this one only knows the way there."""
        if self.attached:
            self.server.port = port
            return
        self._bind(port, ssl_context)
        for provider in self.providers:
            self._mount(provider)
        self.server.serve_files("pictures", _picture)
        self.server.serve_files("links", _link)
        self.server.serve_files("practice", lambda name: Answer({"mark": self.mark}))
        try:
            self._open(state_dir)
        except BaseException:
            self.close()
            raise

    def _open(self, state_dir: Path | None) -> None:
        if state_dir is not None:
            memory = {
                "seed": self.seed,
                "opened_at": self.opened_at,
                "port": self.server.port,
                "mark": self.mark,
            }
            _remember(state_dir, memory)
        self.server.start()
        if "verified-reviews" in self.providers:
            self._deliver()

    def _deliver(self) -> None:
        """The files of the past nights, once; they lie in a folder as a real delivery does."""
        if self._state_dir is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="reviewdesk-practice-"))
        folder = self.feed_folder
        if folder is not None and not folder.exists():
            self.verified_reviews.write_history()

    @property
    def feed_folder(self) -> Path | None:
        """Where the nightly feed of Verified Reviews lands; None when that provider is not played."""
        parent = self._state_dir or self._temporary
        return parent / "feed" if parent is not None and "verified-reviews" in self.providers else None

    def _bind(self, wanted: int, ssl_context: ssl.SSLContext | None) -> None:
        """The port of the last run where it is free, so that addresses in records stay the same."""
        try:
            self.server.bind(wanted, ssl_context=ssl_context)
        except OSError:
            if not wanted:
                raise
            self.server.bind(0, ssl_context=ssl_context)

    def _mount(self, provider: str) -> None:
        make = {
            "trustpilot": self._trustpilot,
            "sitejabber": self._sitejabber,
            "guaranteed-reviews": self._guaranteed_reviews,
            "retargeting": self._retargeting,
            "verified-reviews": self._verified_reviews,
        }[provider]
        self.server.mount(provider, provider, make)
        if provider == "trustpilot":
            self.server.mount("trustpilot-invitations", provider, make, inner="/invitations")

    def _shelf(self, provider: str) -> Shelf:
        return Shelf(self._state_dir / f"{provider}.jsonl" if self._state_dir is not None else None)

    def _trustpilot(self) -> ProviderServer:
        from reviewdesk.practice.trustpilot import TrustpilotServer

        return TrustpilotServer(self.clock, self.journal, self._shelf("trustpilot"), self.sample)

    def _sitejabber(self) -> ProviderServer:
        from reviewdesk.practice.sitejabber import SitejabberServer

        return SitejabberServer(self.clock, self.journal, self._shelf("sitejabber"), self.sample)

    def _guaranteed_reviews(self) -> ProviderServer:
        from reviewdesk.practice.guaranteed_reviews import GuaranteedReviewsServer

        return GuaranteedReviewsServer(
            self.clock, self.journal, self._shelf("guaranteed-reviews"), self.sample
        )

    def _retargeting(self) -> ProviderServer:
        from reviewdesk.practice.retargeting import RetargetingServer

        return RetargetingServer(self.clock, self.journal, self._shelf("retargeting"), self.sample)

    def _verified_reviews(self) -> ProviderServer:
        from reviewdesk.practice.verified_reviews import VerifiedReviewsServer

        folder = self.feed_folder
        if folder is None:
            raise LookupError("Verified Reviews is not played")
        shelf = self._shelf("verified-reviews")
        return VerifiedReviewsServer(self.clock, self.journal, shelf, self.sample, folder)

    def sample(self) -> SampleShop:
        """The sample shop, computed on first use."""
        with self._lock:
            if self._sample is None:
                from reviewdesk.practice.shop import sample_shop

                self._sample = sample_shop(self.seed, self.opened_at)
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
        """The provider's own side of things: what it holds, and what a test may do to it.

        Raises KeyError when it is not played here (also when another process plays it).
        """
        return self.server.provider(provider)

    @property
    def trustpilot(self) -> TrustpilotServer:
        """Trustpilot's side."""
        return cast("TrustpilotServer", self.record("trustpilot"))

    @property
    def sitejabber(self) -> SitejabberServer:
        """Sitejabber's side."""
        return cast("SitejabberServer", self.record("sitejabber"))

    @property
    def guaranteed_reviews(self) -> GuaranteedReviewsServer:
        """Guaranteed Reviews' side."""
        return cast("GuaranteedReviewsServer", self.record("guaranteed-reviews"))

    @property
    def retargeting(self) -> RetargetingServer:
        """Retargeting's side."""
        return cast("RetargetingServer", self.record("retargeting"))

    @property
    def verified_reviews(self) -> VerifiedReviewsServer:
        """Verified Reviews' side."""
        return cast("VerifiedReviewsServer", self.record("verified-reviews"))

    @property
    def accounts(self) -> list[PracticeAccount]:
        """What to add, in the order of the sidebar."""
        url = self.server.url
        users = list(USERS)
        found = [
            PracticeAccount(
                "trustpilot",
                name,
                {
                    "base_url": url("trustpilot/v1"),
                    "invitations_url": url("trustpilot-invitations/v1"),
                    "business_unit": unit,
                    "grant": "client_credentials",
                    "business_user_id": users[number % len(users)],
                },
                {"api_key": TRUSTPILOT_KEY, "api_secret": TRUSTPILOT_SECRET},
            )
            for number, (unit, _, name) in enumerate(UNITS.values())
        ]
        found += [
            PracticeAccount(
                "sitejabber",
                DOMAIN,
                {
                    "base_url": url("sitejabber/v1"),
                    "business": DOMAIN,
                    "email": SITEJABBER["email"],
                    "datasources": "trustpilot",
                },
                {
                    n: SITEJABBER[n]
                    for n in ("client_token", "password", "client_id", "client_encryption_key")
                },
            ),
            PracticeAccount(
                "guaranteed-reviews",
                "Harbour Maison",
                {
                    "base_url": url("guaranteed-reviews"),
                    "scopes": "site,2101,2183,2204,2219,2240,2256,2271,2288,2302,2317",
                    "language": "fr",
                },
                dict(GUARANTEED_REVIEWS),
            ),
            PracticeAccount(
                "retargeting",
                "Harbour RO",
                {"base_url": url("retargeting/v1"), "customer_id": RETARGETING["customer_id"]},
                {"rest_key": RETARGETING["rest_key"]},
            ),
            PracticeAccount(
                "verified-reviews",
                "Nightly feed",
                {
                    "transport": "folder",
                    "path": str(self.feed_folder or ""),
                    "website_id": VERIFIED_REVIEWS["website_id"],
                },
                {},
            ),
        ]
        return [account for account in found if account.provider in self.providers]

    def close(self) -> None:
        """Stop the server; a temporary folder goes. Safe to call twice."""
        self.server.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

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
    wanted = PROVIDERS if providers is None else tuple(providers)
    for provider in wanted:
        if provider not in PROVIDERS:
            raise ValueError(f"there is no practice provider called {provider}")
    if state_dir is not None:
        state_dir.mkdir(parents=True, exist_ok=True)
    return PracticeShop(
        state_dir=state_dir,
        seed=seed,
        clock=clock or SystemClock(),
        providers=wanted,
        ssl_context=ssl_context,
    )


def _picture(name: str) -> Answer:
    from reviewdesk.practice.pictures import picture

    drawn = picture(name.removesuffix(".png")) if name.endswith(".png") else None
    if drawn is None:
        return Answer({"message": "there is no such picture"}, 404)
    return Answer(drawn, mime="image/png", headers={"Cache-Control": "max-age=86400"})


def _link(name: str) -> Answer:
    """Where invitation links of the practice providers lead: nothing may lead out of this machine."""
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Practice</title>'
        "<p>This is practice: at the real provider the customer would write a review here.</p></html>"
    )
    return Answer(page if name else "", 200 if name else 404)


def _plays(port: int, mark: str) -> bool:
    """Whether the practice server that wrote ``mark`` answers on that port."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/practice/mark")
        answer = json.loads(connection.getresponse().read(10_000))
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(answer, dict) and answer.get("mark") == mark


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

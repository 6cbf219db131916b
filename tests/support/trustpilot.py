"""A Trustpilot account on the practice shop, for tests of the provider itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from reviewdesk import practice
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.models import ReviewKind, ReviewRef
from reviewdesk.practice import PracticeShop
from reviewdesk.practice.keys import UNITS
from reviewdesk.providers.trustpilot.provider import TrustpilotProvider
from tests.support.clock import FakeClock
from tests.support.contexts import Box, Token, context

__all__ = ["UNIT", "Desk", "open_desk"]

UNIT, DOMAIN = UNITS["dk"][0], UNITS["dk"][1]


class Desk:
    """One practice shop, one account of its first company; ``provider`` is opened on first use and stays."""

    def __init__(self, clock: Clock | None = None, **settings: str) -> None:
        self.clock = clock or FakeClock(1_795_000_000.0)
        self.shop: PracticeShop = practice.start(clock=self.clock, providers=("trustpilot",))
        self.server = self.shop.trustpilot
        account = self.shop.accounts[0]
        self.settings: dict[str, str] = {**account.settings, "kinds": "product", **settings}
        self.box = Box(account.secrets)
        self.cancel = Token(self.clock)
        self._opened: list[TrustpilotProvider] = []
        self._first: TrustpilotProvider | None = None

    @property
    def provider(self) -> TrustpilotProvider:
        if self._first is None:
            self._first = self.open()
        return self._first

    def open(self, **settings: str) -> TrustpilotProvider:
        """A new provider with these settings besides; further ones share the secrets."""
        made = TrustpilotProvider(
            context(
                {**self.settings, **settings}, self.box, clock=self.clock, cancel=self.cancel, timeout_s=5.0
            )
        )
        self._opened.append(made)
        return made

    def asked(self, path: str = "", method: str | None = None) -> int:
        """How many requests came for a path (a regular expression)."""
        return len(self.shop.journal.entries(method=method, path=path))

    def sent(self, path: str, method: str | None = None) -> Mapping[str, object]:
        """The fields of the last request for a path."""
        return self.shop.journal.entries(method=method, path=path)[-1].fields

    def product(self, native_id: str, **more: str) -> ReviewRef:
        return ReviewRef(1, 1, ReviewKind.PRODUCT, native_id, **more)

    def company(self, native_id: str) -> ReviewRef:
        return ReviewRef(2, 1, ReviewKind.BUSINESS, native_id)

    def close(self) -> None:
        for provider in self._opened:
            provider.close()
        self.shop.close()


@contextmanager
def open_desk(clock: Clock | None = None, **settings: str) -> Iterator[Desk]:
    desk = Desk(clock, **settings)
    try:
        yield desk
    finally:
        desk.close()

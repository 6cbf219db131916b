"""An account of any provider on the practice shop with a clock of the test's own, for tests of the provider itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from reviewdesk import practice
from reviewdesk.domain.models import ActionKind, ReviewKind, ReviewRef, Target
from reviewdesk.practice import PracticeShop
from reviewdesk.practice.journal import Entry
from reviewdesk.providers.base import Action, SendResult
from reviewdesk.providers.registry import PROVIDERS
from tests.support.clock import FakeClock
from tests.support.contexts import Box, Memory, Token, context

__all__ = ["Desk", "open_desk"]


class Desk:
    """One practice shop, one account; ``provider`` is opened on first use and stays."""

    def __init__(self, provider_id: str, **settings: str) -> None:
        self.clock = FakeClock(1_795_000_000.0)
        self.shop: PracticeShop = practice.start(clock=self.clock, providers=(provider_id,))
        self.server: Any = self.shop.record(provider_id)
        account = self.shop.accounts[0]
        self.settings: dict[str, str] = {**account.settings, **settings}
        self.box = Box(account.secrets)
        self.memory = Memory()
        self.cancel = Token(self.clock)
        self._kind = PROVIDERS[provider_id]
        self._opened: list[Any] = []
        self._first: Any = None

    @property
    def provider(self) -> Any:
        if self._first is None:
            self._first = self.open()
        return self._first

    def open(
        self, box: Box | None = None, meanwhile: Callable[[], None] | None = None, **settings: str
    ) -> Any:
        """A new provider with these settings besides; it shares the secrets (unless ``box``) and the pace memory."""
        made = self._kind(
            context(
                {**self.settings, **settings},
                box or self.box,
                clock=self.clock,
                cancel=self.cancel,
                memory=self.memory,
                timeout_s=5.0,
                meanwhile=meanwhile,
            )
        )
        self._opened.append(made)
        return made

    def send(
        self, act: ActionKind, review: ReviewRef | None = None, text: str = "", **payload: object
    ) -> SendResult:
        action = Action(kind=act, review=review, target=Target.PUBLIC, text=text, payload=payload)
        result: SendResult = self.provider.send(action, lambda done: None)
        return result

    def asked(self, path: str = "", method: str | None = None) -> int:
        """How many requests came for a path (a regular expression)."""
        return len(self.shop.journal.entries(method=method, path=path))

    def last(self, path: str = "", method: str | None = None) -> Entry:
        """The last request for a path."""
        return self.shop.journal.entries(method=method, path=path)[-1]

    def sent(self, path: str, method: str | None = None) -> Mapping[str, Any]:
        """The fields of the last request for a path."""
        return self.last(path, method).fields

    def business(self, native_id: object, **more: str) -> ReviewRef:
        return ReviewRef(1, 1, ReviewKind.BUSINESS, str(native_id), **more)

    def product(self, native_id: object, **more: str) -> ReviewRef:
        return ReviewRef(1, 1, ReviewKind.PRODUCT, str(native_id), **more)

    def close(self) -> None:
        for provider in self._opened:
            provider.close()
        self.shop.close()


@contextmanager
def open_desk(provider_id: str, **settings: str) -> Iterator[Desk]:
    desk = Desk(provider_id, **settings)
    try:
        yield desk
    finally:
        desk.close()

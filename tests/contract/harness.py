"""What the contract suite needs of each provider's practice server.

A provider takes part with a module ``tests/contract/harness_<id>.py`` (hyphens as underscores) that holds a class
``ProviderHarness``, a subclass of ``Harness``. ``test_every_provider_takes_part`` fails for one that lacks it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from reviewdesk.domain.errors import Delivery, ProviderError
from reviewdesk.domain.models import ProviderState, ReviewRef
from reviewdesk.practice import PracticeShop
from reviewdesk.practice.faults import Fault
from reviewdesk.providers.base import Context, Provider
from reviewdesk.providers.registry import PROVIDERS
from tests.support.contexts import Box, Memory, Token, context

__all__ = ["ErrorCase", "Harness", "Removal", "SendCase", "harnesses"]


@dataclass(frozen=True)
class ErrorCase:
    """A documented error while reading: how it is switched on, and the typed error it must become."""

    name: str
    expected: type[ProviderError]
    switch_on: Callable[[Harness], object]
    retry_after_s: float | None = None
    words: str = ""
    """What the provider says; it must be in ``provider_words``."""


@dataclass(frozen=True)
class SendCase:
    """A fault while a reply goes out: what may be concluded, and whether the server has the reply afterwards."""

    name: str
    delivery: Delivery
    arrives: bool
    switch_on: Callable[[Harness], object]


@dataclass(frozen=True)
class Removal:
    """What a removal looks like in the next sync: a ``Deletion``, a provider state, or (both None) nothing at all."""

    native_id: str
    deleted: bool = False
    state: ProviderState | None = None


@dataclass
class Harness:
    """One practice shop with one account of the provider."""

    provider_id: ClassVar[str]
    errors: ClassVar[tuple[ErrorCase, ...]] = ()
    send_faults: ClassVar[tuple[SendCase, ...]] = ()
    replies_publicly: ClassVar[bool] = True
    edits_show_without_full: ClassVar[bool] = True
    has_pages: ClassVar[bool] = True
    """Whether a list can be so long that it is asked for in several calls."""

    shop: PracticeShop
    box: Box = field(init=False)
    memory: Memory = field(default_factory=Memory)
    cancel: Token = field(init=False)

    def __post_init__(self) -> None:
        self.cancel = Token(self.shop.clock)
        self.box = Box(self.secrets())
        self._open: list[Provider] = []

    # -- every provider --

    def settings(self) -> Mapping[str, str]:
        return self._account().settings

    def secrets(self) -> Mapping[str, str]:
        return self._account().secrets

    def wrong_secret(self) -> tuple[str, str]:
        """(key, value) of a secret that the provider refuses."""
        raise NotImplementedError

    def edit(self) -> str:
        """A customer edits the text of a review that was read; its native id."""
        raise NotImplementedError

    def add(self) -> str:
        """A customer writes a new review; its native id."""
        raise NotImplementedError

    def remove(self) -> Removal:
        """The provider takes a review away."""
        raise NotImplementedError

    def break_one(self) -> str:
        """One record of a page is broken from now on; its native id."""
        raise NotImplementedError

    def make_sloppy(self) -> str:
        """One record comes with numbers as texts, empty texts for dates and the like; its native id."""
        raise NotImplementedError

    def repeat_first_page(self) -> None:
        """From now on every page is the first one."""
        raise NotImplementedError

    # -- those that can be replied to --

    def reply_to(self) -> ReviewRef:
        """A review without a business reply."""
        raise NotImplementedError

    def replies(self, native_id: str) -> list[str]:
        """The business's texts under a review by the server's own record."""
        raise NotImplementedError

    # -- the account at work --

    def _account(self) -> object:
        return next(a for a in self.shop.accounts if a.provider == self.provider_id)

    def context(self, settings: Mapping[str, str] | None = None) -> Context:
        return context(
            {**self.settings(), **(settings or {})},
            self.box,
            clock=self.shop.clock,
            cancel=self.cancel,
            memory=self.memory,
            timeout_s=5.0,
        )

    def open(self, settings: Mapping[str, str] | None = None) -> Provider:
        """A provider as an account worker opens it; closed with the harness."""
        made = PROVIDERS[self.provider_id](self.context(settings))
        self._open.append(made)
        return made

    def fault(self, path: str, **what: object) -> Fault:
        return self.shop.faults.on(path, **what)  # type: ignore[arg-type]

    def close(self) -> None:
        for provider in self._open:
            provider.close()
        self.shop.close()


def harnesses() -> dict[str, type[Harness]]:
    """Provider id -> harness, for every provider of the registry that has one."""
    found: dict[str, type[Harness]] = {}
    for provider in PROVIDERS:
        name = f"tests.contract.harness_{provider.replace('-', '_')}"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        found[provider] = module.ProviderHarness
    return found

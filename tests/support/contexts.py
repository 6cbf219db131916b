"""Contexts for providers under test: secrets in memory, a cancel token, pace memory, quick time-outs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from reviewdesk.domain.clock import Clock, SystemClock
from reviewdesk.providers.base import Context

__all__ = ["Box", "Memory", "Token", "context"]


class Box:
    """A SecretBox in memory that remembers the order of what was put."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = dict(values or {})
        self.puts: list[tuple[str, str | None]] = []

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    def put(self, key: str, value: str | None) -> None:
        self.puts.append((key, value))
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value


class Token:
    """A CancelToken; waits on the given clock, so that a fake one passes waits at once."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._event = threading.Event()
        self._clock = clock or SystemClock()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, timeout_s: float) -> bool:
        return self._clock.wait(self._event, timeout_s)


class Memory:
    """A PaceMemory that counts how often it is written."""

    def __init__(self, calls: list[float] | None = None) -> None:
        self.calls = list(calls or [])
        self.saves = 0

    def load(self) -> list[float]:
        return list(self.calls)

    def save(self, calls: list[float]) -> None:
        self.saves += 1
        self.calls = list(calls)


def context(
    settings: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | Box | None = None,
    *,
    clock: Clock | None = None,
    cancel: Token | None = None,
    memory: Memory | None = None,
    timeout_s: float = 1.0,
    meanwhile: Callable[[], None] | None = None,
) -> Context:
    """A Context like the one an account worker makes, with short time-outs."""
    clock = clock or SystemClock()
    return Context(
        account="Test shop",
        settings={
            "timeout_seconds": str(timeout_s),
            "settle_seconds": "1",
            "ca_file": "",
            **(settings or {}),
        },
        secrets=secrets if isinstance(secrets, Box) else Box(secrets),
        clock=clock,
        cancel=cancel or Token(clock),
        pace_memory=memory,
        meanwhile=meanwhile,
    )

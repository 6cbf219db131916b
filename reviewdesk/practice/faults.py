"""Faults that can be switched on per path: what networks and providers do on bad days, on purpose and on time."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Cut", "Fault", "Faults"]


class Cut(StrEnum):
    """Where the connection is dropped."""

    BEFORE = "before"
    """Before the request is carried out."""
    AFTER = "after"
    """After it was carried out, before the first byte of the answer."""
    MID = "mid"
    """After it was carried out, with half of the answer's bytes sent."""


@dataclass(kw_only=True, eq=False)
class Fault:
    """What happens to the requests that fit; made by ``Faults.on``.

    ``reached`` is set when the first fitting request arrived at the fault. A fault with ``hold_before`` or
    ``hold_after`` keeps the request there until ``release()``, so that a test can kill or cancel the client at
    exactly that moment.
    """

    path: re.Pattern[str]
    method: str | None = None
    provider: str | None = None
    after: int = 0
    times: int | None = 1
    delay_before_s: float = 0.0
    delay_after_s: float = 0.0
    hold_before: bool = False
    hold_after: bool = False
    cut: Cut | None = None
    reset: bool = False
    status: int | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    commit: bool = False
    drip_s: float = 0.0
    drip_bytes: int = 1
    hits: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    _seen: int = 0
    _released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Let held requests go on."""
        self._released.set()

    def wait_reached(self, timeout_s: float = 10.0) -> None:
        """Until a fitting request has arrived. Raises TimeoutError."""
        if not self.reached.wait(timeout_s):
            raise TimeoutError(f"no request reached the fault at {self.path.pattern!r} in {timeout_s} s")

    def wait_released(self) -> None:
        """Used by the server: block until ``release()``."""
        self._released.wait()

    @property
    def name(self) -> str:
        """For the journal."""
        parts = []
        if self.cut is not None:
            parts.append(f"cut-{self.cut}")
        if self.status is not None:
            parts.append(f"status-{self.status}")
        elif self.body is not None:
            parts.append("garbage")
        if self.drip_s:
            parts.append("drip")
        if self.delay_before_s or self.delay_after_s:
            parts.append("delay")
        if self.hold_before or self.hold_after:
            parts.append("hold")
        return "+".join(parts) or "fault"


class Faults:
    """The switched-on faults of one practice server. Thread-safe; the first one that fits strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def on(
        self,
        path: str = "",
        *,
        method: str | None = None,
        provider: str | None = None,
        nth: int | None = None,
        after: int = 0,
        times: int | None = 1,
        body: bytes | str | None = None,
        cut: Cut | str | None = None,
        **what: Any,
    ) -> Fault:
        """Switch a fault on for requests whose path (below the provider's base address) matches ``path``.

        ``after``: so many fitting requests pass untouched first; ``nth`` = n is short for the n-th fitting
        request only; ``times``: how many are struck, None for all until ``off``. What happens, in this order:

        ``delay_before_s`` and ``hold_before``, then ``cut="before"``; ``status`` (with ``body``, ``headers``)
        answers without carrying the request out unless ``commit=True``; ``body`` alone is garbage with status
        200 after carrying it out; ``delay_after_s`` and ``hold_after``; ``cut="after"`` or ``"mid"``
        (``reset=True`` ends with RST instead of FIN); ``drip_s`` sends ``drip_bytes`` at a time with that pause.
        """
        if nth is not None:
            after, times = nth - 1, 1
        fault = Fault(
            path=re.compile(path),
            method=method,
            provider=provider,
            after=after,
            times=times,
            body=body.encode() if isinstance(body, str) else body,
            cut=None if cut is None else Cut(cut),
            **what,
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def off(self, fault: Fault | None = None) -> None:
        """Switch one fault off, or all of them; held requests go on."""
        with self._lock:
            gone = [f for f in self._faults if fault is None or f is fault]
            self._faults = [f for f in self._faults if f not in gone]
        for each in gone:
            each.release()

    def strike(self, provider: str, method: str, path: str) -> Fault | None:
        """Used by the server: the fault that this request meets, counted."""
        with self._lock:
            for fault in self._faults:
                if (fault.provider is not None and fault.provider != provider) or (
                    fault.method is not None and fault.method != method
                ):
                    continue
                if fault.path.search(path) is None or (fault.times is not None and fault.hits >= fault.times):
                    continue
                fault._seen += 1
                if fault._seen <= fault.after:
                    continue
                fault.hits += 1
                fault.reached.set()
                return fault
        return None

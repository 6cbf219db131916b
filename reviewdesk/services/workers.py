"""One thread per account, the most urgent work first: a person's action, then a refresh, then background sync.

Serial within the account, so pacing, token renewal and order need no locks; accounts run side by side. A long job
is a generator: between two of its steps the worker does whatever is more urgent. A lock file per account keeps
the steps of two processes apart as well (a scheduled ``sync`` beside the window).
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from enum import IntEnum
from pathlib import Path

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import Cancelled, ReviewdeskError
from reviewdesk.domain.models import Account
from reviewdesk.providers.base import CancelToken, Provider
from reviewdesk.services.locks import FileLock

__all__ = ["Door", "Job", "OpenProvider", "Urgency", "Worker", "Workers"]

_log = logging.getLogger(__name__)
# A step of another process is one request; nothing but politeness depends on this lock.
_NEIGHBOUR_S = 35.0

OpenProvider = Callable[[int, CancelToken, Callable[[], None]], tuple[Account, Provider]]
"""``(account id, cancel token, what to call while a background call waits) -> the account and its open provider``."""


class Urgency(IntEnum):
    ACTION = 0
    REFRESH = 1
    SYNC = 2
    BULK = 3
    """Lists of customers: hours of work that everything else goes before."""


class Job:
    """One piece of work of one account. ``steps`` runs on the account's worker, up to a ``yield`` at a time."""

    urgency: Urgency = Urgency.SYNC

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.done = threading.Event()

    def steps(self, door: Door) -> Iterator[None]:
        """Do it. Ends early when ``cancelled`` is set; raises nothing but programming errors."""
        raise NotImplementedError

    def waits(self, provider: Provider) -> None:
        """A background call of this job may have to wait for its slot; on the worker's thread, often."""

    def dropped(self) -> None:
        """The worker ended before the job was through; called instead of any further step."""


class Door:
    """The worker's provider: opened at its first use, closed when the account changes or the worker ends."""

    def __init__(
        self, account_id: int, open_provider: OpenProvider, clock: Clock, meanwhile: Callable[[], None]
    ) -> None:
        self.account_id = account_id
        self._open = open_provider
        self._meanwhile = meanwhile
        self._clock = clock
        self._provider: Provider | None = None
        self._account: Account | None = None
        self._stale = False
        self.job: Job | None = None
        self.depth = 0

    # The token of the provider's context: whatever job is at work can be cancelled, and it alone.

    def is_set(self) -> bool:
        return self.job is not None and self.job.cancelled.is_set()

    def wait(self, timeout_s: float) -> bool:
        event = self.job.cancelled if self.job is not None else threading.Event()
        return self._clock.wait(event, timeout_s)

    def provider(self) -> Provider:
        """The open provider. Raises ``ReviewdeskError`` when the account is gone or can't be opened."""
        if self._stale and self.depth <= 1:
            # Not under the feet of an outer job that is in the middle of reading with it.
            self.close()
        if self._provider is None:
            self._account, self._provider = self._open(self.account_id, self, self._meanwhile)
        return self._provider

    @property
    def account(self) -> Account:
        """The account as it was when its provider was opened."""
        self.provider()
        if self._account is None:  # pragma: no cover - set together with the provider
            raise Cancelled("The account is gone.")
        return self._account

    def renew(self) -> None:
        """Open anew at the next use: settings or secrets changed. Any thread."""
        self._stale = True

    def opened(self) -> Provider | None:
        """The provider if it is open."""
        return self._provider

    def close(self) -> None:
        provider, self._provider, self._account, self._stale = self._provider, None, None, False
        if provider is not None:
            try:
                provider.close()
            except ReviewdeskError as error:
                _log.info("closing the provider of account %d: %s", self.account_id, error.message)


class Worker:
    """The thread of one account."""

    def __init__(self, account_id: int, open_provider: OpenProvider, clock: Clock, lock_folder: Path) -> None:
        self.account_id = account_id
        self.door = Door(account_id, open_provider, clock, self._meanwhile)
        self._clock = clock
        self._neighbour = FileLock(lock_folder / f"account-{account_id}.lock")
        self._condition = threading.Condition()
        self._order = itertools.count()
        self._heap: list[tuple[int, int, Job]] = []
        self._at_work: list[Job] = []
        self._stopping = False
        self._thread: threading.Thread | None = None

    def submit(self, job: Job) -> None:
        """Queue a job; the thread starts with the first one."""
        with self._condition:
            if not self._stopping:
                heapq.heappush(self._heap, (job.urgency, next(self._order), job))
                self._condition.notify()
                if self._thread is None:
                    # A daemon: killing the process is always safe, so nothing may keep it from ending.
                    self._thread = threading.Thread(
                        target=self._run, name=f"account-{self.account_id}", daemon=True
                    )
                    self._thread.start()
                return
        job.dropped()
        job.done.set()

    def find(self, kind: type[Job]) -> list[Job]:
        """The queued and running jobs of a kind."""
        with self._condition:
            return [j for j in (*self._at_work, *(j for _, _, j in self._heap)) if isinstance(j, kind)]

    def stop(self) -> None:
        """Cancel everything; the thread ends at its next look."""
        with self._condition:
            self._stopping = True
            left, self._heap = [job for _, _, job in self._heap], []
            for job in (*self._at_work, *left):
                job.cancelled.set()
            self._condition.notify()
        for job in left:
            job.dropped()
            job.done.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread's end; false when it is still busy."""
        if self._thread is None or self._thread is threading.current_thread():
            return True
        self._thread.join(max(0.0, timeout_s))
        return not self._thread.is_alive()

    # --- the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._heap and not self._stopping:
                    self._condition.wait()
                if self._stopping:
                    break
                job = heapq.heappop(self._heap)[2]
                self._at_work.append(job)
            self._work(job)
        self.door.close()

    def _work(self, job: Job) -> None:
        outer, self.door.job = self.door.job, job
        self.door.depth += 1
        try:
            steps = job.steps(self.door)
            while self._step(steps):
                self._let_others_pass()
                if self._stopping:
                    steps.close()  # type: ignore[attr-defined]
                    break
        except Exception:  # noqa: BLE001 - a mistake in one job must not end the account's thread
            _log.exception("a job of account %d failed", self.account_id)
        finally:
            self.door.job = outer
            self.door.depth -= 1
            with self._condition:
                self._at_work.remove(job)
            job.done.set()

    def _step(self, steps: Iterator[None]) -> bool:
        # Already ours when a more urgent job runs inside a step that waits for its slot.
        inner = self._neighbour.held
        if not inner:
            job = self.door.job
            self._neighbour.take_within(self._clock, _NEIGHBOUR_S, job.cancelled if job else None)
        try:
            next(steps)
        except StopIteration:
            return False
        finally:
            if not inner:
                self._neighbour.drop()
        return True

    def _meanwhile(self) -> None:
        """A background call is about to be made, or waits for its slot."""
        self._let_others_pass()
        job, provider = self.door.job, self.door.opened()
        if job is not None and provider is not None:
            job.waits(provider)

    def _let_others_pass(self) -> None:
        """Do whatever is more urgent than the job at work; on the worker's own thread."""
        job = self.door.job
        while job is not None:
            with self._condition:
                if self._stopping or not self._heap or self._heap[0][0] >= job.urgency:
                    return
                urgent = heapq.heappop(self._heap)[2]
                self._at_work.append(urgent)
            self._work(urgent)


class Workers:
    """All accounts' workers, made when first needed. Any thread."""

    def __init__(self, open_provider: OpenProvider, clock: Clock, lock_folder: Path) -> None:
        self._open = open_provider
        self._clock = clock
        self._lock_folder = lock_folder
        self._lock = threading.Lock()
        self._workers: dict[int, Worker] = {}
        self._stopped = False

    def of(self, account_id: int) -> Worker:
        """The worker of an account."""
        with self._lock:
            worker = self._workers.get(account_id)
            if worker is None:
                worker = Worker(account_id, self._open, self._clock, self._lock_folder)
                self._workers[account_id] = worker
                if self._stopped:
                    worker.stop()
            return worker

    def existing(self, account_id: int) -> Worker | None:
        with self._lock:
            return self._workers.get(account_id)

    def account_changed(self, account_id: int) -> None:
        """Settings, secrets or state changed: the provider is opened anew at its next use."""
        worker = self.existing(account_id)
        if worker is not None:
            worker.door.renew()

    def drop(self, account_id: int) -> None:
        """The account is gone: end its worker."""
        with self._lock:
            worker = self._workers.pop(account_id, None)
        if worker is not None:
            worker.stop()

    def stop(self, timeout_s: float) -> bool:
        """End all; false when some thread was still busy after ``timeout_s`` seconds (it dies with the process)."""
        with self._lock:
            self._stopped = True
            workers = list(self._workers.values())
        for worker in workers:
            worker.stop()
        end = self._clock.monotonic() + timeout_s
        ended = [worker.join(end - self._clock.monotonic()) for worker in workers]
        return all(ended)

"""The rooms' parts of ``reviewdesk --self-test`` put together; beside ``app``, which composes the program itself."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewdesk.diagnostics.self_test import Check, Outcome
    from reviewdesk.services.core import Core

__all__ = ["self_test"]

_KEYCHAIN_PATIENCE_S = 4.0


def self_test() -> Iterator[Outcome]:
    """Try everything, in a folder of its own that is gone afterwards: no profile is opened, no other machine asked."""
    from reviewdesk.diagnostics.self_test import run
    from reviewdesk.domain.clock import SystemClock

    # On Windows a file that something still holds open must not turn a good answer into an error.
    with tempfile.TemporaryDirectory(prefix="reviewdesk-self-test-", ignore_cleanup_errors=True) as name:
        yield from run(_checks(Path(name)), SystemClock())


def _checks(folder: Path) -> list[Check]:
    from reviewdesk.diagnostics.self_test import Check, check_keychain, check_time_zones, check_unknown_ca
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.secrets.keychain import Keychain
    from reviewdesk.ui import self_check

    practice = _Practice(folder / "practice")
    return [
        Check("keychain", lambda: check_keychain(Keychain("self-test").probe), _KEYCHAIN_PATIENCE_S),
        Check("tls", lambda: check_unknown_ca(_fetch, folder, SystemClock())),
        Check("sqlite", _sqlite),
        Check("qt", self_check.check_platform),
        Check("fonts", self_check.check_fonts),
        Check("time zones", check_time_zones),
        Check("translations", self_check.check_translations),
        Check("icons", self_check.check_icons),
        Check("practice", practice.answers),
        Check("review", practice.find),
    ]


class _Here:
    """No secrets, never cancelled: what a provider is given besides its settings."""

    def get(self, key: str) -> str | None:
        return None

    def put(self, key: str, value: str | None) -> None:
        """There is nothing to keep."""

    def is_set(self) -> bool:
        return False

    def wait(self, timeout_s: float) -> bool:
        return threading.Event().wait(timeout_s)


def _fetch(address: str, ca_file: str) -> None:
    """Ask an address in the way that every provider is asked."""
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.providers.base import Context
    from reviewdesk.providers.http import HttpClient

    settings = {"ca_file": ca_file, "timeout_seconds": "3"}
    here = _Here()
    context = Context(account="self-test", settings=settings, secrets=here, clock=SystemClock(), cancel=here)
    client = HttpClient(address, context, title="Self-test")
    try:
        client.get("/")
    finally:
        client.close()


def _sqlite() -> str:
    from reviewdesk.diagnostics.self_test import Failure
    from reviewdesk.store.library import LEAST_SQLITE, find_by_word, sqlite_version

    version = sqlite_version()
    said = ".".join(map(str, version))
    if version < LEAST_SQLITE:
        raise Failure(f"SQLite {said} is older than {'.'.join(map(str, LEAST_SQLITE))}.")
    if not find_by_word("Le café était prêt", "cafe"):
        raise Failure("Full-text search does not find what it indexed.")
    return f"SQLite {said} with FTS5."


class _Practice:
    """The practice providers on loopback, and a profile of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _open(self) -> Core:
        from reviewdesk import app
        from reviewdesk.services.profile import Profile

        return app.open_core(Profile.open(self._folder, practice=True), practice=True)

    def answers(self) -> str:
        """Each provider's connection test on its practice server."""
        from reviewdesk.diagnostics.self_test import Failure

        core = self._open()
        try:
            accounts = core.accounts.list()
            providers = {account.provider: account for account in accounts}
            missing = {spec.id for spec in core.accounts.specs()} - set(providers)
            if missing:
                raise Failure(f"There is no practice account of {', '.join(sorted(missing))}.")
            for account in providers.values():
                for stage in core.accounts.check_account(account):
                    if not stage.ok:
                        raise Failure(f"{account.name}, {stage.stage}: {stage.message}")
            return f"{len(providers)} providers answer."
        finally:
            core.stop()

    def find(self) -> str:
        """One account's reviews are read and stored, and a word of one of them finds it again."""
        from reviewdesk.diagnostics.self_test import Failure

        core = self._open()
        try:
            account = next(a for a in core.accounts.list() if a.provider == "retargeting")
            report = core.sync.run([account], False)[0]
            if report.error is not None:
                raise Failure(f"{account.name}: {report.error.message}")
            rows = core.inbox.page(core.inbox.parse("has:text"), limit=20)
            words = [(row.id, word) for row in rows for word in row.snippet.split() if word.isalpha()]
            if not words:
                raise Failure("No review came.")
            wanted, word = max(words, key=lambda pair: len(pair[1]))
            if wanted not in core.inbox.ids(core.inbox.parse(f'"{word}"')):
                raise Failure("A stored review is not found by its own words.")
            return f"{report.new} reviews read; one of them was found again."
        finally:
            core.stop()

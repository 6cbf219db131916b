"""What every command shares: which profile, opening its core, and the exit codes."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reviewdesk.domain.errors import InvalidInput, ReviewdeskError

if TYPE_CHECKING:
    from reviewdesk.domain.models import Account
    from reviewdesk.services.core import Core
    from reviewdesk.services.reading import Reading

__all__ = [
    "DONE",
    "FAILED",
    "NO_KEYCHAIN",
    "NO_PROFILE",
    "WRONG_USE",
    "Session",
    "json_option",
    "pass_session",
]

DONE, FAILED, WRONG_USE, NO_PROFILE, NO_KEYCHAIN = 0, 1, 2, 3, 4
_log = logging.getLogger(__name__)
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass
class Session:
    """The options before the command."""

    folder: Path | None
    demo: bool

    @contextmanager
    def core(self, *, synced: bool = False) -> Iterator[Core]:
        """The profile's core, stopped at the end. ``synced``: a new practice profile is read first.

        Raises what ``app.open_core`` raises.
        """
        from reviewdesk import app

        app.prepare_process()
        core = app.open_core(self.folder, practice=self.demo)
        try:
            if synced and core.practice:
                self._fill(core)
            yield core
        except (ReviewdeskError, click.exceptions.Exit, click.ClickException, BrokenPipeError):
            raise
        except Exception:
            # The log closes with the core: now is the time for the details.
            _log.critical("uncaught", exc_info=True)
            raise
        finally:
            core.stop()

    @contextmanager
    def reading(self) -> Iterator[Core | Reading]:
        """What only reads: without the rest of the program, which takes longer to load than the reading."""
        if self.demo:
            with self.core(synced=True) as core:
                yield core
            return
        from reviewdesk import app

        opened = app.open_reading(self.folder)
        try:
            yield opened
        except (ReviewdeskError, click.exceptions.Exit, click.ClickException, BrokenPipeError):
            raise
        except Exception:
            app.note_failure(self.folder)
            raise
        finally:
            opened.stop()

    @staticmethod
    def _fill(core: Core) -> None:
        new = [a for a in core.accounts.list() if a.last_success is None]
        if new:
            core.sync.run(new, False)


def pass_session(function: _F) -> _F:
    """Give the command its ``Session`` as first argument; what it returns is the exit code."""

    @click.pass_context
    def inner(context: click.Context, *args: Any, **values: Any) -> None:
        code = context.invoke(function, context.find_object(Session), *args, **values)
        context.exit(code or DONE)

    return functools.update_wrapper(inner, function)  # type: ignore[return-value]


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of a table."
)


def account_names(core: Core | Reading) -> dict[int, Account]:
    """Accounts by id."""
    return {account.id: account for account in core.accounts.list()}


def review_id(text: str) -> int:
    """A review's id as ``list`` prints it. Raises ``InvalidInput``."""
    if not text.isascii() or not text.isdecimal():
        raise InvalidInput(f"'{text}' is no review id. Ids are the numbers that 'reviewdesk list' prints.")
    return int(text)

"""A feed in a folder of this computer, for instance where a server of one's own puts it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NetworkError,
    NotFound,
    PermissionDenied,
    ProviderError,
)
from reviewdesk.providers.base import Context
from reviewdesk.providers.feeds.base import (
    FILE_CAP,
    Entry,
    FeedFile,
    FileChanged,
    Listing,
    Step,
    sort_out,
    too_large,
)

__all__ = ["FolderTransport"]


class FolderTransport:
    """Reads regular files only and follows no link. Never writes there."""

    def __init__(self, context: Context) -> None:
        self.calls = 0
        self._written = context.settings.get("path", "").strip()

    def steps(self) -> tuple[Step, ...]:
        return (("address", self._address), ("connect", self._connect), ("sign-in", self._sign_in))

    def _address(self) -> str:
        if not self._written:
            raise NetworkError("No folder is set.", remedy="Set path to the folder with the feed's files.")
        if not self._path.is_absolute():
            raise NetworkError(
                "The folder must be written with its whole path.",
                remedy="A scheduled sync starts somewhere else: give the path from its root on.",
            )
        return "The folder is well named."

    @property
    def _path(self) -> Path:
        try:
            return Path(self._written).expanduser()
        except RuntimeError:  # a ~ without a home
            return Path(self._written)

    def _connect(self) -> str:
        self.calls += 1
        problem: ProviderError
        try:
            if stat.S_ISDIR(self._path.stat().st_mode):
                return "The folder is there."
            problem = NetworkError(
                "This is not a folder.", remedy="Set path to the folder with the feed's files."
            )
        except PermissionError:
            problem = PermissionDenied(
                "The folder may not be looked into.", remedy="Ask for the right to read it."
            )
        except (OSError, ValueError):
            problem = NetworkError(
                "The folder is not there.",
                remedy="Check path; a network drive may have to be connected first.",
            )
        problem.delivery = Delivery.NOT_SENT
        raise problem

    def _sign_in(self) -> str:
        return "A folder of this computer needs no sign-in."

    def listing(self) -> Listing:
        self.calls += 1
        problem: ProviderError
        try:
            with os.scandir(self._path) as found:
                return sort_out(_facts(entry) for entry in found)
        except PermissionError:
            problem = PermissionDenied(
                "The folder may not be listed.", remedy="Ask for the right to read it."
            )
        except (OSError, ValueError):
            problem = NetworkError(
                "The folder can't be read.", remedy="Check path.", delivery=Delivery.NOT_SENT
            )
        raise problem

    @contextmanager
    def open(self, entry: Entry) -> Iterator[FeedFile]:
        self.calls += 1
        flags = (
            os.O_RDONLY
            | getattr(os, "O_NOFOLLOW", 0)
            | getattr(os, "O_NONBLOCK", 0)
            | getattr(os, "O_BINARY", 0)
        )
        problem: ProviderError | None = None
        number = -1
        try:
            # The name came from a listing of this very folder and holds no part of a path (``name_problem``).
            number = os.open(self._path / entry.name, flags)
        except FileNotFoundError:
            problem = NotFound(f"{entry.name} is gone.", delivery=Delivery.NOT_SENT)
        except PermissionError:
            problem = PermissionDenied(
                f"{entry.name} may not be read.", remedy="Ask for the right to read it."
            )
        except (OSError, ValueError):
            problem = BadAnswer(f"{entry.name} can't be opened.", delivery=Delivery.NOT_SENT)
        if isinstance(problem, NotFound):
            raise FileChanged
        if problem is not None:
            raise problem
        first = os.fstat(number)
        if not stat.S_ISREG(first.st_mode) or first.st_size != entry.size:
            os.close(number)
            raise FileChanged
        with os.fdopen(number, "rb") as file:
            if first.st_size > FILE_CAP:
                raise too_large(entry.name)

            def unchanged() -> bool:
                now = os.fstat(number)
                return (now.st_size, now.st_mtime_ns) == (first.st_size, first.st_mtime_ns)

            yield FeedFile(file, unchanged)

    def close(self) -> None:
        """Nothing is held open between two files."""


def _facts(entry: os.DirEntry[str]) -> tuple[str, bool | None, int | None, int | None]:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return entry.name, False, None, None
    return entry.name, stat.S_ISREG(found.st_mode), found.st_size, int(found.st_mtime)

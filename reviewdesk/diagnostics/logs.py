"""The log: a rotating file of the profile, every line through the redactor, libraries kept quiet."""

from __future__ import annotations

import faulthandler
import logging
import os
import re
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from reviewdesk.diagnostics.redact import Redactor

__all__ = ["TRAIL", "install_hooks", "no_core_files", "set_up"]

_log = logging.getLogger(__name__)

# httpx writes whole URLs at INFO, with the keys that some providers want there (models.md section 0).
_QUIET = ("httpx", "httpcore", "hpack", "paramiko", "keyring", "asyncio", "werkzeug", "urllib3", "qtawesome")
MAX_BYTES = 2 * 1024 * 1024
KEPT = 4
TRAIL = "trail.log"
"""The log's second file, which holds nothing that came from outside (``diagnostics.bundle``)."""
TRAIL_BYTES = 512 * 1024


class _RedactingFormatter(logging.Formatter):
    """Redacts the finished line, traceback included: nothing can be added to it afterwards."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(threadName)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        line = self._redactor.redact(super().format(record))
        # logging caches the traceback's text in the record for other handlers; theirs must be clean as well.
        record.exc_text = None
        return line


class _TrailFormatter(logging.Formatter):
    """What may be sent to whoever helps: the program's own words with numbers filled in, kinds of errors, places in
    the source. Nothing that came from outside stands in a message's form, only in its other arguments."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(threadName)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        args = record.args if isinstance(record.args, tuple) else (record.args,)
        values = iter(args)

        def fill(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            value = next(values, None)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return found[0] % value if number else "…"

        said = _SPECIFIER.sub(fill, record.msg) if isinstance(record.msg, str) else "…"
        head = f"{self.formatTime(record)} {record.levelname} {record.name} {_plain(record.threadName or '')}"
        lines = [f"{head}: {said}"]
        error = record.exc_info[1] if record.exc_info else None
        for _ in range(3):
            if error is None:
                break
            lines.append(f"  {type(error).__name__}")
            lines += [
                f"    {Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)[-8:]
            ]
            error = error.__cause__
        return "\n".join(lines)


_SPECIFIER = re.compile(r"%%|%[-+ #0]*\d*(?:\.\d+)?[sdrifgxX]")


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]", "", name)[:30]


class _PrivateFileHandler(RotatingFileHandler):
    """A log that only its owner can read, rotated copies included."""

    def _open(self) -> object:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, self.mode, encoding=self.encoding, errors=self.errors)


class _LogHandler(_PrivateFileHandler):
    """The log, and beside it the trail: the same lines without anything that came from outside."""

    def __init__(self, log_dir: Path, redactor: Redactor) -> None:
        super().__init__(
            log_dir / "reviewdesk.log", maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True
        )
        self.setFormatter(_RedactingFormatter(redactor))
        self._trail = _PrivateFileHandler(
            log_dir / TRAIL, maxBytes=TRAIL_BYTES, backupCount=1, encoding="utf-8", delay=True
        )
        self._trail.setFormatter(_TrailFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        # First: the other formatter empties what it has made of the record's traceback.
        if record.levelno >= logging.INFO:
            self._trail.handle(record)
        super().emit(record)

    def close(self) -> None:
        self._trail.close()
        super().close()


def set_up(log_dir: Path, redactor: Redactor, *, debug: bool = False) -> logging.Handler:
    """Log to ``log_dir/reviewdesk.log``, at DEBUG or INFO. Returns the handler, for the end of the program.

    Raises OSError when the folder can't be written.
    """
    log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _LogHandler(log_dir, redactor)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for name in _QUIET:
        # Some are quieter still: whoever loads paramiko wants none of its tracebacks.
        library = logging.getLogger(name)
        library.setLevel(max(library.level, logging.WARNING))
    return handler


def install_hooks(redactor: Redactor) -> None:
    """Uncaught exceptions of any thread go to the log, redacted; a person sees one plain sentence on stderr."""

    def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.stderr.write("error: stopped\n")
            return
        _log.critical("uncaught", exc_info=(kind, error, trace))
        name = redactor.redact(kind.__name__)
        sys.stderr.write(f"error: something went wrong inside ({name}); the log has the details\n")

    def on_thread_exception(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            _log.critical(
                "uncaught in %s",
                args.thread.name if args.thread else "a thread",
                exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
            )

    def on_unraisable(args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            _log.error(
                "could not raise: %s",
                args.err_msg or "",
                exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
            )

    sys.excepthook = on_exception
    threading.excepthook = on_thread_exception
    sys.unraisablehook = on_unraisable


def no_core_files() -> None:
    """A core file would hold every secret in memory; none is written (POSIX only). Native crashes get a stack only."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.stderr is not None:
        try:
            faulthandler.enable(all_threads=False)
        except (OSError, ValueError, RuntimeError):
            _log.info("no file to write native crashes to")

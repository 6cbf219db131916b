"""The log: a rotating file of the profile, every line through the redactor, libraries kept quiet."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from reviewdesk.diagnostics.redact import Redactor

__all__ = ["install_hooks", "no_core_files", "set_up"]

_log = logging.getLogger(__name__)

# httpx writes whole URLs at INFO, with the keys that some providers want there (models.md section 0).
_QUIET = ("httpx", "httpcore", "hpack", "paramiko", "keyring", "asyncio", "werkzeug", "urllib3", "qtawesome")
MAX_BYTES = 2 * 1024 * 1024
KEPT = 4


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


class _PrivateFileHandler(RotatingFileHandler):
    """A log that only its owner can read, rotated copies included."""

    def _open(self) -> object:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, self.mode, encoding=self.encoding, errors=self.errors)


def set_up(log_dir: Path, redactor: Redactor, *, debug: bool = False) -> logging.Handler:
    """Log to ``log_dir/reviewdesk.log``, at DEBUG or INFO. Returns the handler, for the end of the program.

    Raises OSError when the folder can't be written.
    """
    log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _PrivateFileHandler(
        log_dir / "reviewdesk.log", maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True
    )
    handler.setFormatter(_RedactingFormatter(redactor))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
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

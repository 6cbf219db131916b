"""Feed files for tests, and an FTP server (with TLS or without) that serves them."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.models import Deletion, Rejected, ReviewRecord
from reviewdesk.providers.base import Cursor, Page, Provider

__all__ = ["FtpDouble", "Got", "csv_line", "feed_name", "ftp_server", "put", "xml_file", "xml_record"]

WEBSITE = "2b7c1d00-aaaa-4bbb-8ccc-0123456789ab"


def feed_name(
    day: str = "2026-03-04", kind: str = "product", ending: str = "csv", website: str = WEBSITE
) -> str:
    return f"reviews_{kind}_{website}_{day}.{ending}"


def put(folder: Path, name: str, content: str | bytes, *, old_s: int = 7200) -> Path:
    """A file that was last written ``old_s`` seconds ago."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns - old_s * 1_000_000_000))
    return path


def csv_line(
    number: int | str = 1,
    *,
    action: str = "NEW",
    text: str = "Très bien",
    rate: str = "5",
    last: str = "Morvan",
    first: str = "Zoé",
    email: str = "zoe@example.org",
    order: str | None = None,
    date: str = "2026-03-03 10:00:00",
    turns: tuple[tuple[str, str, str], ...] = (),
    more: tuple[str, ...] = (),
    product: bool = True,
) -> str:
    """A line in the layout of 12+3n columns (16+3n with four ``more``)."""
    cells = [
        action,
        f"r{number}" if order is None else order,
        f"p{number}" if product else "",
        f"O-{number}",
        "SKU-1" if product else "",
        date,
        text,
        rate,
        last,
        first,
        email,
        *more,
        str(len(turns)),
        *(cell for turn in turns for cell in turn),
    ]
    return "\t".join(cells) + "\n"


def xml_record(number: int | str = 1, *, action: str = "NEW", inner: str | None = None, **fields: str) -> str:
    """A record; ``inner`` replaces everything but the ids."""
    values = {
        "email": "zoe@example.org",
        "lastname": "Morvan",
        "firstname": "Zoé",
        "review_date": "2026-03-03 10:00:00",
        "publish_date": "2026-03-04 10:00:00",
        "review": "Très bien",
        "rate": "5",
        "order_ref": f"O-{number}",
        "product_ref": "SKU-1",
    } | fields
    ids = f"<review_id>r{number}</review_id><product_review_id>p{number}</product_review_id>"
    body = "".join(f"<{k}>{v}</{k}>" for k, v in values.items()) if inner is None else inner
    return f'<review action="{action}">{ids}{body}</review>\n'


def xml_file(*records: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<reviews>\n' + "".join(records) + "</reviews>\n"


@dataclass
class Got:
    """What one or more runs gave, as the store would have it."""

    records: dict[str, ReviewRecord] = field(default_factory=dict)
    deletions: list[Deletion] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    cursor: Cursor = field(default_factory=dict)

    def take(self, provider: Provider, *, full: bool = False, pages: int | None = None) -> Got:
        for page in provider.fetch(self.cursor, full=full):
            self.records.update((r.native_id, r) for r in page.reviews)
            for gone in page.deletions:
                self.records.pop(gone.native_id, None)
            self.deletions += page.deletions
            self.rejected += page.rejected
            self.cursor = page.cursor
            self.pages.append(page)
            if len(self.pages) == pages:
                break
        return self


@dataclass
class FtpDouble:
    """A running FTP server; ``passwords`` are all that it was shown, ``commands`` all that it was asked."""

    port: int
    username: str = "feed"
    password: str = "practice-password"
    passwords: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


@contextmanager
def ftp_server(
    folder: Path, certificate: Path | None = None, *, mlsd: bool = True, username: str = "feed"
) -> Iterator[FtpDouble]:
    """pyftpdlib on loopback; with ``certificate`` (key and chain in one PEM file) nothing goes without TLS."""
    pytest.importorskip("OpenSSL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of asyncore, on which pyftpdlib stands
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
        from pyftpdlib.servers import FTPServer
    double = FtpDouble(0, username)

    class Doorman(DummyAuthorizer):  # type: ignore[misc]
        def validate_authentication(self, name: str, password: str, handler: Any) -> None:
            double.passwords.append(password)
            super().validate_authentication(name, password, handler)

    doorman = Doorman()
    doorman.add_user(double.username, double.password, str(folder), perm="elr")
    base = TLS_FTPHandler if certificate is not None else FTPHandler

    class Handler(base):  # type: ignore[misc, valid-type]
        authorizer = doorman
        banner = "practice"
        auth_failed_timeout = 0.05
        if certificate is not None:
            certfile = str(certificate)
            tls_control_required = True
            tls_data_required = True
        if not mlsd:
            proto_cmds = {k: v for k, v in base.proto_cmds.items() if k != "MLSD"}

        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            double.commands.append(cmd)
            super().pre_process_command(line, cmd, arg)

    server = FTPServer(("127.0.0.1", 0), Handler)
    double.port = server.address[1]
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            server.serve_forever(timeout=0.05, blocking=False, handle_exit=False)

    thread = threading.Thread(target=serve, name="practice-ftp", daemon=True)
    thread.start()
    try:
        yield double
    finally:
        ended.set()
        thread.join(5)
        server.close_all()

"""Whom every connection of ours trusts: HTTP's and FTP's alike."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

import certifi

from reviewdesk.domain.errors import TlsError

__all__ = ["trusted_tls"]


def trusted_tls(ca_file: str) -> ssl.SSLContext:
    """The system's trust store, plus ``ca_file`` (empty: none), read again when the file has changed. Any thread.

    There is no way to switch verification off. Raises ``TlsError`` when the file can't be read.
    """
    changed = 0.0
    if ca_file:
        try:
            changed = Path(ca_file).stat().st_mtime
        except (OSError, ValueError):
            changed = -1.0  # said when it is loaded
    return _made(ca_file, changed)


@lru_cache(maxsize=16)
def _made(ca_file: str, _changed: float) -> ssl.SSLContext:
    context = ssl.create_default_context()
    # Some systems' own policy (or the lack of one) lets Python's default go lower.
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    if not _system_trusts_anybody(context):
        # A Python without any store of its own (macOS before its certificates were installed, frozen builds).
        context.load_verify_locations(certifi.where())
    readable = True
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ValueError):
            readable = False
    if not readable:
        raise TlsError(
            "The file of the account's own certificate authority (ca_file) can't be read.",
            remedy="It must be a file in PEM form.",
        )
    return context


def _system_trusts_anybody(context: ssl.SSLContext) -> bool:
    if context.cert_store_stats()["x509_ca"]:
        return True
    folder: str | None = (
        ssl.get_default_verify_paths().capath
    )  # read by OpenSSL when it needs it, so not counted
    try:
        return bool(folder) and any(Path(folder or "").iterdir())
    except OSError:
        return False

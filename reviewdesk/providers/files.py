"""Opens the place where an account's feed files lie (``providers/feeds/``)."""

from __future__ import annotations

from reviewdesk.domain.errors import Delivery, NetworkError
from reviewdesk.providers.base import Context
from reviewdesk.providers.feeds.base import Entry, FeedFile, FileChanged, Listing, Odd, Transport

__all__ = ["TRANSPORTS", "Entry", "FeedFile", "FileChanged", "Listing", "Odd", "Transport", "open_transport"]

TRANSPORTS = ("sftp", "ftps", "ftp", "folder")


def open_transport(context: Context) -> Transport:
    """The transport of the account's settings, not connected yet. Raises ``NetworkError`` for an unknown one."""
    kind = context.settings.get("transport", "").strip() or "sftp"
    # Each library is loaded with its transport only.
    if kind == "folder":
        from reviewdesk.providers.feeds.folder import FolderTransport

        return FolderTransport(context)
    if kind == "sftp":
        from reviewdesk.providers.feeds.sftp import SftpTransport

        return SftpTransport(context)
    if kind in ("ftps", "ftp"):
        from reviewdesk.providers.feeds.ftp import FtpTransport

        return FtpTransport(context, secure=kind == "ftps")
    raise NetworkError(
        f"There is no transport '{kind[:20]}'.",
        remedy=f"It is one of {', '.join(TRANSPORTS)} and api.",
        delivery=Delivery.NOT_SENT,
    )

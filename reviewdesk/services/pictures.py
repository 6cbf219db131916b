"""Pictures of reviews: fetched only when asked for, only from the account's own provider, kept in a limited cache."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import Account, ReviewDetail
from reviewdesk.providers.base import Context
from reviewdesk.services.accounts import AccountService, Never
from reviewdesk.services.pool import Pool
from reviewdesk.store import reviews

if TYPE_CHECKING:
    from reviewdesk.store.database import Store

__all__ = ["PictureService"]

_log = logging.getLogger(__name__)

LARGEST_BYTES = 8 * 1024 * 1024
CACHE_BYTES = 64 * 1024 * 1024
_THREADS = 2

Fetch = Callable[[Context, str, str, frozenset[str]], bytes]
"""``(context, provider title, address, allowed hosts) -> the picture``."""


class PictureService:
    """Any thread. Nothing about pictures is logged but counts: an address may hold a person's name."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        folder: Path,
        *,
        limit_bytes: int = CACHE_BYTES,
        fetch: Fetch | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._folder = folder
        self._limit = limit_bytes
        self._fetch = fetch or _over_http
        self._pool = Pool("pictures", _THREADS)
        self._lock = threading.Lock()
        self._on_way: dict[str, Future[bytes]] = {}

    def fetch(self, review_id: int, url: str) -> Future[bytes]:
        """The picture at ``url``, which must belong to that review; from the cache where it is there.

        The future fails with ``InvalidInput`` (not a picture of this review, or another host) or ``ProviderError``.
        """
        with self._lock:
            running = self._on_way.get(url)
            if running is not None:
                return running
            future = self._pool.submit(self._get, review_id, url)
            self._on_way[url] = future

        def forget(_: Future[bytes]) -> None:
            with self._lock:
                self._on_way.pop(url, None)

        future.add_done_callback(forget)
        return future

    def close(self) -> None:
        self._pool.close()

    def clear(self) -> None:
        """Empty the cache."""
        if self._folder.is_dir():
            for file in self._folder.iterdir():
                file.unlink(missing_ok=True)

    def _get(self, review_id: int, url: str) -> bytes:
        with self._store.read() as reader:
            detail = reviews.detail(reader, review_id)
        if detail is None or url not in _addresses(detail):
            raise InvalidInput("This is no picture of this review.")
        file = self._folder / hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()
        cached = self._from_cache(file)
        if cached is not None:
            return cached
        account = self._accounts.get(detail.row.account_id)
        if account is None:
            raise InvalidInput("The review's account is no longer there.")
        spec = self._accounts.spec(account.provider)
        content = self._fetch(
            self._accounts.context(account, Never(self._clock)), spec.title, url, self._hosts(account)
        )
        self._keep(file, content)
        return content

    def _hosts(self, account: Account) -> frozenset[str]:
        spec = self._accounts.spec(account.provider)
        hosts = {host.lower() for host in spec.hosts}
        for key, value in self._accounts.full_settings(account).items():
            if key.endswith("url") and (host := urlsplit(value).hostname):
                hosts.add(host)
        return frozenset(hosts)

    # --- the cache -----------------------------------------------------------------------------------------

    def _from_cache(self, file: Path) -> bytes | None:
        try:
            content = file.read_bytes()
            os.utime(file)
        except OSError:
            return None
        return content

    def _keep(self, file: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._folder / f".{secrets.token_hex(8)}"
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            part.replace(file)
            self._trim()
        except OSError as error:
            # A cache that can't be written costs a second download, nothing else.
            _log.info("a picture could not be kept: %s", error.strerror)

    def _trim(self) -> None:
        with self._lock:
            found = []
            for file in self._folder.iterdir():
                try:
                    about = file.stat()
                except FileNotFoundError:
                    continue  # another process trims as well
                found.append((about.st_mtime, about.st_size, file))
            total = sum(size for _, size, _ in found)
            for _, size, file in sorted(found, key=lambda entry: entry[0]):
                if total <= self._limit:
                    return
                file.unlink(missing_ok=True)
                total -= size


def _addresses(detail: ReviewDetail) -> set[str]:
    found = {a.url for a in detail.attachments}
    found |= {a.thumbnail_url for a in detail.attachments if a.thumbnail_url}
    if detail.product is not None and detail.product.image_url:
        found.add(detail.product.image_url)
    return found


def _over_http(context: Context, title: str, url: str, hosts: frozenset[str]) -> bytes:
    from reviewdesk.providers.http import HttpClient

    parts = urlsplit(url)
    client = HttpClient(f"{parts.scheme}://{parts.netloc}", context, title=title)
    try:
        return client.fetch_bytes(url, LARGEST_BYTES, hosts=hosts).body
    finally:
        client.close()

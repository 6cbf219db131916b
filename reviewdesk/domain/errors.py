"""The typed errors. Every message here may be shown to a person: no secret, no customer text, no traceback."""

from __future__ import annotations

from enum import StrEnum

from reviewdesk.domain.plain import dataclass

__all__ = [
    "AlreadyQueued",
    "BadAnswer",
    "Cancelled",
    "Delivery",
    "ErrorInfo",
    "ErrorKind",
    "HostKeyError",
    "InvalidInput",
    "KeychainLocked",
    "KeychainMissing",
    "NetworkError",
    "NotAvailable",
    "NotFound",
    "PermissionDenied",
    "ProviderError",
    "RateLimited",
    "Refused",
    "ReviewdeskError",
    "SecretError",
    "ServerError",
    "SignInError",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreNewer",
    "StoreUnusable",
    "TlsError",
    "error_info",
]


class ErrorKind(StrEnum):
    """The kinds of the command line's ``error.kind`` (cli.md, Sync), plus ``refused`` for outgoing actions."""

    NETWORK = "network"
    TLS = "tls"
    SIGN_IN = "sign-in"
    PERMISSION = "permission"
    RATE_LIMIT = "rate-limit"
    NOT_FOUND = "not-found"
    BAD_ANSWER = "bad-answer"
    SERVER = "server"
    HOST_KEY = "host-key"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class Delivery(StrEnum):
    """What is known about an outgoing request when it failed. The whole of send safety hangs on this."""

    NOT_SENT = "not-sent"
    """No byte of the request body can have been acted on (DNS, refused, TLS, connect timeout, 401/403/429)."""
    REFUSED = "refused"
    """The provider understood and said no, for good (400, 404, 409, 410, 415, 422)."""
    UNKNOWN = "unknown"
    """It may or may not have happened (cut or timed out after the first byte, 5xx, unreadable 2xx)."""


class ReviewdeskError(Exception):
    """Base of all errors a person may see. ``remedy`` is one sentence that says what to do, or empty."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InvalidInput(ReviewdeskError):
    """A value that cannot be right; said before anything was done (exit code 2)."""


class NotAvailable(ReviewdeskError):
    """The account lacks the capability; the message is the capability's own reason."""


class AlreadyQueued(ReviewdeskError):
    """A live outbox item of this kind for this review and target is there: at most one may be."""


# --- providers -----------------------------------------------------------------------------------


class ProviderError(ReviewdeskError):
    """A call to a provider failed.

    ``kind`` is what the command line prints, ``delivery`` what an outgoing action may conclude,
    ``retry_after_s`` seconds the provider asked us to wait, ``status`` the HTTP status where there was one,
    ``provider_words`` the provider's own message (plain text, at most 300 characters).
    """

    kind: ErrorKind = ErrorKind.SERVER
    default_delivery: Delivery = Delivery.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        delivery: Delivery | None = None,
        retry_after_s: float | None = None,
        status: int | None = None,
        provider_words: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.delivery = self.default_delivery if delivery is None else delivery
        self.retry_after_s = retry_after_s
        self.status = status
        self.provider_words = provider_words


class NetworkError(ProviderError):
    """Name not found, refused, cut, timed out."""

    kind = ErrorKind.NETWORK


class TlsError(ProviderError):
    """The certificate is not trusted, expired or belongs to another host."""

    kind = ErrorKind.TLS
    default_delivery = Delivery.NOT_SENT


class SignInError(ProviderError):
    """Wrong or expired credentials, after one renewal."""

    kind = ErrorKind.SIGN_IN
    default_delivery = Delivery.NOT_SENT


class PermissionDenied(ProviderError):
    """403 as JSON, inactive account, plan lacks it."""

    kind = ErrorKind.PERMISSION
    default_delivery = Delivery.NOT_SENT


class RateLimited(ProviderError):
    """429 or the provider's own limit code."""

    kind = ErrorKind.RATE_LIMIT
    default_delivery = Delivery.NOT_SENT


class NotFound(ProviderError):
    """404 on a list or an unknown business; on an item, the item is gone."""

    kind = ErrorKind.NOT_FOUND
    default_delivery = Delivery.REFUSED


class Refused(ProviderError):
    """The provider said no for good: 400, 409, 410, 415, 422."""

    kind = ErrorKind.REFUSED
    default_delivery = Delivery.REFUSED


class BadAnswer(ProviderError):
    """Unreadable, wrong shape, HTML with status 200, a redirect elsewhere, too large."""

    kind = ErrorKind.BAD_ANSWER


class ServerError(ProviderError):
    """5xx, maintenance, a firewall's HTML page."""

    kind = ErrorKind.SERVER


class HostKeyError(ProviderError):
    """The SFTP host key is unknown or changed. No password was sent."""

    kind = ErrorKind.HOST_KEY
    default_delivery = Delivery.NOT_SENT


class Cancelled(ProviderError):
    """A person (or the end of the program) stopped the work between two steps."""

    kind = ErrorKind.CANCELLED
    default_delivery = Delivery.NOT_SENT


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An error as it is stored and printed: ``{"kind", "message"}``."""

    kind: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "message": self.message}


def error_info(error: ReviewdeskError) -> ErrorInfo:
    """The storable form of any of our errors."""
    kind = error.kind.value if isinstance(error, ProviderError) else type(error).__name__.lower()
    return ErrorInfo(kind, error.message)


# --- secrets -------------------------------------------------------------------------------------


class SecretError(ReviewdeskError):
    """A secret is needed and can't be had (exit code 4)."""


class KeychainMissing(SecretError):
    """There is no keychain service, or one that keeps nothing or keeps it in plain text."""


class KeychainLocked(SecretError):
    """The keychain is there but locked, or the person declined."""


# --- store ---------------------------------------------------------------------------------------


class StoreError(ReviewdeskError):
    """The environment's fault with the database; a mistake of ours is never a StoreError."""


class StoreBusy(StoreError):
    """Another process held the write lock for longer than the patience of 5 s."""


class StoreFull(StoreError):
    """The disk is full. What was stored before is untouched."""


class StoreUnusable(StoreError):
    """Cannot be opened: permissions, a folder in its place, a network drive (exit code 3)."""


class StoreDamaged(StoreError):
    """The file is not a database or is damaged (exit code 3)."""


class StoreNewer(StoreError):
    """Written by a newer version of Reviewdesk; left exactly as it is (exit code 3)."""

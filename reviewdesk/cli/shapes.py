"""The JSON shapes of the contract (docs/command-line.md): one function each, nothing printed here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.models import (
    Account,
    Comment,
    OutboxItem,
    ReviewDetail,
    Role,
    SyncReport,
)

if TYPE_CHECKING:
    # `list` writes neither.
    from reviewdesk.domain.capabilities import Available, Capability
    from reviewdesk.domain.invitations.model import Invitation

__all__ = ["account_row", "outbox_answer", "outbox_row", "report_row", "review_row", "review_whole"]


def number(value: float | None) -> int | float | None:
    """4.0 as 4: a provider that gives whole numbers gets them back."""
    if value is None:
        return None
    return int(value) if float(value).is_integer() else value


def error_of(info: Any) -> dict[str, str] | None:
    return None if info is None else {"kind": info.kind, "message": info.message}


def sync_error(info: Any) -> dict[str, str] | None:
    """The kinds of the contract: what the keychain kept back is a sign-in that could not be made."""
    if info is None:
        return None
    return {"kind": "sign-in" if info.kind == "keychain" else info.kind, "message": info.message}


def account_row(account: Account, capabilities: dict[Capability, Available]) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "provider": account.provider,
        "state": account.state.value,
        "last_success": iso_utc(account.last_success),
        "last_error": sync_error(account.last_error),
        "token_expires": iso_utc(account.token_expires),
        "capabilities": {
            c.value: {"available": a.available, "reason": a.reason} for c, a in capabilities.items()
        },
    }


def report_row(report: SyncReport) -> dict[str, Any]:
    return {
        "account": report.account,
        "ok": report.ok,
        "new": report.new,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "skipped": [{"where": r.where, "reason": r.reason} for r in report.skipped],
        "calls": report.calls,
        "seconds": report.seconds,
        "error": sync_error(report.error),
    }


def newest_reply(detail: ReviewDetail) -> Comment | None:
    """The newest public business reply known at the provider."""
    if detail.thread_state == "private":
        return None
    replies = [
        (c.created_at or 0, place, c)
        for place, c in enumerate(detail.comments)
        if c.role is Role.BUSINESS and c.state == "published"
    ]
    return max(replies, key=lambda found: found[:2])[2] if replies else None


def review_row(detail: ReviewDetail, account: Account | None) -> dict[str, Any]:
    row, product = detail.row, detail.product
    reply = newest_reply(detail)
    return {
        "id": row.id,
        "account": account.name if account else None,
        "provider": account.provider if account else None,
        "kind": row.kind.value,
        "native_id": row.native_id,
        "score": number(row.score),
        "score_min": number(row.score_min),
        "score_max": number(row.score_max),
        "score100": row.score100,
        "title": detail.title,
        "body": detail.body,
        "language": row.language,
        "author": {
            "name": detail.author.name,
            "username": detail.author.username,
            "email": detail.author.email,
            "id": detail.author.id,
        },
        "created_at": iso_utc(row.created_at),
        "updated_at": iso_utc(row.updated_at),
        "product": None if product is None else {"sku": product.sku, "name": product.name, "id": product.id},
        "order_id": row.order_id,
        "provider_state": row.provider_state.value,
        "work_state": row.work_state.value,
        "reply": None
        if reply is None
        else {"text": reply.text, "created_at": iso_utc(reply.created_at), "by": reply.author},
        "source": row.source,
        "tags": list(row.tags),
        "owner": row.owner,
        "unread": row.unread,
        "edited": row.edited,
    }


def review_whole(
    detail: ReviewDetail, account: Account | None, invitations: Sequence[Invitation] = ()
) -> dict[str, Any]:
    return {
        **review_row(detail, account),
        "sub_scores": [{"name": s.name, "score": number(s.score)} for s in detail.sub_scores],
        "attachments": [
            {"url": a.url, "thumbnail_url": a.thumbnail_url, "mime": a.mime, "caption": a.caption}
            for a in detail.attachments
        ],
        "conversation": {
            "id": detail.thread_id,
            "state": detail.thread_state,
            "comments": [
                {
                    "id": c.id,
                    "author": c.author,
                    "role": c.role.value,
                    "text": c.text,
                    "created_at": iso_utc(c.created_at),
                    "updated_at": iso_utc(c.updated_at),
                    "state": c.state,
                }
                for c in detail.comments
            ],
        },
        "messages": [
            {
                "id": m.id,
                "ours": m.ours,
                "person": m.person,
                "subject": m.subject,
                "body": m.body,
                "created_at": iso_utc(m.created_at),
                "resolution": m.resolution,
            }
            for m in detail.messages
        ],
        "versions": [
            {"at": iso_utc(v.at), "score": number(v.score), "title": v.title, "body": v.body}
            for v in detail.versions
        ],
        "notes": [{"id": n, "at": iso_utc(at), "text": text} for n, at, text in detail.notes],
        "invitations": [invitation_row(i, account) for i in invitations],
        "raw": detail.raw,
    }


def invitation_row(made: Invitation, account: Account | None) -> dict[str, Any]:
    return {
        "id": made.id,
        "at": iso_utc(made.created_at),
        "account": account.name if account else None,
        "way": made.way.value,
        "kind": made.kind.value,
        "email": made.email or None,
        "order_id": made.order_id or None,
        "state": made.state.value,
        "link": made.link,
        "links": dict(made.links),
        "expires": iso_utc(made.expires_at),
    }


def outbox_row(item: OutboxItem, account: Account | None) -> dict[str, Any]:
    return {
        "outbox_id": item.id,
        "kind": item.kind.value,
        "account": account.name if account else None,
        "review": item.review_id,
        "state": item.state.value,
        "error": sync_error(item.error),
        "attempts": item.attempts,
        "not_before": iso_utc(item.not_before),
        "text": item.text,
    }


def outbox_answer(item: OutboxItem) -> dict[str, Any]:
    return {"outbox_id": item.id, "state": item.state.value, "error": sync_error(item.error)}

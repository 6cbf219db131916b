"""The composer: drafts, the safety line, and the way into the outbox."""

from __future__ import annotations

from reviewdesk.ui.composer.composer import Composer

__all__ = ["Composer"]

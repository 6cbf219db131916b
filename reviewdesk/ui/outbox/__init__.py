"""The outbox as a pane: everything on its way, what it waits for, and what needs a person."""

from __future__ import annotations

from reviewdesk.ui.outbox.pane import OutboxPane

__all__ = ["OutboxPane"]

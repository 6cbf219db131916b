"""The insights room: the figures of a search, each of which leads to its reviews."""

from reviewdesk.ui.insights.room import add_to

__all__ = ["add_to"]

"""The products room: a list of products over all sources, and a page for each."""

from reviewdesk.ui.products.room import add_to

__all__ = ["add_to"]

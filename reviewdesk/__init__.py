"""Reviewdesk: one inbox for the reviews of a shop, answered safely."""

__version__ = "0.1.0"

"""Retargeting: order and product feedback in one call (docs/providers/retargeting.md)."""

"""Guaranteed Reviews: public lists, optional private reading, orders that are invited later."""

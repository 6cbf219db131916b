"""Sitejabber (SmartCustomer): reviews, comments, messages, requests, products (docs/providers/sitejabber.md)."""

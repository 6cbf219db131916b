"""The made-up ids and credentials that open the practice providers, and nothing else."""

from __future__ import annotations

__all__ = [
    "COLLEAGUES",
    "DOMAIN",
    "GUARANTEED_REVIEWS",
    "RETARGETING",
    "SITEJABBER",
    "TRUSTPILOT_KEY",
    "TRUSTPILOT_SECRET",
    "UNITS",
    "USERS",
    "VERIFIED_REVIEWS",
]

DOMAIN = "harbour.example"

COLLEAGUES = {"anna": "Anna Nyborg", "jakob": "Jakob Kirkeby"}
"""The people of the shop who answer, by the key that threads use."""

UNITS = {
    "dk": ("58cf9880b3a522f0699bc6d3", "harbour.example", "Harbour DK"),
    "fr": ("5a995c004a7a6071fe483705", "harbour-maison.example", "Harbour FR"),
}
"""The shop's business units at Trustpilot: id, domain, display name."""

USERS = {"59682f0055579b557896d0ce": "Anna Nyborg", "5a00c5805205c62493888149": "Jakob Kirkeby"}
"""The shop's business users at Trustpilot: id -> name, in the order of COLLEAGUES."""

TRUSTPILOT_KEY = "practice-key-5d1c"
TRUSTPILOT_SECRET = "practice-secret-90ab"  # noqa: S105

SITEJABBER = {
    "client_token": "practice-client-token-31c0",
    "email": "anna.nyborg@example.org",
    "password": "practice-password-2e",
    "client_id": "practice-client",
    "client_encryption_key": "practice-encryption-key-0123456",
}

GUARANTEED_REVIEWS = {
    "public_key": "practice-public-4417",
    "private_key": "4417/fr/" + "c0ffee" * 10 + "2026",
}

RETARGETING = {"rest_key": "PRACTICE4E1B6C", "customer_id": "practice-customer-77"}

VERIFIED_REVIEWS = {
    "website_id": "7f3c2a10-4b5d-4e6f-8a9b-0c1d2e3f4a5b",
    "client_id": "practice-skeepers",
    "client_secret": "practice-skeepers-secret-9d",
}

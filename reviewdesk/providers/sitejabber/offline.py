"""Invitation links made without a request: encrypted with the client's own key (docs/providers/sitejabber.md, 8)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import date
from urllib.parse import quote

__all__ = ["offline_link"]

_DOOR = "https://www.sitejabber.com/biz-review"


def offline_link(
    client_id: str,
    encryption_key: str,
    *,
    email: str,
    order_date: date,
    order_id: str,
    first_name: str,
    last_name: str,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """The address that asks this customer for a review. ``random_bytes`` is for tests.

    AES-256-CBC under SHA-256 of the key, then HMAC-SHA256 of the ciphertext under the same digest:
    base64(IV, HMAC, ciphertext). The date inside is month first, unlike everywhere else at Sitejabber.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    plain = json.dumps(
        {
            "email": email,
            "order_date": order_date.strftime("%m-%d-%Y"),
            "order_id": order_id,
            "first_name": first_name,
            "last_name": last_name,
        }
    ).encode()
    key = hashlib.sha256(encryption_key.encode()).digest()
    iv = random_bytes(16)
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    mark = hmac.new(key, sealed, hashlib.sha256).digest()
    payload = base64.b64encode(iv + mark + sealed).decode()
    return f"{_DOOR}?key={quote(client_id, safe='')}&payload={quote(payload, safe='')}"

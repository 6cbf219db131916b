"""Simulated providers on loopback and the sample shop: practice for people, judges for tests.

``start()`` gives a ``PracticeShop``: a real HTTP server on 127.0.0.1 that plays the providers as strictly as their
documents, filled with the reviews of a made-up shop. Nothing here talks to any other machine.
"""

from __future__ import annotations

from reviewdesk.practice.desk import PracticeAccount, PracticeShop, start

__all__ = ["PracticeAccount", "PracticeShop", "start"]

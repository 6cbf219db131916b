"""Simulated providers on loopback and the sample shop: practice for people, judges for tests."""

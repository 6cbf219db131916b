"""Verified Reviews (Avis Vérifiés, Skeepers): the nightly feed of files, and the published-reviews API."""

"""Where a feed's files lie and how they are fetched (``providers/files.py`` opens one)."""

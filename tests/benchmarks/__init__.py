"""How fast it is, at ten thousand, a hundred thousand and a million reviews: ``python -m tests.benchmarks``.

Every figure that can have one stands beside a floor measured in the same run: the least that hand-written SQLite or
a bare Qt window needs for the same on the same machine. The goals are in docs/performance.md.
"""

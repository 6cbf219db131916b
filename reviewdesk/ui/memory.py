"""Memory goes back to the system when it is free.

The C library of Linux keeps large pieces that were freed once, and makes "large" as big as the largest it has seen: after
the ids of a million reviews had been read by three threads it kept 43 MB that nobody used (docs/performance.md).
"""

from __future__ import annotations

import sys

__all__ = ["give_back"]

_LARGE_BYTES = 1024 * 1024
# mallopt(3), malloc.h. Setting one of them ends the growing of both.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def give_back() -> bool:
    """From now on; true where the C library can be told so (glibc). Any thread, some milliseconds."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    try:
        tell = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # another C library
        return False
    return bool(tell(_M_MMAP_THRESHOLD, _LARGE_BYTES) and tell(_M_TRIM_THRESHOLD, _LARGE_BYTES))

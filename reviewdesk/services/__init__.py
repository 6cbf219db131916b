"""Use cases. No Qt, no HTTP, no SQL text."""

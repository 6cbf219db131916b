"""Logging without secrets, crash reports, the doctor's checks."""

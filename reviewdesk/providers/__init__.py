"""Wire formats: what each provider's records and calls look like. No Qt, no SQL, no keychain."""

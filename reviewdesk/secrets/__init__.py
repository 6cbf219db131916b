"""Where credentials live: the OS keychain, or memory for this session only. Never a file."""

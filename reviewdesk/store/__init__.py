"""The one database of a profile, through apsw. Knows only the domain."""

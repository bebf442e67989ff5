"""Keeping it: the archive of raw reports and the SQLite database. The only place with SQL."""

"""Numbers from trades and statements: pure functions."""

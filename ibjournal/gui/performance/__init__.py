"""The performance screen: equity curve, returns, statistics."""

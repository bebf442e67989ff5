"""Use cases: one public method per thing a user can do; synchronous and thread-safe."""

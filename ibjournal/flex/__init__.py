"""Talking to Interactive Brokers: the Flex Web Service and Flex XML (input adapter)."""

"""A synthetic broker that writes Flex XML, and a Flex Web Service on loopback."""

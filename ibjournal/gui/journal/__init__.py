"""The journal screen: the trades and what the user wrote about them."""

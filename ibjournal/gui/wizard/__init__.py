"""The wizard: the first start, and every further depot."""

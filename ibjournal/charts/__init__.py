"""Charts: matplotlib without Qt. Every module draws a frozen series on axes in a given style."""

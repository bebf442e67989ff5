"""Where a figure comes from: the chain down to the row as IBKR wrote it."""

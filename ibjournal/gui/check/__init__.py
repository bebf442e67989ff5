"""The check screen: our figures beside IBKR's, with the reason for each difference."""

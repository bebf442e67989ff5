"""Our figures beside those of IBKR: what is compared, and the evidence for each reason."""

"""ibjournal: a trading journal for people who trade at Interactive Brokers."""

__version__ = "0.1.0"

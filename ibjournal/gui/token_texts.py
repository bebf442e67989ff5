"""What is said where IBKR could not check a new token.

QtCore alone: the command line says the same.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def may_be_kept() -> str:
    """Return that the token can be kept unchecked; follows why it could not be checked."""
    return QCoreApplication.translate(
        "Tokens", "This says nothing about the token: you can keep it unchecked, and the next fetch shows whether IBKR accepts it."
    )


def how_to_keep_it() -> str:
    """Return how the command line keeps it all the same."""
    return QCoreApplication.translate("Tokens", "Give --unchecked for that.")


def kept_unchecked() -> str:
    """Return that a token was kept unchecked."""
    return QCoreApplication.translate(
        "Tokens", "The token is kept, but IBKR could not check it: the next fetch shows whether IBKR accepts it."
    )

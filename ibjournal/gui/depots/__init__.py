"""The settings dialog's depot page and the renewal dialog."""

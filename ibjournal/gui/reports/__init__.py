"""The reports screen: every fetch and import, and its warnings."""

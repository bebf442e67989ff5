"""Charts drawn with matplotlib, without Qt: ``draw(ax, series, style)``."""

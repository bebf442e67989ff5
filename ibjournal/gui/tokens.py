"""The colour values, light and dark; see `ibjournal.gui.theme` for how they are used.

Contrast of every text and mark pair is a test (``tests/gui/test_theme.py``); change a value and the test tells.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Colours by purpose, as ``#RRGGBB``. ``series`` are the lines of a chart in the order they are taken."""

    window: str
    sidebar: str
    surface: str
    raised: str
    sunken: str
    hover: str
    selection: str
    selection_inactive: str
    border: str
    border_strong: str
    field_border: str
    text_strong: str
    text: str
    text_muted: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    focus: str
    positive: str
    negative: str
    positive_soft: str
    negative_soft: str
    positive_cb: str
    negative_cb: str
    positive_cb_soft: str
    negative_cb_soft: str
    warning: str
    warning_soft: str
    info: str
    info_soft: str
    chart_grid: str
    chart_axis: str
    series: tuple[str, ...]


LIGHT = Tokens(
    window="#F4F3EF",
    sidebar="#ECEAE4",
    surface="#FFFFFF",
    raised="#FFFFFF",
    sunken="#F8F7F4",
    hover="#F3F2EE",
    selection="#DFE7F8",
    selection_inactive="#E9E8E3",
    border="#E3E0D9",
    border_strong="#CBC7BD",
    field_border="#8B887F",
    text_strong="#16181D",
    text="#2F333B",
    text_muted="#626670",
    text_disabled="#9A9CA3",
    accent="#2B4EA2",
    accent_hover="#223F85",
    accent_text="#FFFFFF",
    accent_soft="#E6ECFA",
    focus="#2B4EA2",
    positive="#0B7048",
    negative="#B3261E",
    positive_soft="#E2F1E8",
    negative_soft="#FBE7E4",
    positive_cb="#00639C",
    negative_cb="#A34700",
    positive_cb_soft="#E0EFF8",
    negative_cb_soft="#FCEBDC",
    warning="#875300",
    warning_soft="#FCF0D6",
    info="#1A6077",
    info_soft="#E0F0F4",
    chart_grid="#EAE8E2",
    chart_axis="#8B887F",
    series=("#2B4EA2", "#CA6D42", "#85927B", "#B57BAE", "#1D93E9", "#533633", "#3F3860", "#6D2704"),
)

DARK = Tokens(
    window="#15171B",
    sidebar="#111317",
    surface="#1C1F24",
    raised="#25292F",
    sunken="#181A1F",
    hover="#24282E",
    selection="#2A3957",
    selection_inactive="#2C3036",
    border="#2E3239",
    border_strong="#434952",
    field_border="#757C88",
    text_strong="#F3F4F6",
    text="#D5D8DE",
    text_muted="#9EA4AF",
    text_disabled="#666C77",
    accent="#9BB5F5",
    accent_hover="#B5C9FA",
    accent_text="#10182B",
    accent_soft="#252F47",
    focus="#9BB5F5",
    positive="#56C596",
    negative="#FF8F82",
    positive_soft="#1B3229",
    negative_soft="#3E2424",
    positive_cb="#62B8F0",
    negative_cb="#F5A054",
    positive_cb_soft="#182F40",
    negative_cb_soft="#3B2918",
    warning="#E5B65C",
    warning_soft="#372D18",
    info="#6EC1D8",
    info_soft="#182F37",
    chart_grid="#2A2E35",
    chart_axis="#757C88",
    series=("#9BB5F5", "#BC6E32", "#98A678", "#977986", "#95E7F2", "#F1D5C3", "#4481DA", "#C9E48D"),
)

HEAT: dict[str, tuple[str, ...]] = {
    "light": ("#D9796C", "#E6A095", "#F1C6BE", "#F9E3DF", "#F8F7F4", "#DDEFE4", "#B8DFC8", "#8CC9A7", "#5FB187"),
    "dark": ("#7F3A34", "#65322E", "#4B2B29", "#362625", "#24272C", "#20312A", "#234236", "#275443", "#2C6751"),
    "light_cb": ("#DE8B45", "#EBAE78", "#F5CFAB", "#FAE7D5", "#F8F7F4", "#D9EBF6", "#B0D6EC", "#80BCE0", "#52A0D0"),
    "dark_cb": ("#7A4716", "#613A17", "#4A301A", "#37291E", "#24272C", "#1D303D", "#1C4056", "#1D516F", "#1E6289"),
}
"""Nine steps from -4 to +4 around zero; ``_cb`` is blue and orange."""

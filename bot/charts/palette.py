"""The colours of charts on light and dark ground, told apart by people who are colour-blind.

Series are the set of Okabe and Ito (*Color Universal Design*, 2008), those too pale for the ground
darkened or lightened; shades of a heat map are ColorBrewer's *Blues* (Brewer, 2003). No figure is
told by colour alone: each has a label, lines have markers, changes have signs.

The web chat has the same in ``static/css/charts.css``, which a test compares with ``css``.
"""

from pathlib import Path
from typing import Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark"]

_PAIRS: dict[str, tuple[str, str]] = {
    "ground": ("#ffffff", "#1c2220"),
    "ink": ("#1b2422", "#e8ecea"),
    "soft": ("#55605d", "#a9b3b0"),
    "grid": ("#dfe3e1", "#3a4340"),
    "track": ("#eef1f0", "#2a3230"),
    "total": ("#5b6b7a", "#a5b4c2"),
    "good": ("#0072b2", "#56b4e9"),
    "bad": ("#d55e00", "#f08a3c"),
    "target": ("#1b2422", "#e8ecea"),
    "pass": ("#cfe3f1", "#23435a"),
    "likely": ("#6fb3dc", "#2f7fb0"),
}
_SERIES = (
    ("#0072b2", "#56b4e9"), ("#c97f00", "#e69f00"), ("#009e73", "#2fc79b"),
    ("#b2568c", "#de9cc2"), ("#d55e00", "#f08a3c"), ("#3d8fc0", "#8ccbf0"),
    ("#5b6b7a", "#a5b4c2"), ("#8a7a00", "#f0e442"), ("#00594a", "#7fe0c4"),
    ("#7a3b74", "#c79ae0"), ("#8c4a1f", "#e0b088"), ("#27406b", "#9fb4e8"),
)  # fmt: skip
_HEAT = (
    ("#eff3ff", "#1d2b38"), ("#c6dbef", "#14395e"), ("#9ecae1", "#1a5083"), ("#6baed6", "#2a68a0"),
    ("#4292c6", "#5093cc"), ("#2171b5", "#86b9e3"), ("#084594", "#c6dbef"),
)  # fmt: skip
"""From low to high: what is high stands out from the ground."""
_ON_HEAT = tuple(
    ("#1b2422" if at < 5 else "#ffffff", "#ffffff" if at < 4 else "#1b2422") for at in range(7)
)
_PAIRS |= {f"series-{at}": pair for at, pair in enumerate(_SERIES)}
_PAIRS |= {f"heat-{at}": pair for at, pair in enumerate(_HEAT)}
_PAIRS |= {f"on-heat-{at}": pair for at, pair in enumerate(_ON_HEAT)}

CSS = Path(__file__).parents[1] / "platforms/web/static/css/charts.css"


def colors(theme: Theme) -> dict[str, str]:
    """The colour of each part."""
    return {name: pair[theme == "dark"] for name, pair in _PAIRS.items()}


def css() -> str:
    """The same as custom properties of a style sheet."""
    lines = [
        f"  --chart-{name}: light-dark({light}, {dark});" for name, (light, dark) in _PAIRS.items()
    ]
    head = "/* The colours of charts, written from bot/charts/palette.py. */\n"
    return head + ":root {\n" + "\n".join(lines) + "\n}\n"

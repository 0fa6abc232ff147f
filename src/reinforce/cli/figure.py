"""A calibration curve as a small SVG: what was predicted beside what happened."""

from collections.abc import Sequence
from math import floor, sqrt
from xml.sax.saxutils import escape

from attrs import frozen

from reinforce.forgetting.metrics import CalibrationBin

WIDTH, HEIGHT = 460, 520
LEFT, TOP, SIDE = 64, 76, 372
_CERTAIN = 1.96

_STYLE = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#333}"
    ".title{font-size:15px;font-weight:600;fill:#111}.dim{fill:#666}"
    ".grid{stroke:#e4e4e4}.even{stroke:#999;stroke-dasharray:4 4}"
    ".line{fill:none;stroke-width:2}"
)


@frozen
class Curve:
    """A line of the figure.

    Attributes:
        name: as the legend has it.
        bins: its points.
        colour: as CSS has it.
        is_sure: whether its points have their 95 % intervals.
    """

    name: str
    bins: Sequence[CalibrationBin]
    colour: str
    is_sure: bool = False


def calibration_figure(title: str, subtitle: str, curves: Sequence[Curve]) -> str:
    """The figure: a line for each curve, and the diagonal on which a right prediction lies.

    Both axes run from the tenth below the lowest point to 100 %.
    """
    lowest = min(min(one.predicted, one.passed) for curve in curves for one in curve.bins)
    frame = _Frame(min(floor(lowest * 10.0) / 10.0, 0.8))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
        f'<text class="dim" x="{LEFT}" y="42">{escape(subtitle)}</text>',
        *_legend(curves),
        *frame.axes(),
        *(part for curve in curves for part in frame.drawn(curve)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(curves: Sequence[Curve]) -> list[str]:
    parts, x = [], float(LEFT)
    for curve in curves:
        parts.append(f'<circle cx="{x + 5:.1f}" cy="58" r="4" fill="{curve.colour}"/>')
        parts.append(f'<text x="{x + 15:.1f}" y="62">{escape(curve.name)}</text>')
        x += 36 + 7 * len(curve.name)
    parts.append(f'<line class="even" x1="{x:.1f}" y1="58" x2="{x + 22:.1f}" y2="58"/>')
    parts.append(f'<text x="{x + 28:.1f}" y="62">right on average</text>')
    return parts


@frozen
class _Frame:
    """The square in which shares from `low` to 1 have their places."""

    low: float

    def x(self, share: float) -> float:
        return LEFT + SIDE * (share - self.low) / (1.0 - self.low)

    def y(self, share: float) -> float:
        return TOP + SIDE * (1.0 - share) / (1.0 - self.low)

    def axes(self) -> list[str]:
        begin = round(self.low * 10)
        # Every tenth, or every second of them where they are many; 100 % always.
        shares = [tenth / 10 for tenth in range(10, begin - 1, -1 if begin > 4 else -2)]
        parts = []
        for share in sorted(shares):
            x, y = self.x(share), self.y(share)
            parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + SIDE}"/>')
            parts.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + SIDE}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{x:.1f}" y="{TOP + SIDE + 18}" text-anchor="middle">{share * 100:.0f} %</text>')
            parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share * 100:.0f} %</text>')
        middle = TOP + SIDE / 2
        parts.append(
            f'<line class="even" x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}"/>'
            f'<text class="dim" x="{LEFT + SIDE / 2:.1f}" y="{TOP + SIDE + 42}" text-anchor="middle">'
            "predicted probability of recall</text>"
            f'<text class="dim" x="16" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 16 {middle:.1f})">'
            "reviews that passed</text>"
        )
        return parts

    def drawn(self, curve: Curve) -> list[str]:
        places = [(self.x(one.predicted), self.y(one.passed)) for one in curve.bins]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts = [f'<polyline class="line" stroke="{curve.colour}" points="{points}"/>']
        for one, (x, y) in zip(curve.bins, places, strict=True):
            if curve.is_sure:
                low, high = likely(one)
                ends = f'y1="{self.y(max(low, self.low)):.1f}" x2="{x:.1f}" y2="{self.y(high):.1f}"'
                parts.append(f'<line stroke="{curve.colour}" stroke-opacity="0.6" x1="{x:.1f}" {ends}/>')
            said = (
                f"{curve.name}: {one.predicted * 100:.1f} % predicted, {one.passed * 100:.1f} % of {one.count:,} passed"
            )
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{curve.colour}"><title>{escape(said)}</title></circle>'
            )
        return parts


def likely(point: CalibrationBin) -> tuple[float, float]:
    """The 95 % interval of the share that passed (Wilson's score interval).

    >>> low, high = likely(CalibrationBin(0.9, 1.0, 10))
    >>> f"{low:.2f} to {high:.2f}"
    '0.72 to 1.00'
    """
    square = _CERTAIN**2 / point.count
    middle = (point.passed + square / 2.0) / (1.0 + square)
    half = sqrt(point.passed * (1.0 - point.passed) * square + square**2 / 4.0) / (1.0 + square)
    return max(middle - half, 0.0), min(middle + half, 1.0)

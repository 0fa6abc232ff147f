"""The calibration figure."""

from xml.etree import ElementTree

import pytest

from reinforce.cli.figure import HEIGHT, LEFT, SIDE, TOP, WIDTH, Curve, calibration_figure
from reinforce.forgetting.metrics import CalibrationBin

SVG = "{http://www.w3.org/2000/svg}"


def figure_of(*bins: CalibrationBin) -> ElementTree.Element:
    """The parsed figure of one curve."""
    text = calibration_figure("A <title>", "and & more", [Curve("ours", bins, "#00f", is_sure=True)])
    return ElementTree.fromstring(text)  # noqa: S314 - our own


def points_of(svg: ElementTree.Element) -> list[tuple[float, float]]:
    """The places of the curve's points."""
    (line,) = svg.iter(f"{SVG}polyline")
    pairs = (pair.split(",") for pair in line.attrib["points"].split())
    return [(float(x), float(y)) for x, y in pairs]


def test_points_lie_where_their_shares_are() -> None:
    """The axes are the same: what was predicted rightly lies on the diagonal, what was promised too much below it."""
    svg = figure_of(CalibrationBin(0.5, 0.5, 100), CalibrationBin(0.75, 0.5, 100), CalibrationBin(1.0, 1.0, 100))

    assert points_of(svg) == [
        (LEFT, TOP + SIDE),
        (LEFT + SIDE / 2, TOP + SIDE),
        (LEFT + SIDE, TOP),
    ]


@pytest.mark.parametrize("share", [0.0, 0.005, 0.31, 0.5, 0.83, 0.999, 1.0])
def test_everything_is_inside(share: float) -> None:
    """Whatever the shares, every point, interval and label lies in the picture."""
    svg = figure_of(CalibrationBin(share, 1.0 - share, 3), CalibrationBin(1.0, share, 1))

    for one in svg.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(one.attrib.get(name, 0)) <= WIDTH
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(one.attrib.get(name, 0)) <= HEIGHT
    for circle in list(svg.iter(f"{SVG}circle"))[1:]:
        assert LEFT <= float(circle.attrib["cx"]) <= LEFT + SIDE
        assert TOP <= float(circle.attrib["cy"]) <= TOP + SIDE


def test_text_is_escaped() -> None:
    """Titles are text and no markup, and each point says its numbers."""
    svg = figure_of(CalibrationBin(0.9, 0.85, 1234))

    said = [text for one in svg.iter() if (text := one.text)]
    assert "A <title>" in said
    assert "and & more" in said
    assert "ours: 90.0 % predicted, 85.0 % of 1,234 passed" in said

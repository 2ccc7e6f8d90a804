"""The colors of plots differ for people with any color vision."""

from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from localgrad.plot._colors import ON_DARK, ON_LIGHT, ramp, signs
from matplotlib.colors import to_rgb

# Linear RGB as seen by dichromats, from Machado, Oliveira and Fernandes (2009).
VISION = {
    "normal": np.eye(3),
    "deuteranopia": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
TO_XYZ = [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8727]]  # white is 1, 1, 1


def seen(color, vision):
    """Return a color in CIE L*a*b*, in which a distance of 2.3 is just noticeable."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colors", [ON_LIGHT, ON_DARK], ids=["light", "dark"])
def test_colors_differ(colors, vision):
    for one, other in combinations(colors, 2):
        assert np.linalg.norm(seen(one, vision) - seen(other, vision)) > 12, (one, other)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("colors", "paper"), [(ON_LIGHT, "white"), (ON_DARK, "black")])
def test_the_first_colors_differ_strongly_from_each_other_and_the_background(colors, paper, vision):
    first, second, background = (seen(color, vision) for color in (*colors[:2], paper))
    for one, other in combinations((first, second, background), 2):
        assert np.linalg.norm(one - other) > 40


def test_maps_are_transparent_at_zero():
    assert ramp("#0072B2")(0.0)[3] == 0
    assert ramp("#0072B2")(1.0)[3] == 1
    both = signs("#0072B2", "#D55E00")
    assert both(0.0)[3] == both(1.0)[3] == 1
    assert both(0.5)[3] < 0.01
    assert both(0.25)[2] > both(0.25)[0]  # blue is negative
    assert both(0.75)[0] > both(0.75)[2]

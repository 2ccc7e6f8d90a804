"""The networks that are trained, and how much work a step of each is."""

from dataclasses import dataclass

_ROWS = 10_000


@dataclass(frozen=True)
class Net:
    """Layer sizes, rows in a mini-batch and in an epoch, and the hidden layers' activation."""

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    rows: int = _ROWS
    activation: str = "sigmoid"
    published: str = ""
    """What others have published about training it with Adam."""

    def __str__(self) -> str:
        widths = "-".join(map(str, self.sizes))
        return f"{self.name} {widths}" if self.name else widths


_SIMPLE_CHAINS = "by SimpleChains.jl (Julia), Adam: about 54 GFLOP/s a core, on another machine"

NETS = {
    net.name: net
    for net in (
        Net("A", (784, 30, 10), 10, 20_000),
        Net("B", (784, 100, 10), 20, 20_000),
        Net("C", (784, 128, 64, 10), 64, 20_000),
        Net("D", (784, 512, 512, 10), 128, 10_240),
        Net("E", (13, 64, 64, 1), 32, 20_000),
        Net("F", (4, 64, 64, 2), 64, 20_000),
        Net("G", (1024, 1024, 1024, 1024, 10), 256, 2560),
        Net("H", (28, 256, 256, 256, 256, 1), 100, 10_000),
        Net("S", (4, 32, 16, 4), 10_000, 10_000, "tanh", _SIMPLE_CHAINS),
    )
}
"""From a small classifier of digits to 1024 wide; E, F and S as tables and control problems have them."""


def operations(net: Net) -> int:
    """Count the floating-point operations of a step that are products and their sums.

    For each weight and row, 2 in each of (F), (D2) and (G1); there is no (D2) for the input.

    Examples
    --------
    >>> operations(Net("", (3, 5, 2), 10))
    1200
    """
    layers = enumerate(zip(net.sizes, net.sizes[1:], strict=False))
    return net.batch_size * sum((6 if i else 4) * m * n for i, (m, n) in layers)

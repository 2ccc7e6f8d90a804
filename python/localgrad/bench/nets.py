"""The networks of the benchmark, and the number of operations of a training step."""

from dataclasses import dataclass

_ROWS = 10_000


@dataclass(frozen=True)
class Net:
    """A network: layer widths, batch size, number of examples in an epoch, and hidden activation."""

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    rows: int = _ROWS
    activation: str = "sigmoid"
    published: str = ""
    """A published result for training this network with Adam, for comparison."""

    def __str__(self) -> str:
        widths = "-".join(map(str, self.sizes))
        return f"{self.name} {widths}" if self.name else widths


_SIMPLE_CHAINS = "SimpleChains.jl (Julia), Adam: about 54 GFLOP/s per core, on another machine"

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
"""Networks of different sizes: A to D and G for images, E, F, H and S for tabular data and control."""


def operations(net: Net) -> int:
    """Return the number of multiplications and additions in the matrix products of a step.

    For each weight and each example there are 2 in each of (F), (D2) and (G1). (D2) is not computed for the
    input.

    Examples
    --------
    >>> operations(Net("", (3, 5, 2), 10))
    1200
    """
    layers = enumerate(zip(net.sizes, net.sizes[1:], strict=False))
    return net.batch_size * sum((6 if i else 4) * m * n for i, (m, n) in layers)

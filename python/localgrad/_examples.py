"""Examples, with what the network should answer and what each of them weighs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import ArrayLike, NDArray

from localgrad._arrays import FloatArray, as_rows, batch, check_some, examples, targets
from localgrad._check import shown
from localgrad._weights import ClassWeight, Weights, example_weights

if TYPE_CHECKING:
    from localgrad._state import State

__all__ = ["Examples"]


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows (n, m_1), targets (n, width) or labels (n,), and weights float64 (n,), None where all are 1."""

    network: "State"
    rows: NDArray[Any]
    targets: NDArray[Any]
    weights: Weights | None
    names: tuple[str, str]
    single: bool = False

    @classmethod
    def of(
        cls,
        network: "State",
        X: ArrayLike,
        y: ArrayLike,
        *,
        names: tuple[str, str] = ("X", "y"),
        only_batch: bool = False,
        sample_weight: ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
    ) -> Self:
        """Check examples for a network; `only_batch` refuses a single one without the batch axis."""
        network._check_cost()
        x_name, y_name = names
        if only_batch:
            rows, single = batch(X, x_name, network.sizes[0], network.dtype), False
        else:
            rows, single = examples(X, x_name, network.sizes[0], network.dtype)
            check_some(rows, x_name)
        wanted = targets(
            y,
            y_name,
            len(rows),
            network._native.target_width,
            network.dtype,
            classes=network._takes_labels,
            single=single,
            x_name=x_name,
        )
        weights = example_weights(
            sample_weight, class_weight, wanted, classes=_classes(network), single=single
        )
        return cls(network, rows, wanted, weights, names, single)

    @classmethod
    def held_out(cls, network: "State", validation: Any) -> Self:
        """Check the argument `validation` of fit."""
        if not isinstance(validation, tuple | list):
            raise TypeError(f"validation must be a pair (X, y), given {shown(validation)}")
        if len(validation) != 2:
            raise ValueError(f"validation must be a pair (X, y) of length 2, given length {len(validation)}")
        return cls.of(network, *validation, names=("validation X", "validation y"), only_batch=True)

    def __len__(self) -> int:
        return len(self.rows)

    def evaluate(self, n_threads: int) -> dict[str, float]:
        """Measure the cost and, where that has a meaning, the accuracy."""
        cost, accuracy = self.network._native.evaluate(
            self.rows, self.targets, self.weights, n_threads, *self.names
        )
        return {"cost": cost} if accuracy < 0 else {"cost": cost, "accuracy": accuracy}

    def target_rows(self) -> FloatArray:
        """Return a copy of the targets as the cost sees them, labels as rows."""
        network = self.network
        # Hinge knows classes as -1 and 1.
        low = -1.0 if network.cost == "hinge" and self.targets.ndim == 1 else 0.0
        return as_rows(self.targets, network._native.target_width, network.dtype, low=low)


def _classes(network: "State") -> int | None:
    if not network._takes_labels:
        return None
    return max(network.sizes[-1], 2)  # a single output decides between 0 and 1

"""What a training run was given, and the network before and after it, for `History.diagnose`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

__all__ = ["DataSummary", "Setup", "Snapshot"]

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class DataSummary:
    """Inputs and targets as the network sees them: after `input_scale` and standardization.

    Attributes
    ----------
    rows : int
        Number of training examples that were read, evenly spaced.
    input_mean, input_std : tuple of float
        Mean and standard deviation of each input.
    target_mean, target_std, target_low, target_high : tuple of float
        Mean, standard deviation, lowest and highest value of each target; of class labels, of the 0s and 1s
        (or -1s and 1s) that stand for them.
    output_range : (float, float)
        Range of the activation of the output.
    unreachable : float
        Share of the variance of the targets that remains if every output is as close to its target as the
        range of the output's activation allows.
    constant_cost : float or None
        Mean cost of the training examples for the best prediction that is the same for all of them. None for
        a custom cost.
    constant_delta : float or None
        Root mean square of δ in the output layer for this prediction.
    validation_constant_cost : float or None
        Mean cost of the validation examples for this prediction; None without validation data.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 2, 1], output="sigmoid", cost="mse", seed=0)
    >>> data = net.fit([[0.0], [2.0]], [0.0, 4.0], epochs=1, diagnostics=True).setup.data
    >>> data.input_mean, data.target_high, data.output_range
    ((1.0,), (4.0,), (0.0, 1.0))
    >>> data.unreachable  # 4 is out of reach by 3, and the standard deviation is 2
    1.125
    """

    rows: int
    input_mean: Numbers
    input_std: Numbers
    target_mean: Numbers
    target_std: Numbers
    target_low: Numbers
    target_high: Numbers
    output_range: tuple[float, float]
    unreachable: float
    constant_cost: float | None
    constant_delta: float | None
    validation_constant_cost: float | None


@dataclass(frozen=True)
class Snapshot:
    """Backpropagation of the sampled examples through the network, without dropout and noise.

    Tuples have a number per layer, from layer 2 to the output, as in the history.

    Attributes
    ----------
    cost : float
        Mean cost.
    delta_rms, z_rms, a_rms : tuple of float
        Root mean square of δ, z and a over examples and units.
    saturated, dead : tuple of float
        Shares of saturated units × examples and of dead units, as in the history; 0 for the output.
    step_ratio : tuple of float or None
        Root mean square of one update of the optimizer over that of the weights, computed from the gradient;
        None for optimizers without a learning rate, or if it has a schedule.
    gradient_noise_scale : float
        Noise scale of the gradient, as that of `Network.gradient_noise_scale`.
    output_std : tuple of float
        Standard deviation of each output over the examples.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init="zeros")
    >>> setup = net.fit([[0.0], [2.0]], [0.0, 4.0], epochs=1, diagnostics=True).setup
    >>> setup.start.cost, setup.start.output_std
    (4.0, (0.0,))
    """

    cost: float
    delta_rms: Numbers
    z_rms: Numbers
    a_rms: Numbers
    saturated: Numbers
    dead: Numbers
    step_ratio: Numbers | None
    gradient_noise_scale: float
    output_std: Numbers

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the snapshot of which `values` are the attributes, with lists for tuples.

        Raises KeyError, TypeError or ValueError if one is missing or has another type.

        Examples
        --------
        >>> from localgrad.diagnosis import Snapshot
        >>> layers = dict.fromkeys(("delta_rms", "z_rms", "a_rms", "saturated", "dead", "output_std"), [0.5])
        >>> Snapshot.from_dict({"cost": 1.0, "gradient_noise_scale": 2.0, "step_ratio": None, **layers}).dead
        (0.5,)
        """
        single = ("cost", "gradient_noise_scale")
        names = [one.name for one in fields(cls) if one.name not in (*single, "step_ratio")]
        rows: dict[str, Any] = {name: tuple(float(number) for number in values[name]) for name in names}
        steps = values["step_ratio"]
        if steps is not None:
            steps = tuple(float(number) for number in steps)
        numbers: dict[str, Any] = {name: float(values[name]) for name in single}
        return cls(**numbers, **rows, step_ratio=steps)


@dataclass(frozen=True)
class Setup:
    """Settings of a `Network.fit` and, with ``diagnostics=True``, a summary of its data.

    It is stored as `History.setup`. All values are numbers, texts and tuples, so that it can be pickled, and
    written as JSON with `to_dict`.

    Attributes
    ----------
    sizes : tuple of int
        Widths of the layers.
    activations : tuple of str
        Activation of each layer from layer 2 to the output.
    cost : str
        Name of the cost.
    optimizer : str
        The optimizer with its settings.
    learning_rate : float or None
        Its learning rate; None if it has none.
    batch_size : int
        Number of examples per mini-batch.
    mini_batches : int or None
        Number of mini-batches per epoch; None if unknown.
    standardize : bool
        Whether the network standardizes its inputs.
    restores_best : bool
        Whether the parameters of the best epoch are restored after training.
    diverged : bool
        Whether the fit raised FloatingPointError.
    data : DataSummary or None
        Summary of the data; None without diagnostics, and for blocks.
    start, end : Snapshot or None
        The network before and after training, on the same examples; None without diagnostics, and for blocks.
        `start` is that of the fit that was resumed, and None if that had no diagnostics.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 2, 1], seed=0)
    >>> history = net.fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0], epochs=5, batch_size=3, diagnostics=True)
    >>> history.setup.sizes, history.setup.batch_size, history.setup.data.input_mean
    ((1, 2, 1), 3, (1.0,))
    >>> round(history.setup.data.constant_cost, 6)  # half the variance of the targets
    0.333333
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    cost: str
    optimizer: str
    learning_rate: float | None
    batch_size: int
    mini_batches: int | None
    standardize: bool
    restores_best: bool = False
    diverged: bool = False
    data: DataSummary | None = None
    start: Snapshot | None = None
    end: Snapshot | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the values as a dict of what `json.dumps` supports; numbers may be infinite or NaN.

        Examples
        --------
        >>> import localgrad as lg
        >>> history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=1)
        >>> history.setup.to_dict()["batch_size"], history.setup.to_dict()["data"]
        (1, None)
        """
        return asdict(self)

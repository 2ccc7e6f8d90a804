"""The internal model of a network, without history and the state of partial_fit."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from localgrad._arguments.check import shown
from localgrad._arrays import PLAIN, check_columns
from localgrad._arrays.rows import FloatArray
from localgrad._model.guard import Guard
from localgrad._model.native import Native, with_seed
from localgrad._model.pickled import described, restored
from localgrad._model.views import Views, assign
from localgrad.costs import CustomCost
from localgrad.standardization import Standardization


class Model:
    """A native network with its properties, its guard, and its custom cost.

    Attributes
    ----------
    native : Network32 or Network64
        The core's network.
    guard : Guard
        Exclusive write access to it.
    custom_cost : callable or None
        The function, if `cost` is "custom"; None after loading a file without it.
    initial : ndarray or None
        The parameters, if `init` was arrays, for `reset`.
    """

    def __init__(
        self, native: Native, custom_cost: CustomCost | None = None, initial: FloatArray | None = None
    ) -> None:
        if custom_cost is not None:
            native.set_custom_cost(custom_cost)
        self.native = native
        self.guard = Guard()
        self.custom_cost = custom_cost
        self.initial = initial
        # These never change, and the core would create a new object for each access.
        self.sizes = tuple(native.sizes)
        self.options = native.options
        self.activation = tuple(self.options["activation"])
        self.output = self.options["output"]
        self.cost = self.options["cost"]
        self.dropout = tuple(self.options["dropout"])
        self.dtype = native.parameters.dtype
        self.num_parameters = native.parameters.size
        self.classifies = native.classifies
        self.standardizes_targets = native.standardizes_targets
        self.target_width = native.target_width
        # Several independent yes/no outputs are not classes.
        many_questions = self.sizes[-1] > 1 and self.cost.startswith("binary_cross_entropy")
        self.takes_labels = self.classifies and not many_questions

    @property
    def seed(self) -> int:
        """Seed of all random numbers of the network."""
        return self.native.seed

    @property
    def epochs(self) -> int:
        """Number of epochs that the network has been trained for."""
        return self.native.epochs

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """Names of the columns that the network was trained on, None if they had no names."""
        return tuple(self.native.feature_names) or None

    @property
    def standardization(self) -> Standardization | None:
        """Means and standard deviations of the data, None if they are not known."""
        return Standardization._of(self.native.standardization)

    @property
    def standardize_now(self) -> bool:
        """Whether the network standardizes, but does not know the means and standard deviations yet."""
        return self.options["standardize"] and self.native.standardization is None

    @property
    def parameters(self) -> FloatArray:
        """All parameters as one view, read-only while they must not be changed."""
        return self._view(self.native.parameters)

    def set_parameters(self, value: ArrayLike) -> None:
        """Copy an array of the same shape with finite values into the buffer."""
        with self.guard.changing():
            assign(self.native.parameters, value, "parameters")

    @property
    def weights(self) -> Views:
        """Views of the weights of each layer."""
        return self._views("weights", self.native.weights)

    @property
    def biases(self) -> Views:
        """Views of the biases of each layer."""
        return self._views("biases", self.native.biases)

    @property
    def input_scales(self) -> FloatArray | None:
        """View of the scales of the inputs, or None if the network does not learn them."""
        scales = self.native.input_scales
        return None if scales is None else self._view(scales)

    def set_input_scales(self, value: ArrayLike) -> None:
        """Copy an array of shape (sizes[0],) with finite values into the buffer."""
        scales = self.native.input_scales
        if scales is None:
            raise AttributeError("input_scales requires a network with learn_input_scale=True")
        with self.guard.changing():
            assign(scales, value, "input_scales")

    def _views(self, name: str, view: Callable[[int], FloatArray]) -> Views:
        return Views(name, lambda i: self._view(view(i)), len(self.sizes) - 1, self.guard.changing)

    def _view(self, view: FloatArray) -> FloatArray:
        if not self.guard.writable:
            view.flags.writeable = False
        return view

    def set_initial(self, init: Any) -> None:
        """Set the parameters to arrays (weights, biases), and keep them for `reset`."""
        if not isinstance(init, Sequence) or len(init) != 2:
            count = f" of length {len(init)}" if isinstance(init, Sequence) else ""
            raise TypeError(
                f"init must be a name or a pair (weights, biases) of length 2, "
                f"got {type(init).__name__}{count}"
            )
        layers = len(self.sizes) - 1
        for views, values, what in zip((self.weights, self.biases), init, ("weights", "biases"), strict=True):
            name = f"init {what}"
            if not isinstance(values, Sequence | np.ndarray):
                raise TypeError(f"{name} must be a sequence of arrays, got {shown(values)}")
            if len(values) != layers:
                raise ValueError(
                    f"{name} must have length {layers}, one array for each layer, got {len(values)}"
                )
            for i, value in enumerate(values):
                assign(views[i], value, f"{name}[{i}]")
        self.initial = self.parameters.copy()
        self.initial.flags.writeable = False  # copies of the network share it
        self.native.init_given = True

    def copy(self) -> "Model":
        """Return an independent model with the same parameters, seed and epochs."""
        return Model(self.native.copy(), self.custom_cost, self.initial)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "_network": described(self.native),
            "_cost_function": self.custom_cost,
            "_initial": self.initial,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(vars(Model(*restored(state))))

    def __deepcopy__(self, memo: Any) -> "Model":
        return self.copy()  # a custom cost is shared, not copied

    def check_resettable(self) -> None:
        """Raise a RuntimeError if the initial parameters are unknown."""
        if self.native.init_given and self.initial is None:
            raise RuntimeError(
                "reset does not support a network that was loaded from a file and had arrays as init: files "
                "do not contain the initial parameters; create a new Network with them"
            )

    def reset(self, seed: int) -> None:
        """Restore the initial parameters, or draw them from the seed, and set the epochs to 0."""
        native = self.native
        if self.initial is None:
            native.parameters[...] = with_seed(native, seed).parameters
        else:
            native.parameters[...] = self.initial
        native.seed, native.epochs, native.feature_names = seed, 0, []
        native.standardization = None

    def check_cost(self) -> None:
        """Raise a ValueError if the function of a custom cost is missing."""
        if self.cost == "custom" and self.custom_cost is None:
            raise ValueError("This file was saved with a custom cost; pass it to load(path, cost=f)")

    def check_columns(self, X: ArrayLike, name: str) -> None:
        """Raise a ValueError for a data frame with other columns than the network was trained on."""
        if not isinstance(X, PLAIN):
            check_columns(X, name, self.feature_names)

    def facts(self, title: str) -> str:
        """Return a summary in one line."""
        # Options are listed only where they differ from the default.
        usual = type(self.native)([1, 1]).options
        changes = [
            f"{name.replace('_', ' ')} {value:g}"
            for name, value in self.options.items()
            if isinstance(value, float) and value != usual[name]  # type: ignore[literal-required]
        ]
        if self.options["learn_input_scale"]:
            changes.append("learn input scale")
        facts = [
            "-".join(str(width) for width in self.sizes),
            f"{self.num_parameters} parameters",
            self.dtype.name,
            self.cost,
            *changes,
            *(["standardize"] if self.options["standardize"] else []),
            f"seed {self.seed}",
        ]
        return f"{title}({', '.join(facts)})"

    def layers(self) -> list[tuple[str, str, str, str, str]]:
        """Return fan-in, fan-out, activation, number of parameters, and options of each layer of weights."""
        functions = (*self.activation, self.output)
        changes = [
            "  ".join([f"dropout {rate:g}"] * (rate != 0) + [f"init gain {gain:g}"] * (gain != 1))
            for rate, gain in zip((*self.dropout, 0.0), self.options["init_gain"], strict=True)
        ]
        return [
            (str(fan_in), str(fan_out), phi, str((fan_in + 1) * fan_out), changed)
            for (fan_in, fan_out), phi, changed in zip(pairwise(self.sizes), functions, changes, strict=True)
        ]

    def page(self, title: str) -> str:
        """Return a description of the network: a summary, and one line for each layer of weights."""
        rows = self.layers()
        f, t, p, c, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = [
            f"  {fan_in:>{f}} -> {fan_out:<{t}}  {phi:<{p}}  {n:>{c}}  {options}".rstrip()
            for fan_in, fan_out, phi, n, options in rows
        ]
        return "\n".join([self.facts(title), *lines])


class Owner(Protocol):
    """A `localgrad.Network`, as used by modules that `network` imports."""

    _core_model: Model

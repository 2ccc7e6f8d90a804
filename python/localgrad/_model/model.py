"""What a network is and keeps: its layers, its parameters, its files and copies."""

import copy
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from localgrad import _core
from localgrad._arrays import FloatArray
from localgrad._check import file_path, integer, shown
from localgrad._containers import PLAIN, check_columns
from localgrad._functions import CustomCost
from localgrad._guard import Guard
from localgrad._names.keywords import other_names
from localgrad._parameters import Views, assign
from localgrad._pickled import MADE_ANEW, arguments_of, described, restored
from localgrad.history import History

if TYPE_CHECKING:
    from localgrad._training.stream import Stream

__all__ = ["State"]


class Missing:
    """An attribute that `Network.__init__` makes: who asks for it before learns what a subclass forgot.

    The attribute of the instance hides it. (With a `__getattr__` every attribute would take longer to get.)
    """

    def __set_name__(self, kind: type, name: str) -> None:
        self._name = name

    def __get__(self, network: object, kind: type) -> Any:
        if network is None:
            return self
        raise RuntimeError(
            f"{self._name} of the {kind.__name__} is missing: "
            "its __init__ must call super().__init__(sizes, ...)"
        )

    def __repr__(self) -> str:
        return "<made by __init__>"


class State:
    """The part of a `localgrad.Network` that computes nothing."""

    history: History
    """The history of the last fit."""

    if not TYPE_CHECKING:
        _native, _guard, _sizes, _dtype, history = (Missing() for _ in range(5))

    _cost_function: CustomCost | None = None  # of the user's own, if cost is "custom"
    _stream: "Stream | None" = None  # what partial_fit goes on from
    _initial: FloatArray | None = None  # the parameters that `init` gave as arrays, for `reset`

    @classmethod
    def _from_native(
        cls, native: _core.Network32 | _core.Network64, cost_function: CustomCost | None
    ) -> Self:
        network = cls.__new__(cls)
        network._set_native(native, cost_function)
        network.history = History()
        return network

    def _set_native(
        self, native: _core.Network32 | _core.Network64, cost_function: CustomCost | None
    ) -> None:
        if cost_function is not None:
            native.set_custom_cost(cost_function)
        before: Guard | None = self.__dict__.get("_guard")
        with nullcontext() if before is None else before.training():  # a fit goes on with the old one
            self._native = native
            self._guard = Guard()
            self._cost_function = cost_function
            self._stream = None
            # Asked for in every call, and each a new object of the core's.
            self._sizes = tuple(native.sizes)
            self._dtype = native.parameters.dtype

    def _check_cost(self) -> None:
        if self.cost == "custom" and self._cost_function is None:
            raise ValueError(
                "cost must be given to load, as load(path, cost=f): the network's is a function of its own, "
                "and files hold names alone; got None"
            )

    def _check_columns(self, X: ArrayLike, name: str) -> None:
        """Refuse a data frame of other columns than the network was trained on."""
        if not isinstance(X, PLAIN):
            check_columns(X, name, self.feature_names)

    @property
    def _takes_labels(self) -> bool:
        # Units that each answer a question of their own know no classes.
        many_questions = self.sizes[-1] > 1 and self.cost.startswith("binary_cross_entropy")
        return self._native.classifies and not many_questions

    def _set_initial(self, init: Any) -> None:
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
                raise ValueError(f"{name} must hold {layers} arrays, got {len(values)}")
            for i, value in enumerate(values):
                assign(views[i], value, f"{name}[{i}]")
        self._initial = self.parameters.copy()
        self._initial.flags.writeable = False  # copies of the network share it
        self._native.init_given = True

    # What the network is

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths of the layers, from the input to the output."""
        return self._sizes

    @property
    def activation(self) -> tuple[str, ...]:
        """The activation functions of the hidden layers, with those parameters that are not the default."""
        return tuple(self._native.activation)

    @property
    def output(self) -> str:
        """The activation function of the output layer, written alike."""
        return self._native.output

    @property
    def cost(self) -> str:
        """The cost function, written alike; ``"custom"`` if it is a function of the user's."""
        return self._native.cost

    @property
    def dropout(self) -> tuple[float, ...]:
        """The share of its units that each hidden layer loses in training."""
        return tuple(self._native.dropout)

    @property
    def input_dropout(self) -> float:
        """The share of the inputs that are lost in training."""
        return self._native.input_dropout

    @property
    def input_noise(self) -> float:
        """The standard deviation of the noise that is added to the inputs in training."""
        return self._native.input_noise

    @property
    def input_scale(self) -> float:
        """What every number of `X` is multiplied by."""
        return self._native.input_scale

    @property
    def init(self) -> str:
        """The name of the initialisation; ``"zeros"`` if arrays were given, for they replaced zeros."""
        return self._native.init

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the parameters, float32 or float64."""
        return self._dtype

    @property
    def seed(self) -> int:
        """The key of every random number that the network draws."""
        return self._native.seed

    @property
    def epochs(self) -> int:
        """The number of epochs trained so far; (seed, epochs) is the key of the next epoch's order."""
        return self._native.epochs

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """The names of the columns that the network was trained on; None where they had none.

        They are those of the data frame that the last `fit` was given, or else the first `partial_fit`. A
        frame that is given to `predict`, `evaluate`, `backprop`, `partial_fit` or as `validation` must have
        the same columns in the same order. Arrays, which have no names, are taken as they are. Files, copies
        and pickles keep the names.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.Network([2, 1]).feature_names is None
        True
        """
        return tuple(self._native.feature_names) or None

    @property
    def num_parameters(self) -> int:
        """The number of weights and biases."""
        return int(self._native.parameters.size)

    # Parameters

    @property
    def parameters(self) -> FloatArray:
        """All parameters as one writable 1-D view.

        For each i in turn, the weights with the index of the input running slowest
        (``weights[i].T.ravel()``), then the biases. The view stays valid as long as it exists, with or
        without the network. Assigning to the property copies an array of the same shape, all of it finite,
        into the buffer.

        Callbacks of `fit` may assign and write to views: training goes on from there (not that of `LBFGS`,
        except in `on_train_begin` and `on_train_end`). While the network is computing, a signal handler and a
        cost of your own may not, nor may another thread during a whole `fit`: an assignment, to `weights` and
        `biases` too, is a RuntimeError, and a view that is taken then is read-only (NumPy's ValueError). What
        is written meanwhile to a view that was taken before may be kept or lost, and what is read or saved
        may be of an earlier mini-batch: a signal handler that wants to save should raise an exception, which
        ends `fit` at a mini-batch, and leave that to whoever catches it.

        Raises
        ------
        RuntimeError
            By an assignment, at a moment when it would be lost.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 2], init=([[[1, 2], [3, 4]]], [[5, 6]]))
        >>> net.parameters
        array([1., 3., 2., 4., 5., 6.], dtype=float32)
        >>> net.parameters -= 1
        >>> net.weights[0]
        array([[0., 1.],
               [2., 3.]], dtype=float32)
        """
        return self._view(self._native.parameters)

    @parameters.setter
    def parameters(self, value: ArrayLike) -> None:
        with self._guard.changing():
            assign(self._native.parameters, value, "parameters")

    def _views(self, name: str, view: Callable[[int], FloatArray]) -> Views:
        return Views(name, lambda i: self._view(view(i)), len(self.sizes) - 1, self._guard.changing)

    def _view(self, view: FloatArray) -> FloatArray:
        if not self._guard.writable:
            view.flags.writeable = False
        return view

    @property
    def weights(self) -> Views:
        """The weights of each layer: ``weights[i][j, k]`` is w_jk, of shape (sizes[i + 1], sizes[i]).

        A sequence of writable views of `parameters`; ``net.weights[i] = W`` copies W into the buffer.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], init="zeros")
        >>> net.weights[0] = [[0.5, -1]]
        >>> net.weights[0] *= 2
        >>> net.parameters
        array([ 1., -2.,  0.], dtype=float32)
        """
        return self._views("weights", self._native.weights)

    @property
    def biases(self) -> Views:
        """The biases of each layer: ``biases[i][j]`` is b_j, of shape (sizes[i + 1],).

        A sequence of writable views of `parameters`; ``net.biases[i] = b`` copies b into the buffer.

        Examples
        --------
        >>> import localgrad as lg
        >>> [b.shape for b in lg.Network([2, 3, 1]).biases]
        [(3,), (1,)]
        """
        return self._views("biases", self._native.biases)

    # Files and copies

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a file, in place of any file of that name, atomically.

        Parameters
        ----------
        path : str or os.PathLike
            Where to; by custom the name ends in ``.safetensors``. Any reader of that format finds the tensors
            ``weights.i`` and ``biases.i``, and the architecture as JSON in the metadata. Of a cost that is a
            Python function the file says no more than that. Parameters that are not finite are written as
            they are, but `load` refuses them.

        Raises
        ------
        OSError
            If the file cannot be written; what stood there before is still there.

        See Also
        --------
        load : Read the network back.

        Examples
        --------
        >>> import localgrad as lg, tempfile, pathlib
        >>> net = lg.Network([2, 3, 1], seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "net.safetensors"
        ...     net.save(path)
        ...     again = lg.load(path)
        >>> bool((again.parameters == net.parameters).all())
        True
        """
        self._native.save(file_path(path))

    def copy(self) -> Self:
        """Return a network of its own with the same parameters, seed, epochs and history.

        Returns
        -------
        Network
            The copy.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1])
        >>> other = net.copy()
        >>> other.parameters[:] = 0
        >>> bool(net.parameters.any())
        True
        """
        return copy.copy(self)

    @other_names
    def reset(self, seed: int | None = None) -> Self:
        """Start anew: untrained, as a network just made from the same arguments.

        The initial parameters are drawn again, or are the arrays again that `init` gave; `epochs` is 0,
        `history` is empty, `feature_names` is None, and `partial_fit` has forgotten what its optimizer
        remembered. Views of the parameters stay valid.

        Parameters
        ----------
        seed : int, optional
            Another key of all random numbers, in [0, 2⁶⁴); by default the network keeps its `seed`.

        Returns
        -------
        Network
            The network itself.

        Raises
        ------
        TypeError, ValueError
            If `seed` is not such a number.
        RuntimeError
            If the network is being trained, also by the fit whose callback calls this; or if its initial
            parameters were given as arrays and it comes from a file, which does not hold them.

        See Also
        --------
        copy : A copy, trained as far as this network.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 8, 1], seed=0)
        >>> first = net.fit([[0.0], [1.0]], [1.0, 2.0])
        >>> second = net.reset().fit([[0.0], [1.0]], [1.0, 2.0])
        >>> second == first, net.epochs
        (True, 10)

        Without `reset` a second fit continues where the first one ended. ``sklearn.base.clone(net)`` returns
        a copy that has been reset, for a loop over the folds of a ``KFold``; ``cross_val_score`` and
        ``Pipeline`` of scikit-learn 1.6 and later take its own ``BaseEstimator`` alone, not a bare network.
        """
        key = self.seed if seed is None else integer(seed, "seed", at_least=0, below=2**64)
        native = self._native
        if native.init_given and self._initial is None:
            raise RuntimeError(
                "reset does not support a network that was loaded from a file and whose init was given as "
                "arrays: files do not hold the initial parameters; make a new Network with them"
            )
        with self._guard.training():
            if self._initial is None:
                native.parameters[...] = type(native)(*arguments_of(native, key)).parameters
            else:
                native.parameters[...] = self._initial
            native.seed, native.epochs, native.feature_names = key, 0, []
            self.history = History()
            self._stream = None
        return self

    def __sklearn_clone__(self) -> Self:
        # Each fold of a cross-validation must begin with a network that has seen nothing.
        return self.copy().reset()

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))
        own = {"_native", "_guard", "_stream"}
        twin.__dict__.update((name, value) for name, value in self.__dict__.items() if name not in own)
        twin._set_native(self._native.copy(), self._cost_function)
        twin.history = copy.deepcopy(self.history)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy.copy(self)
        memo[id(self)] = twin
        # Already the copy's, or shared.
        own = {"_native", "_guard", "_stream", "history", "_cost_function", "_initial"}
        twin.__dict__.update(
            (name, copy.deepcopy(value, memo)) for name, value in self.__dict__.items() if name not in own
        )
        return twin

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        for name in MADE_ANEW:
            state.pop(name, None)
        state["_network"] = described(self._native)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        rest, native, cost_function = restored(state)
        self._set_native(native, cost_function)
        self.__dict__.update(rest)

    def __repr__(self) -> str:
        sizes = self.sizes
        facts = [
            "-".join(str(width) for width in sizes),
            f"{self.num_parameters} parameters",
            self.dtype.name,
            self.cost,
            *(f"{what} {value:g}" for what, value, none in self._input_changes() if value != none),
            f"seed {self.seed}",
        ]
        rows = [
            (str(fan_in), str(fan_out), phi, str((fan_in + 1) * fan_out))
            for fan_in, fan_out, phi in zip(sizes, sizes[1:], (*self.activation, self.output), strict=False)
        ]
        f, t, p, c = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = [
            f"  {fan_in:>{f}} -> {fan_out:<{t}}  {phi:<{p}}  {n:>{c}}"
            + (f"  dropout {rate:g}" if rate else "")
            for (fan_in, fan_out, phi, n), rate in zip(rows, (*self.dropout, 0.0), strict=True)
        ]
        return "\n".join([f"{type(self).__name__}({', '.join(facts)})", *lines])

    def _input_changes(self) -> tuple[tuple[str, float, float], ...]:
        return (
            ("input scale", self.input_scale, 1.0),
            ("input dropout", self.input_dropout, 0.0),
            ("input noise", self.input_noise, 0.0),
        )

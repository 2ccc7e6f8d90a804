"""The `Fleet` class: many networks of one shape, trained at the same time."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import integer, shown
from localgrad._arguments.members import each_member, is_sequence
from localgrad._arguments.names.keywords import other_names
from localgrad._arguments.network import random_seed
from localgrad._arguments.regularization import Regularization, regularized
from localgrad._arrays.rows import FloatArray
from localgrad._arrays.weights import ClassWeight
from localgrad._data.folds import training_rows
from localgrad._model import of_members
from localgrad._model.model import Model
from localgrad._support.late import import_late
from localgrad.history import History
from localgrad.network import Network
from localgrad.optimizers import Optimizer
from localgrad.schedules.argument import AnySchedule

if TYPE_CHECKING:
    from localgrad.hold_out import HoldOut

__all__ = ["Fleet"]

_SHOWN = 8  # seeds in the repr of a fleet

F = TypeVar("F", bound=Callable[..., Any])


def _with_options_of_network(function: F) -> F:
    """Replace ``**options`` in the signature of a function by the other arguments of `Network`."""
    *own, _ = inspect.signature(function).parameters.values()
    names = {one.name for one in own}
    options = [one for one in inspect.signature(Network).parameters.values() if one.name not in names]
    function.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    return function


class Fleet:
    """Several networks of the same shape that are trained at the same time.

    Each thread trains a different network, so that small networks use all processors. Every member is
    bit-identical to a `Network` that is trained alone with the same seed, rows and arguments.

    Use a fleet for ensembles, whose mean prediction is usually better than that of one network, to
    cross-validate and cross-fit, and to compare many settings.

    Parameters
    ----------
    sizes : sequence of int
        Number of units in each layer, as in `Network`.
    n_members : int
        Number of networks, at least 1.
    seed : int or sequence of int, optional
        Seeds of the members: a sequence with one seed each, or one number s for the seeds s, s + 1, and so
        on, modulo 2⁶⁴. By default s is drawn from the operating system.
    **options
        The other arguments of `Network`, such as `activation` or `standardize`, the same for all members.

    Raises
    ------
    TypeError, ValueError, MemoryError
        As in `Network`.

    See Also
    --------
    of : Create a fleet of existing networks.

    Notes
    -----
    ``fleet[k]`` is member k, a `Network` that can be used, saved and trained further like any other;
    ``fleet[:3]``, ``fleet[[0, 4]]`` and ``fleet[mask]`` are fleets of some members, and iteration yields the
    members. Fleets can be copied and pickled. To save one to files, save its members.

    Examples
    --------
    >>> import localgrad as lg
    >>> import numpy as np
    >>> X = np.linspace(-3, 3, 61)[:, np.newaxis]
    >>> y = abs(X)
    >>> fleet = lg.Fleet([1, 8, 1], n_members=4, activation="tanh", seed=0)
    >>> fleet
    Fleet(4 members of 1-8-1, 25 parameters each, float32, mse, seeds 0..3)
    >>> histories = fleet.fit(X, y, epochs=200, batch_size=10, optimizer=lg.Adam(0.01))
    >>> mean, std = fleet.predict(X, return_std=True)
    >>> mean.shape, std.shape
    ((61, 1), (61, 1))

    Member 2 is the same as a network that is trained alone:

    >>> net = lg.Network([1, 8, 1], activation="tanh", seed=2)
    >>> history = net.fit(X, y, epochs=200, batch_size=10, optimizer=lg.Adam(0.01))
    >>> bool((net.parameters == fleet[2].parameters).all()), history == histories[2]
    (True, True)
    """

    _members: tuple[Network, ...]

    @other_names
    @_with_options_of_network
    def __init__(
        self, sizes: Sequence[int], n_members: int, *, seed: int | Sequence[int] | None = None, **options: Any
    ) -> None:
        count = integer(n_members, "n_members", at_least=1)
        if seed is None or not is_sequence(seed):
            first = random_seed() if seed is None else integer(seed, "seed", at_least=0, below=2**64)
            seeds = [(first + k) % 2**64 for k in range(count)]
        else:
            seeds = each_member(seed, "seed", count, partial(integer, at_least=0, below=2**64))
        self._members = tuple(Network(sizes, seed=one, **options) for one in seeds)

    @classmethod
    def of(cls, networks: Sequence[Network]) -> Self:
        """Return a fleet of existing networks, which remain the same objects.

        Parameters
        ----------
        networks : sequence of Network
            At least one network, each only once. They must have the same `sizes`, `output`, `cost`, `dtype`
            and `num_parameters`; other options may differ.

        Returns
        -------
        Fleet
            The fleet.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.Fleet.of([lg.Network([2, 8, 1], activation=phi, seed=1) for phi in ("relu", "tanh", "silu")])
        Fleet(3 members of 2-8-1, 33 parameters each, float32, mse, seeds 1, 1, 1)
        """
        if not isinstance(networks, Iterable):
            raise TypeError(f"networks must be a sequence of Network, got {shown(networks)}")
        members = tuple(networks)
        if not members:
            raise ValueError("networks must have at least 1 network, got 0")
        for i, one in enumerate(members):
            if not isinstance(one, Network):
                raise TypeError(f"networks[{i}] must be a Network, got {shown(one)}")
            if _shape(one) != _shape(members[0]):
                raise ValueError(
                    "networks must have the same sizes, output, cost, dtype and num_parameters, got "
                    f"{_shape(members[0])} and {_shape(one)}"
                )
        if len({id(one) for one in members}) < len(members):
            raise ValueError("networks must be different objects, got the same network twice")
        fleet = cls.__new__(cls)
        fleet._members = members
        return fleet

    # Members

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, k: int) -> Network: ...
    @overload
    def __getitem__(self, k: slice | Sequence[int] | NDArray[np.integer[Any] | np.bool_]) -> Self: ...
    def __getitem__(self, k: Any) -> Network | Self:
        if not isinstance(k, slice) and not is_sequence(k):
            member: Network = self._members[k]
            return member
        chosen = np.arange(len(self))[k if isinstance(k, slice) else np.asarray(k)]
        return type(self).of([self._members[i] for i in chosen])

    def __iter__(self) -> Iterator[Network]:
        return iter(self._members)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units in each layer, from the input to the output."""
        return self._members[0].sizes

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seed of each member."""
        return tuple(net.seed for net in self._members)

    @property
    def histories(self) -> list[History]:
        """History of the last training of each member."""
        return [net.history for net in self._members]

    def reset(self) -> Self:
        """Reset all members to their untrained state, as `Network.reset` does.

        Returns
        -------
        Fleet
            The fleet itself.

        Examples
        --------
        >>> import localgrad as lg
        >>> fleet = lg.Fleet([1, 1], 2)
        >>> histories = fleet.fit([[0.0]], [1.0], epochs=3)
        >>> [net.epochs for net in fleet.reset()]
        [0, 0]
        """
        for net in self._members:
            net.reset()
        return self

    def __repr__(self) -> str:
        net, seeds = self._members[0], self.seeds
        in_turn = len(seeds) > 2 and seeds == tuple(range(seeds[0], seeds[0] + len(seeds)))
        few = map(str, seeds if len(seeds) <= _SHOWN else (*seeds[:3], "...", seeds[-1]))
        listed = f"{seeds[0]}..{seeds[-1]}" if in_turn else ", ".join(few)
        s = "" if len(self) == 1 else "s"
        return (
            f"{type(self).__name__}({len(self)} member{s} of {'-'.join(map(str, net.sizes))}, "
            f"{net.num_parameters} parameters each, {net.dtype.name}, {net.cost}, seed{s} {listed})"
        )

    # Training

    @other_names
    @regularized
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        rows: ArrayLike | Sequence[ArrayLike] | None = None,
        epochs: int | None = None,
        batch_size: int | None = 32,
        optimizer: Optimizer | str | Sequence[Optimizer | str] | None = None,
        schedule: AnySchedule
        | Mapping[str, AnySchedule]
        | Sequence[AnySchedule | Mapping[str, AnySchedule] | None]
        | None = None,
        shuffle: bool = True,
        sample_weight: ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
        validation: tuple[ArrayLike, ...] | float | HoldOut | Literal["rest"] | None = None,
        metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] | None = None,
        callbacks: Sequence[Any] = (),
        restore_best: bool = False,
        time_limit: float | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1,
        resume: str | os.PathLike[str] | None = None,
        n_threads: int | None = None,
        verbose: int = 0,
        **regularization: Unpack[Regularization],
    ) -> list[History]:
        """Train all members.

        Each member is trained as by `Network.fit`, with the same result, bit for bit. Arguments that are not
        listed here are those of `Network.fit`.

        Parameters
        ----------
        X, y : array_like
            Examples and targets, as in `Network.fit`, but not in blocks. All members read the same arrays.
        rows : array_like of bool of shape (n_members, n), or sequence of arrays of int, optional
            The rows that each member is trained on: masks, such as those of `folds`, or row numbers without
            repetition, which are used in ascending order. An iterator of these is also accepted. By default
            all rows.
        optimizer, schedule : optional
            As in `Network.fit`, or a sequence with one for each member. `LBFGS` and
            `LevenbergMarquardt` are not supported. A single schedule is shared by all members; if it is a
            function, it must depend on its argument t alone.
        sample_weight : array_like of shape (n,) or (n_members, n), optional
            Weight of each example, for all members or for each of them.
        validation : (X, y), (X, y, sample_weight), float, HoldOut or "rest", optional
            Validation data. A fraction or `HoldOut` is held out of the rows of each member, with its own
            seed. ``"rest"`` is all rows that the member is not trained on.
        metrics : str, callable or sequence of these, optional
            As in `Network.fit`. Functions are shared by all members and must depend on their arguments alone.
        callbacks : sequence of callable or EarlyStopping
            Functions ``f(epoch, logs)``, called after each epoch of the fleet with a dict of the costs and
            metrics as arrays of shape (n_members,), NaN for members that have ended. A truthy return value
            stops training. Each member has its own copy of an `EarlyStopping`, which itself stays unchanged,
            and takes no more time after it has stopped.
        restore_best : bool, default False
            As in `Network.fit`. Requires validation data, as does an `EarlyStopping` that restores
            parameters.
        time_limit : float, optional
            Time in seconds after which training of all members stops, each at the end of a mini-batch.
        checkpoint : str or os.PathLike, optional
            Folder to write checkpoints to, every `checkpoint_every` epochs and at the end: a file
            ``member-0.safetensors`` and so on for each member, an ordinary checkpoint of `Network.fit`,
            written atomically. The folder is created if needed. Checkpoints of another run in it are removed.
        checkpoint_every : int, default 1
            Number of epochs between checkpoints.
        resume : str or os.PathLike, optional
            Folder with checkpoints to resume from. With the same data and arguments, the result is
            bit-identical to that of an uninterrupted run. Members without a checkpoint, of a run that was
            killed in its first epochs, start from the beginning; so do all members if the folder is empty.
        n_threads : int, optional
            Number of threads that train members. By default it is chosen automatically. With a custom cost,
            only the calling thread trains.
        verbose : {0, 1, 2}, default 0
            As in `Network.fit`, with the means of the members' costs and metrics.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm, weight_lr_factor, \
bias_lr_factor, input_scale_lr_factor
            As in `Network.fit`, but a sequence has one value for each member, which may itself be a sequence
            with one number per layer. For the same two numbers per layer in all members, pass
            ``l2=[[0.1, 0.2]] * n_members``.

        Returns
        -------
        list of History
            History of each member. Also stored in `histories`, even after an error.

        Raises
        ------
        TypeError, ValueError, MemoryError, RuntimeError
            As in `Network.fit`. If an argument or an example is invalid, no member changes.
        OSError
            If a checkpoint cannot be read or written; FileNotFoundError if there is no folder `resume`.
        FloatingPointError
            If training of a member diverges; the message names the first one. It keeps its last finite state,
            and the other members are trained to the end. The same holds for errors of custom costs.

        Notes
        -----
        Ctrl-C stops all members at the end of a mini-batch and raises KeyboardInterrupt. They keep their
        current parameters.

        If nothing happens between epochs (no validation, metrics, schedules, functions, checkpoints or
        progress), all epochs are trained in one call of the core; otherwise members wait for each other after
        each epoch. Each thread then validates and measures a different member, unless a metric is a function
        of the user or the cost is a custom one.

        Examples
        --------
        Four strengths of a penalty at the same time:

        >>> import localgrad as lg
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(200, 5))
        >>> y = X[:, :1] + rng.normal(size=(200, 1))
        >>> fleet = lg.Fleet([5, 16, 1], n_members=4, seed=[0, 0, 0, 0])
        >>> histories = fleet.fit(X, y, epochs=20, l2=[0.0, 0.01, 0.1, 1.0], validation=(X, X[:, :1]))
        >>> [len(history["val_cost"]) for history in histories]
        [20, 20, 20, 20]
        """
        arguments = {name: value for name, value in locals().items() if name != "self"}
        # Imported here so that programs that only predict do not load the training code.
        import_late("localgrad.callbacks")
        import_late("localgrad.metrics")
        from localgrad._training.fleet import fit

        return fit(self._members, arguments)

    @staticmethod
    def folds(n: int, n_folds: int, *, seed: int = 0, stratify: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Return masks of training rows for cross-fitting: mask k is True except for the rows of fold k.

        Parameters
        ----------
        n : int
            Number of rows.
        n_folds : int
            Number of folds, from 2 to n. Their sizes differ by at most 1.
        seed : int, default 0
            Seed of the random division.
        stratify : array_like of shape (n,), optional
            Class of each row. The numbers of rows of a class in the folds differ by at most 1.

        Returns
        -------
        ndarray of bool of shape (n_folds, n)
            Whether each row is one to train on, for the argument `rows` of `fit`. Each row is False in
            exactly one mask.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid.

        See Also
        --------
        predict : ``predict(X, where=~rows)`` returns out-of-fold predictions.

        Examples
        --------
        >>> import localgrad as lg
        >>> rows = lg.Fleet.folds(10, 5)
        >>> rows.shape, (~rows).sum(axis=0).tolist()
        ((5, 10), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
        """
        return training_rows(n, n_folds, seed, stratify)

    # Prediction

    def predict_all(self, X: ArrayLike, *, n_threads: int | None = None) -> FloatArray:
        """Compute the outputs of all members.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, as in `Network.predict`.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n_members, n, sizes[-1]) or (n_members, sizes[-1])
            The result of `Network.predict` of each member.

        Raises
        ------
        TypeError, ValueError
            As in `Network.predict`.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.Fleet([2, 1], 3).predict_all([[1.0, 2.0], [3.0, 4.0]]).shape
        (3, 2, 1)
        """
        models = self._models
        rows, single = of_members.rows_for(models, X)
        outputs = of_members.outputs(models, rows, None, n_threads)
        return outputs[:, 0] if single else outputs

    @overload
    def predict(
        self,
        X: ArrayLike,
        *,
        where: ArrayLike | None = None,
        return_std: Literal[False] = False,
        n_threads: int | None = None,
    ) -> FloatArray: ...
    @overload
    def predict(
        self,
        X: ArrayLike,
        *,
        where: ArrayLike | None = None,
        return_std: Literal[True],
        n_threads: int | None = None,
    ) -> tuple[FloatArray, FloatArray]: ...
    def predict(
        self,
        X: ArrayLike,
        *,
        where: ArrayLike | None = None,
        return_std: bool = False,
        n_threads: int | None = None,
    ) -> FloatArray | tuple[FloatArray, FloatArray]:
        """Compute the mean of the outputs of all members, and its spread.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, as in `Network.predict`.
        where : array_like of bool of shape (n_members, n), optional
            Which members count for each row, at least one; by default all. Other outputs are not computed.
            With the masks of `folds`, ``where=~rows`` returns out-of-fold predictions: those of members that
            were not trained on the row.
        return_std : bool, default False
            Whether to also return the standard deviation of the members' outputs (``ddof=0``).
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        mean : ndarray of shape (n, sizes[-1]) or (sizes[-1],)
            Mean of the outputs; for softmax and sigmoid outputs, the mean of the probabilities.
        std : ndarray of the same shape
            Only with ``return_std=True``.

        Raises
        ------
        TypeError, ValueError
            As in `Network.predict`, or if `where` is invalid.

        Examples
        --------
        >>> import localgrad as lg
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(100, 3))
        >>> y = X.sum(axis=1, keepdims=True)
        >>> fleet = lg.Fleet([3, 8, 1], n_members=5, seed=0)
        >>> rows = fleet.folds(100, 5)
        >>> histories = fleet.fit(X, y, rows=rows, epochs=20)
        >>> fleet.predict(X, where=~rows).shape
        (100, 1)
        """
        models = self._models
        rows, single = of_members.rows_for(models, X)
        shape = (len(self),) if single else (len(self), len(rows))
        counted = None if where is None else of_members.counted(where, shape)
        outputs = of_members.outputs(models, rows, counted, n_threads)
        outputs = outputs[:, 0] if single else outputs
        # In float64, so that the mean of equal outputs is the same number.
        chosen: Any = {"axis": 0, "dtype": np.float64}
        if counted is not None:
            chosen["where"] = counted[..., np.newaxis]
        mean: FloatArray = outputs.mean(**chosen).astype(outputs.dtype)
        return (mean, outputs.std(**chosen).astype(outputs.dtype)) if return_std else mean

    @property
    def _models(self) -> list[Model]:
        return [net._core_model for net in self._members]


def _shape(network: Network) -> str:
    return (
        f"{'-'.join(map(str, network.sizes))} {network.output} {network.cost} {network.dtype.name} "
        f"with {network.num_parameters} parameters"
    )

"""How a network is trained, and what tells how to."""

from __future__ import annotations  # help() then shows ArrayLike by its name

from collections.abc import Sequence
from functools import partial

from numpy.typing import ArrayLike

from localgrad import _lbfgs
from localgrad._arguments import (
    AnySchedule,
    Callback,
    callback_list,
    fit_schedule,
    mini_batch_rule,
    update_rule,
    verbosity,
)
from localgrad._check import boolean, integer, threads
from localgrad._examples import Examples
from localgrad._regularization import PerLayer, regularization
from localgrad._state import State
from localgrad._training import Rates, Run, make_trainer
from localgrad._weights import ClassWeight
from localgrad.history import History
from localgrad.lr_finder import Sweep, learning_rates, rule_at_rate_one, sweep
from localgrad.optimizers import LBFGS, Optimizer
from localgrad.plan import Plan

__all__ = ["Fitting"]


class Fitting(State):
    """The part of a `localgrad.Network` that trains."""

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int | None = 32,
        optimizer: Optimizer | None = None,
        schedule: AnySchedule | None = None,
        shuffle: bool = True,
        sample_weight: ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
        l1: PerLayer = 0.0,
        l2: PerLayer = 0.0,
        weight_decay: PerLayer | None = None,
        penalize_biases: bool = False,
        max_norm: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        callbacks: Sequence[Callback] = (),
        n_threads: int | None = None,
        verbose: int = 0,
    ) -> History:
        """Train the network by mini-batches, (M).

        Parameters
        ----------
        X : array_like of shape (n, sizes[0])
            One example per row: booleans, integers or floating numbers in any layout, read where they stand
            (see the notes).
        y : array_like
            What the network should answer: real targets of shape (n, sizes[-1]) (for quantile and
            gaussian_nll fewer columns), for a single column also (n,); or labels, integers of shape (n,), for
            softmax and sigmoid outputs and for hinge: 0 .. sizes[-1] - 1, or for a single output 0 and 1, or
            booleans. (binary_cross_entropy takes labels for a single output alone.)
        epochs : int, default 10
            How many times to go through all examples; 0 changes nothing.
        batch_size : int, optional
            Examples in a mini-batch, 32 by default; None, and what is larger than n, means n. The last
            mini-batch of an epoch may be smaller.
        optimizer : Optimizer, optional
            The update rule, by default ``SGD(0.1)``. Its state starts afresh.
        schedule : callable, optional
            What multiplies the learning rate, one of `localgrad.schedules` or a function of the time since
            the start of this fit in epochs, a float, that returns a finite factor of at least 0. Each epoch
            begins with asking it for the factors of all its mini-batches.
        shuffle : bool, default True
            Whether each epoch takes the examples in an order of its own, drawn from (seed, epochs). An epoch
            of one mini-batch, whose sum knows no order, takes them as they stand.
        sample_weight : array_like of shape (n,), optional
            What each example weighs, finite, at least 0 and not 0 for all: a mini-batch of b has the cost
            (1/b) Σ w_i c_i. By default 1.
        class_weight : dict, sequence or "balanced", optional
            What each class weighs: a dict from labels to weights (1 where there is none), one number for each
            class, or ``"balanced"``, n/(K n_k) for a class that n_k of the n labels name, K classes being
            named at all. Multiplies `sample_weight`; needs labels.
        l1, l2 : float or sequence of float, default 0.0
            Penalties on the weights, l1 Σ abs(w) + ½ l2 Σ w², one strength for all or one for each layer of
            weights, at least 0. They are added to C and do not depend on the batch size.
        weight_decay : float or sequence of float, optional
            Decay apart from the gradient, w ← (1 - η weight_decay)w at each mini-batch, one for all or one
            for each layer, at least 0; by default the optimiser's own.
        penalize_biases : bool, default False
            Whether `l1`, `l2` and the decay are for biases as well.
        max_norm : float, optional
            The longest that the vector of weights into a unit may be; what is longer after an update is
            scaled down to it (Srivastava et al. 2014). Above 0.
        clip_value : float, optional
            The largest that a component of the gradient may be, penalties included; above 0.
        clip_norm : float, optional
            The largest that the norm of the whole gradient may be, after `clip_value`; it is multiplied by
            min(1, clip_norm/(norm + 10⁻⁶)) (Pascanu et al. 2013). Above 0.
        validation : (X, y), optional
            Examples to evaluate after each epoch.
        callbacks : sequence of callable
            Each is called after an epoch with `epochs`, the number of epochs the network has been trained for
            in all (so 1 after the first), and a dict of the epoch's numbers, named as in the history. A
            truthy answer ends the training, after the other callbacks had their turn. A callback may change
            the parameters.
        n_threads : int, optional
            Exactly so many threads; by default the core chooses. The result is the same, bit for bit.
        verbose : int, default 0
            1 prints a line per epoch, numbered as for callbacks.

        Returns
        -------
        History
            A dict of lists, one number per finished epoch: ``"cost"``, the mean over the examples as they
            were trained on, with their weights, dropout and noise and without penalties; with `validation`
            ``"val_cost"`` and, where it has a meaning, ``"val_accuracy"``; with `schedule`
            ``"learning_rate"``, that of the last mini-batch. Kept as `history`, also when an error ends the
            training.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be. The network is as it was before the call; if it is a
            factor of `schedule` or what a cost of your own returns, as it was before that was found.
        FloatingPointError
            If a cost or a parameter becomes infinite or not a number; the message names epoch and mini-batch.
            The network stays at its last finite state.
        MemoryError
            If the workspace does not fit into memory. The network is as it was before the call.
        RuntimeError
            If another call is changing the network.
        ImportError
            If the optimiser is `LBFGS` and SciPy is missing.

        Notes
        -----
        Arrays of booleans, integers, float32 or float64 in native byte order are never copied as a whole,
        whatever their strides, `y` and the validation data included: rows are converted to the network's
        dtype as mini-batches take them, to what ``astype`` would give. Beside the model, its optimiser's
        state and a mini-batch, `fit` needs at most 8 bytes a row, 8 more for weights of examples, and for
        each mini-batch of an epoch 8 bytes, or up to 136 if its rule or a schedule changes from one to the
        next. Rows whose numbers stand side by side are read fastest. Shuffled rows of an
        array whose columns do (Fortran order) are slow to read: if memory allows, several epochs take less
        time on ``np.ascontiguousarray(X)``. Of float16, longdouble and swapped bytes, and of what is no
        array, a copy in the network's dtype is made. Do not change arrays while they are read.

        In this order: the gradient of the costs, `l2` and `l1`, `clip_value`, `clip_norm`, `weight_decay`,
        the optimiser's step, `max_norm`.

        Ctrl-C stops at the end of a mini-batch with KeyboardInterrupt; the network keeps what it learnt. An
        exception in a cost of your own does likewise.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 8, 1], activation="tanh", seed=0)
        >>> x = [[k / 10] for k in range(-30, 31)]
        >>> y = [abs(k / 10) for k in range(-30, 31)]
        >>> history = net.fit(x, y, epochs=200, batch_size=10, optimizer=lg.SGD(0.1, momentum=0.9))
        >>> history["cost"][-1] < 0.01
        True

        A callback that stops when the cost is low enough:

        >>> history = net.fit(x, y, callbacks=[lambda epoch, logs: logs["cost"] < 0.01])
        >>> len(history["cost"]), net.epochs
        (1, 201)

        Adam, whose learning rate follows half a wave of the cosine:

        >>> cosine = lg.schedules.Cosine(by_epoch=True)
        >>> history = net.fit(x, y, epochs=4, optimizer=lg.Adam(0.01), schedule=cosine)
        >>> [round(rate, 4) for rate in history["learning_rate"]]
        [0.01, 0.0085, 0.005, 0.0015]
        """
        data = Examples.of(
            self, X, y, only_batch=True, sample_weight=sample_weight, class_weight=class_weight
        )
        count = integer(epochs, "epochs", at_least=0)
        size = len(data) if batch_size is None else integer(batch_size, "batch_size", at_least=1)
        size = min(size, len(data))
        rule = update_rule(optimizer)
        penalties = regularization(
            len(self.sizes) - 1,
            l1=l1,
            l2=l2,
            weight_decay=weight_decay,
            penalize_biases=penalize_biases,
            max_norm=max_norm,
            clip_value=clip_value,
            clip_norm=clip_norm,
        )
        pace = fit_schedule(schedule, validation=validation is not None)
        in_new_order = boolean(shuffle, "shuffle")
        held_out = None if validation is None else Examples.held_out(self, validation)
        listeners = callback_list(callbacks)
        team = threads(n_threads)
        lines = verbosity(verbose)
        if isinstance(rule, LBFGS):
            _lbfgs.check(self, pace, penalties)

        with self._guard.training():
            history = History(cost=[])
            if held_out is not None:
                # The core checks these numbers as it reads them: let it do so before anything changes.
                history.update((f"val_{name}", []) for name in held_out.evaluate(team))
            rates = None
            if pace is not None and not isinstance(rule, LBFGS):
                rates = Rates(pace, rule.learning_rate, count, -(-len(data) // size))
                history["learning_rate"] = []
            run = Run(
                self,
                history,
                epochs=count,
                rows=len(data),
                evaluate=None if held_out is None else lambda: held_out.evaluate(team),
                callbacks=listeners,
                rates=rates,
                verbose=lines,
            )
            if isinstance(rule, LBFGS):
                train = partial(_lbfgs.minimize, self, data, rule, penalties, team, run, count)
            else:
                trainer = make_trainer(self, data, rule, penalties, size, in_new_order, team)
                train = partial(run.train, trainer)
            before, self.history = self.history, history
            try:
                train()
            except (TypeError, ValueError):
                if not history["cost"]:  # refused at the first reading: nothing has happened
                    self.history = before
                raise
        return history

    def plan(
        self,
        batch_size: int = 32,
        *,
        optimizer: Optimizer | None = None,
        l1: PerLayer = 0.0,
        l2: PerLayer = 0.0,
        weight_decay: PerLayer | None = None,
        penalize_biases: bool = False,
        max_norm: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        n_threads: int | None = None,
    ) -> Plan:
        """Tell how `fit` would compute a mini-batch on this machine.

        Parameters
        ----------
        batch_size : int, default 32
            Examples in the mini-batch.
        optimizer : Optimizer, optional
            The update rule, by default ``SGD(0.1)``; it has a part in the workspace. Not `LBFGS`.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
            As for `fit`; some of them need the whole gradient in memory.
        n_threads : int, optional
            Exactly so many threads; by default the core chooses.

        Returns
        -------
        Plan
            Threads, tiles, bytes of workspace, operations, predicted time and what bounds it; printed, a
            page for a human.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be.
        MemoryError
            If the workspace would not fit into memory.

        Notes
        -----
        The first call in a process measures the machine, on an idle one in less than 5 ms. To count the
        workspace, a copy of the network and that workspace are made. No choice that the plan makes for
        threads or instruction sets changes a bit of the result.

        Examples
        --------
        >>> import localgrad as lg
        >>> plan = lg.Network([784, 100, 10]).plan(20)
        >>> plan.operations
        6392000
        >>> print(plan)  # doctest: +ELLIPSIS
        mini-batch of 20 rows: 6,392,000 floating-point operations...
        """
        self._check_cost()
        size = integer(batch_size, "batch_size", at_least=1, below=2**32)
        rule = mini_batch_rule(optimizer, "for a plan")._native()
        penalties = regularization(
            len(self.sizes) - 1,
            l1=l1,
            l2=l2,
            weight_decay=weight_decay,
            penalize_biases=penalize_biases,
            max_norm=max_norm,
            clip_value=clip_value,
            clip_norm=clip_norm,
        )
        return Plan.of(size, self._native.plan(rule, penalties, size, threads(n_threads)))

    def lr_finder(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        optimizer: Optimizer | None = None,
        batch_size: int | None = 32,
        lowest: float = 1e-6,
        highest: float = 10.0,
        steps: int = 100,
        shuffle: bool = True,
        sample_weight: ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
        l1: PerLayer = 0.0,
        l2: PerLayer = 0.0,
        weight_decay: PerLayer | None = None,
        penalize_biases: bool = False,
        max_norm: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        n_threads: int | None = None,
    ) -> Sweep:
        """Try learning rates from a low to a high one on a copy of the network, a mini-batch each.

        Parameters
        ----------
        X, y, batch_size, shuffle, sample_weight, class_weight, n_threads
            As for `fit`.
        optimizer : Optimizer, optional
            The update rule whose learning rate is sought, by default ``SGD()``; its own `learning_rate` does
            not matter. Not `Rprop` or `LBFGS`, which choose their steps themselves.
        lowest, highest : float, default 1e-6 and 10
            The first and the last learning rate, finite and above 0, in this order; those between are evenly
            spaced on a logarithmic axis.
        steps : int, default 100
            How many rates, at least 2.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
            As for `fit`.

        Returns
        -------
        Sweep
            The learning rates, the cost of the mini-batch that each took (before its update), and a
            suggestion.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be.
        FloatingPointError
            If the very first cost is infinite or not a number.
        MemoryError
            If the workspace does not fit into memory.

        Notes
        -----
        All rates are tried in one training, on as many epochs as it takes. It ends where the cost, averaged
        over the last few mini-batches, is more than 4 times its lowest, or infinite. (Where costs may be
        negative: where it lies above its lowest by more than 3 times their mean size.)

        References
        ----------
        L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3.

        Examples
        --------
        >>> import localgrad as lg
        >>> x = [[k / 10] for k in range(-30, 31)]
        >>> y = [abs(k / 10) for k in range(-30, 31)]
        >>> net = lg.Network([1, 8, 1], activation="tanh", seed=0)
        >>> found = net.lr_finder(x, y, batch_size=None)
        >>> 0.001 < found.suggestion < 1
        True
        >>> net.epochs  # the network itself is as it was
        0
        """
        data = Examples.of(
            self, X, y, only_batch=True, sample_weight=sample_weight, class_weight=class_weight
        )
        size = len(data) if batch_size is None else integer(batch_size, "batch_size", at_least=1)
        rule = mini_batch_rule(optimizer, "and has a learning rate to find")
        penalties = regularization(
            len(self.sizes) - 1,
            l1=l1,
            l2=l2,
            weight_decay=weight_decay,
            penalize_biases=penalize_biases,
            max_norm=max_norm,
            clip_value=clip_value,
            clip_norm=clip_norm,
        )
        rates = learning_rates(lowest, highest, steps)
        unit = rule_at_rate_one(rule)
        trainer = make_trainer(
            self.copy(),
            data,
            unit,
            penalties,
            min(size, len(data)),
            boolean(shuffle, "shuffle"),
            threads(n_threads),
        )
        return sweep(trainer, rates, steps_per_epoch=-(-len(data) // min(size, len(data))))

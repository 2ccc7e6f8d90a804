"""What can be found out before a network is trained."""

from __future__ import annotations  # help() then shows ArrayLike by its name

from numpy.typing import ArrayLike

from localgrad._arguments import mini_batch_rule, mini_batch_size
from localgrad._check import boolean, integer, threads
from localgrad._examples import Examples
from localgrad._names.keywords import other_names
from localgrad._regularization import PerLayer, regularization
from localgrad._state import State
from localgrad._training.feed import ArrayFeed
from localgrad._training.trainer import make_trainer
from localgrad._weights import ClassWeight
from localgrad.lr_finder import Sweep, learning_rates, rule_at_rate_one, sweep
from localgrad.optimizers import Optimizer
from localgrad.plan import Plan

__all__ = ["Exploring"]


class Exploring(State):
    """The part of a `localgrad.Network` that tells how it would train."""

    @other_names
    def plan(
        self,
        batch_size: int = 32,
        *,
        optimizer: Optimizer | str | None = None,
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
        optimizer : Optimizer or str, optional
            The update rule, by default ``SGD(0.1)``; it has a part in the workspace. Not `LBFGS`.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
            As for `fit`; some of them need the whole gradient in memory.
        n_threads : int, optional
            Exactly so many threads, or fewer where the system refuses some; by default the core chooses.

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

    @other_names
    def lr_finder(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        optimizer: Optimizer | str | None = None,
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
        optimizer : Optimizer or str, optional
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
        data = Examples.of(self, X, y, only_batch=True, sample_weight=sample_weight).weighed(class_weight)
        size = len(data) if batch_size is None else mini_batch_size(batch_size)
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
        twin = self.copy()
        feed = ArrayFeed(data, min(size, len(data)), boolean(shuffle, "shuffle"))
        trainer = make_trainer(
            twin,
            unit,
            penalties,
            feed.batch_size,
            threads(n_threads),
            weighted=feed.weighted,
            rows=feed.rows,
        )
        return sweep(trainer, feed, rates)

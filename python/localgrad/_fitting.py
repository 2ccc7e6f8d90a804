"""How a network is trained."""

from __future__ import annotations  # help() then shows ArrayLike by its name

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from numpy.typing import ArrayLike

from localgrad._arguments import (
    AnySchedule,
    fit_schedule,
    mini_batch_rule,
    mini_batch_size,
    update_rule,
    verbosity,
)
from localgrad._check import MAX_COUNT, boolean, file_path, integer, real, threads
from localgrad._containers import column_names
from localgrad._examples import Examples
from localgrad._exploring import Exploring
from localgrad._late import import_late
from localgrad._names.keywords import other_names
from localgrad._regularization import PerLayer, regularization
from localgrad._weights import ClassWeight, has_weight
from localgrad.blocks import Blocks, blocks_like
from localgrad.history import History
from localgrad.optimizers import LBFGS, Optimizer

if TYPE_CHECKING:
    from localgrad._training.listeners import Listener
    from localgrad.metrics import Metric
    from localgrad.network import Network

__all__ = ["Fitting"]


class Fitting(Exploring):
    """The part of a `localgrad.Network` that trains."""

    @other_names
    def fit(
        self,
        X: ArrayLike | Blocks | Callable[[], Iterable[Any]],
        y: ArrayLike | None = None,
        *,
        epochs: int = 10,
        batch_size: int | None = 32,
        optimizer: Optimizer | str | None = None,
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
        validation: tuple[ArrayLike, ...] | float | None = None,
        metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] | None = None,
        callbacks: Sequence[Listener] = (),
        restore_best: bool = False,
        time_limit: float | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1,
        resume: str | os.PathLike[str] | None = None,
        n_threads: int | None = None,
        verbose: int = 0,
    ) -> History:
        """Train the network by mini-batches, (M), from its parameters as they are.

        A second call continues where the first one ended, and adds to `epochs`; the optimizer's state, the
        schedule and the history start afresh. `reset` makes the network untrained again.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0])
            One example per row: booleans, integers or floating numbers in any layout, read where they stand
            (see the notes), memory maps included. Or another container of such numbers, as a data frame,
            whose column names are kept in `feature_names`. Or `Blocks`, or a function of no arguments that
            stands for ``Blocks(function)``, or an iterable of batches such as a ``DataLoader`` of PyTorch:
            examples that come in blocks, read anew for each epoch.
        y : array_like
            What the network should answer: real targets of shape (n, sizes[-1]) (for quantile and
            gaussian_nll fewer columns), for a single column also (n,); or labels, integers of shape (n,), for
            softmax and sigmoid outputs and for hinge: 0 .. sizes[-1] - 1, or for a single output 0 and 1; for
            one or two outputs also booleans. (binary_cross_entropy takes labels for a single output alone.)
            Blocks bring their own.
        epochs : int, default 10
            How many times to go through all examples; 0 changes nothing. With `resume`, those before are
            among them. A network counts up to 2⁵³ epochs in all.
        batch_size : int, optional
            Examples in a mini-batch, 32 by default; None, and what is larger than n, means n. The last
            mini-batch of an epoch may be smaller.
        optimizer : Optimizer or str, optional
            The update rule, by default ``SGD(0.1)``. Its state starts afresh. The name of one, such as
            ``"adam"``, stands for it with its defaults, here ``Adam()``.
        schedule : callable, optional
            What multiplies the learning rate, one of `localgrad.schedules` or a function of the time since
            the start of this fit in epochs, a float, that returns a finite factor of at least 0. Each epoch
            begins with asking it for the factors of all its mini-batches.
        shuffle : bool, default True
            Whether each epoch takes the examples in an order of its own, drawn from (seed, epochs). An epoch
            of one mini-batch, whose sum knows no order, takes them as they stand. See also `validation`.
        sample_weight : array_like of shape (n,), optional
            What each example weighs, finite, at least 0 and not 0 for all; by default 1. Weights are divided
            by their mean over the rows to train on: a factor that all have in common changes nothing, and a
            weight of 2 counts as the row twice. A mini-batch of b rows has the cost (1/b) Σ w_i c_i. (Weights
            of blocks are used as they are, since their mean is not known beforehand: let it be about 1.)
        class_weight : dict, sequence or "balanced", optional
            What each class weighs: a dict from labels to weights (1 where there is none) or a Series of
            pandas with labels as its index, one number for each class, or ``"balanced"``, n/(K n_k) for a
            class that n_k of the n labels to train on name, K classes being named at all. Multiplies
            `sample_weight`, in training alone: validation data have no class weights. Needs labels.
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
            min(1, clip_norm/(norm + 10⁻⁶)) (Pascanu et al. 2013), where the 10⁻⁶ are never more than a
            thousandth of clip_norm. The norm may exceed what a float32 or float64 holds. Above 0.
        validation : (X, y), (X, y, sample_weight), float or HoldOut, optional
            Examples to measure after each epoch; or the share of the rows, above 0 and below 1, that is kept
            for that: drawn by the seed, from each class alike if `y` are labels or rows of 0 and 1, such that
            at least one row of each class is left to train on; with ``shuffle=False`` the last rows in their
            order, as for time series, with a `localgrad.warnings.HoldOutWarning` if that takes all rows of a
            class. `HoldOut` keeps whole groups of rows.
        metrics : str, callable or sequence of these, optional
            What to measure of each epoch beside the cost: names of `localgrad.metrics`, as ``"f1"`` or
            ``"top_k(5)"``, or functions ``f(y, a)`` of targets and outputs, read-only
            arrays, that return a number (and take `sample_weight`, if they have such a parameter and there
            are weights). By default, with `validation`, accuracy for networks that classify.
        callbacks : sequence of callable or object
            Each function is called after an epoch with `epochs`, the number of epochs the network has been
            trained for in all (so 1 after the first), and a dict of the epoch's numbers, named as in the
            history. A truthy answer ends the training, after the other callbacks had their turn. A callback
            may change the parameters. Objects hear of more: see `localgrad.callbacks`, where early stopping
            and loggers stand as well.
        restore_best : bool, default False
            Whether the network gets back, at the end, the parameters of the epoch with the lowest validation
            cost or, without `validation`, cost (the notes of `callbacks.EarlyStopping` say which these are),
            but not after an error or Ctrl-C. ``history.best_epoch`` is that epoch. Where an `EarlyStopping`
            among the callbacks restores the best epoch by its own number, that one counts.
        time_limit : float, optional
            Seconds after which the training ends, at the end of a mini-batch.
        checkpoint : str or os.PathLike, optional
            A file to write, and to replace atomically, after every `checkpoint_every`-th epoch and at the
            end (also by Ctrl-C, if that comes while mini-batches are trained): all that `resume` needs.
            `localgrad.load` reads it as a network, that of the last epoch, not of the best one that early
            stopping puts back.
        checkpoint_every : int, default 1
            In epochs.
        resume : str or os.PathLike, optional
            Go on from this checkpoint, of a network like this one in its layers, functions, dropout and
            dtype, with an optimiser of the same class: the network takes over parameters, seed and count of
            epochs. With the same examples and settings the result is, bit for bit, that of a fit that was
            never interrupted. May be the file of `checkpoint`.
        n_threads : int, optional
            Exactly so many threads, or fewer where the system refuses some; by default the core chooses. The
            result is the same, bit for bit.
        verbose : int, default 0
            0 is silent. 1 shows a bar in a terminal or notebook (tqdm's if it is installed) and some lines in
            a file or pipe; 2 prints a line for each epoch, numbered as for callbacks.

        Returns
        -------
        History
            A dict of lists, one number per finished epoch: ``"cost"``, the mean over the examples as they
            were trained on, with their weights, dropout and noise and without penalties, and the metrics of
            what the network answered to them then; with `validation` ``"val_cost"`` and the same metrics,
            ``"val_accuracy"`` for one, after the epoch; with `schedule` ``"learning_rate"``, that of the last
            mini-batch. Its attribute `stopped` says why the training ended: ``"epochs"``, ``"time_limit"``,
            ``"callback"`` or what that answered (``"early_stopping"``), ``"interrupted"`` by Ctrl-C, or
            ``"error"``; for `LBFGS` also ``"converged"`` and ``"line_search"``, if that found nothing better.
            Kept as `history`, also when an error ends the training.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be. The network is as it was before the call; if it is a
            factor of `schedule` or what a cost of your own returns, as it was before that was found.
        FloatingPointError
            If a cost, a parameter or what the optimizer keeps (such as a mean of squares, for gradients above
            10¹⁹ in float32) becomes infinite or not a number; the message names epoch and mini-batch. The
            network stays at its last finite state.
        MemoryError
            If the workspace does not fit into memory. The network is as it was before the call.
        RuntimeError
            If another call is changing the network; by an assignment to its parameters that would be lost, in
            a signal handler or a cost of your own (callbacks may assign); or if another reads the same source
            of blocks and cannot end first: a fit that called this one, or a reader that is still in the
            source 10 s after its fit.
        OSError
            If a checkpoint cannot be read (FileNotFoundError if there is none) or written.
        ImportError
            If the optimiser is `LBFGS` and SciPy is missing.

        Notes
        -----
        Arrays of booleans, integers, float32 or float64 in native byte order are never copied as a whole,
        whatever their strides, `y` and the validation data included: rows are converted to the network's
        dtype as mini-batches take them, to what ``astype`` would give. Beside the model, its optimiser's
        state and a mini-batch, `fit` needs at most 8 bytes a row, 16 more for weights of examples, and for
        each mini-batch of an epoch 8 bytes, or up to 136 if its rule or a schedule changes from one to the
        next; for metrics of the training m_L numbers a row; and for a share that is kept apart a copy of it,
        of up to 64 MB. Rows whose numbers stand side by side are read fastest. Shuffled rows of an array
        whose columns do (Fortran order) are slow to read: if memory allows, several epochs take less time on
        ``np.ascontiguousarray(X)``. Of float16, longdouble and swapped bytes, and of what is no array, a copy
        in the network's dtype is made. Do not change arrays while they are read.

        Numbers may stand in other containers: frames and columns of pandas, polars or pyarrow, nullable ones
        too; tensors of PyTorch, whatever their device, graph and floating type; arrays of Python's numbers;
        sparse matrices, as dense copies that must fit into half of the free memory. Missing values, strings,
        categories of strings, dates and complex numbers are refused, with the argument and the column.

        Keywords that mean the same in Keras, PyTorch or scikit-learn are accepted by those names as well,
        such as ``validation_data``; so are the names of functions and metrics.

        In this order: the gradient of the costs, `l2` and `l1`, `clip_value`, `clip_norm`, `weight_decay`,
        the optimiser's step, `max_norm`.

        Before it begins, a few rows are looked at, and what would mislead silently is warned of: inputs or
        targets of a size that networks do not learn from (`localgrad.warnings.ScaleWarning`), and a cost of
        your own whose gradient contradicts its values (`localgrad.warnings.CostGradientWarning`; it is called
        once more for that, after the training if it may keep a state).

        Threads that the system refuses (``ulimit -u`` or ``-v``, a container's limit of processes) are done
        without. Since OpenMP would end the process, as many are tried before its team grows, and calls from
        several Python threads wait for each other meanwhile. What it can still meet is a limit that is
        reached in the moment between, by another process or by something else in this one that starts
        threads or takes memory; and another library that uses the same OpenMP in the same thread.

        The core computes in the default floating-point mode, whatever the calling thread has set:
        ``torch.set_flush_denormal(True)`` or another rounding changes no result. Callbacks, a cost, metrics
        and a schedule of your own run in the mode that was set.

        Ctrl-C stops at the end of a mini-batch with KeyboardInterrupt; the network keeps what it learnt. An
        exception in a cost of your own does likewise. Epochs that end within are not in the history.

        A schedule that spans the whole fit depends on `epochs`: resumed with another number of them, it takes
        another course (`localgrad.warnings.ResumeWarning`). A checkpoint that was written at the end goes on
        when `epochs` are more, or when a callback or
        `time_limit` ended the training; not when the patience of the same early stopping is used up.

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

        A tenth kept apart, and at the end the parameters of the epoch where its cost was lowest:

        >>> history = net.fit(x, y, validation=0.1, restore_best=True)
        >>> history["val_cost"][history.best_epoch - 1] == min(history["val_cost"])
        True

        The same, ended as soon as there has been no better epoch for 5:

        >>> stop = lg.callbacks.EarlyStopping(patience=5)
        >>> history = net.fit(x, y, epochs=1000, validation=0.1, callbacks=[stop])
        >>> history["val_cost"][history.best_epoch - 1] == min(history["val_cost"])
        True

        Adam, whose learning rate follows half a wave of the cosine:

        >>> cosine = lg.schedules.Cosine(by_epoch=True)
        >>> history = net.fit(x, y, epochs=4, optimizer=lg.Adam(0.01), schedule=cosine)
        >>> [round(rate, 4) for rate in history["learning_rate"]]
        [0.01, 0.0085, 0.005, 0.0015]
        """
        # Here, so that nobody who only predicts waits for them.
        import_late("localgrad.callbacks")
        import_late("localgrad.metrics")
        from localgrad import _lbfgs
        from localgrad._training.feed import ArrayFeed, Outputs
        from localgrad._training.feeds import feed_of, first_history
        from localgrad._training.first_look import Look
        from localgrad._training.listeners import Listeners, listeners
        from localgrad._training.loop import Loop
        from localgrad._training.measured import Measured
        from localgrad._training.progress import progress_for
        from localgrad._training.rates import Rates
        from localgrad._training.requests import Requests
        from localgrad._training.resumption import Keeper, Resumption, keep, settings_of
        from localgrad._training.trainer import make_trainer
        from localgrad.callbacks import Checkpoint, Training, early_stopping
        from localgrad.metrics import resolve

        self._check_cost()
        count = integer(epochs, "epochs", at_least=0)
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
        resumption = None if resume is None else Resumption.read(resume, self)
        first = self.epochs if resumption is None else resumption.saved.first_epoch
        if first + count > MAX_COUNT:
            raise ValueError(
                f"epochs must be at most {MAX_COUNT - first}, for the network counts to {MAX_COUNT} "
                f"and begins at {first}, got {count}"
            )
        feed, held_out = feed_of(
            self,
            X,
            y,
            batch_size=None if isinstance(rule, LBFGS) and blocks_like(X) is None else batch_size,
            shuffle=boolean(shuffle, "shuffle"),
            sample_weight=sample_weight,
            class_weight=class_weight,
            validation=validation,
            seed=self.seed if resumption is None else resumption.native.seed,
        )
        wanted = () if metrics is None and held_out is None else resolve(metrics, self)
        own = listeners(callbacks)
        if boolean(restore_best, "restore_best"):
            own += early_stopping.best_epoch(own)
        every = integer(checkpoint_every, "checkpoint_every", at_least=1)
        if checkpoint is not None:
            path = os.fsdecode(file_path(checkpoint, "checkpoint"))
            own.append(Checkpoint(path.replace("{", "{{").replace("}", "}}"), every=every))
        progress = progress_for(verbosity(verbose))
        told = Listeners(progress, own)
        seconds = None if time_limit is None else real(time_limit, "time_limit", above=0.0)
        team = threads(n_threads)
        pace = fit_schedule(schedule, validation=held_out is not None)
        if isinstance(rule, LBFGS):
            checkpoints = resume is not None or any(isinstance(one, Checkpoint) for one in own)
            _lbfgs.check(self, feed, pace, penalties, resumes=checkpoints, hears_batches=told.hear_batches)

        with self._guard.training():
            history = first_history(wanted, held_out, pace, team)
            history.first_epoch = self.epochs
            rates = Rates(pace, getattr(rule, "learning_rate", math.nan), count, feed.mini_batches)
            requests = Requests("LBFGS does not support checkpoints" if isinstance(rule, LBFGS) else "")
            measured = Measured(self, partial(_measure, n_threads=team, metrics=wanted), feed.names)
            training = Training(
                cast("Network", self),
                history,
                first_epoch=self.epochs,
                last_epoch=self.epochs + count,
                names=tuple(history),
                rows=feed.rows,
                mini_batches=feed.mini_batches,
                deadline=None if seconds is None else time.monotonic() + seconds,
                learning_rate=rates.last,
                _request=requests.add,
                _of_number=measured.parameters,
            )
            evaluate = None if held_out is None else partial(held_out.measure, team, wanted)
            loop = Loop(training, told, rates, Outputs(wanted, self), measured, requests, evaluate, progress)
            if not isinstance(feed, ArrayFeed):
                loop.look = Look(fewest=100)
            elif count:
                look = Look()
                look(self, feed.data.rows, feed.data.targets, feed.data.index)
                loop.look_again = look.again
            before, stream, columns = self.history, self._stream, self._native.feature_names
            undo: Callable[[], None] | None = None
            if isinstance(rule, LBFGS):
                assert isinstance(feed, ArrayFeed)  # so says its check
                train = partial(_lbfgs.minimize, self, feed.data, rule, penalties, team, loop, wanted)
            else:
                trainer = make_trainer(
                    self, rule, penalties, feed.batch_size, team, weighted=feed.weighted, rows=feed.rows
                )
                keeper = Keeper(trainer, rates, told, settings_of(feed, count, rule, pace, penalties), pace)
                loop.keeper = keeper
                train = partial(loop.train, trainer, feed)
                if resumption is not None:
                    resumption.prepare(loop, keeper, feed)
                    train = partial(resumption.train, loop, told, train)
                    undo = resumption.move(self)
                else:
                    undo = keep(self)
            began = (self.epochs, 0 if resumption is None else resumption.position)
            self.history, self._stream = history, None
            if count:
                self._native.feature_names = list(feed.columns or ())
            try:
                loop.run(train)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                position = 0 if isinstance(rule, LBFGS) else trainer.position
                diverged = isinstance(error, FloatingPointError) and resumption is None
                if loop.refused or (began == (self.epochs, position) and not diverged):
                    # Refused before all examples had been seen: it is as if nothing had happened.
                    self.history, self._stream = before, stream
                    self._native.feature_names = columns
                    if undo is not None:
                        undo()
                if loop.look_again is not None and isinstance(error, FloatingPointError):
                    loop.look_again()
                raise
            if loop.look_again is not None:
                loop.look_again()
        return history

    @other_names
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        batch_size: int | None = 32,
        optimizer: Optimizer | str | None = None,
        shuffle: bool = True,
        sample_weight: ArrayLike | None = None,
        l1: PerLayer = 0.0,
        l2: PerLayer = 0.0,
        weight_decay: PerLayer | None = None,
        penalize_biases: bool = False,
        max_norm: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        n_threads: int | None = None,
    ) -> float:
        """Train the network on some more examples, once, as an epoch of their own.

        Parameters
        ----------
        X, y, batch_size, shuffle, sample_weight, n_threads
            As for `fit`. Those of one call may be few, or one, also without the axis of the batch. Weights
            are used as they are, not divided by their mean: the mean of all calls is not known, let it be
            about 1.
        optimizer : Optimizer or str, optional
            The update rule, by default that of the call before, at first ``SGD(0.1)``. What it remembers goes
            on from call to call, also with other settings, until the optimiser is of another class, momentum,
            centring or AMSGrad is switched on or off, or `fit` is called. Not `LBFGS`.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
            As for `fit`.

        Returns
        -------
        float
            The mean cost of the examples, each before its update. The history does not change.

        Raises
        ------
        TypeError, ValueError, FloatingPointError, MemoryError, RuntimeError
            As `fit` does.

        Notes
        -----
        k calls on the same examples do what `fit` does in k epochs, bit for bit. Copies, pickles and files of
        the network do not hold what the optimiser remembers.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
        >>> momentum = lg.SGD(0.25, momentum=0.5)
        >>> [net.partial_fit([[1.0]], [1.0], optimizer=momentum) for _ in range(3)]
        [0.5, 0.125, 0.0]
        """
        from localgrad._training.first_look import Look
        from localgrad._training.stream import Stream

        self._check_columns(X, "X")
        data = Examples.of(self, X, y, sample_weight=sample_weight)
        if data.weights is not None and not has_weight(data.weights, self.dtype):
            raise ValueError(
                f"sample_weight must be above 0 as {self.dtype} for at least 1 example, "
                f"got {data.weights.max()} at most"
            )
        size = len(data) if batch_size is None else mini_batch_size(batch_size)
        if optimizer is None and self._stream is not None:
            optimizer = self._stream.rule
        rule = mini_batch_rule(optimizer, "for partial_fit")
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
        in_new_order = boolean(shuffle, "shuffle")
        team = threads(n_threads)
        with self._guard.training():
            look = Look(fewest=math.inf) if self._stream is None else self._stream.look
            look_again = None
            if not look.settled:
                look(self, data.rows, data.targets)
                look_again, look.again = look.again, None
            stream = Stream.of(
                self,
                self._stream,
                rule,
                penalties,
                size,
                team,
                weighted=data.weights is not None,
                rows=len(data),
                look=look,
            )
            costs: list[float] = []
            stream.trainer.set_data(data.rows, data.targets, data.weights, *data.names)
            try:
                with self._guard.computing():
                    stream.trainer.run(1, costs, in_new_order)
            except (TypeError, ValueError):
                if stream.trainer.position:  # else nothing has happened, and what there was goes on
                    self._stream = stream
                raise
            except BaseException:
                self._stream = stream
                raise
            finally:
                stream.trainer.release_data()
            self._stream = stream
            if self.feature_names is None:
                self._native.feature_names = list(column_names(X) or ())
            if look_again is not None:
                look_again()
        return costs[0]


def _measure(sample: Examples, name: str, *, n_threads: int, metrics: tuple[Metric, ...]) -> float:
    """Measure one number of an epoch; those that do not depend on the parameters are NaN."""
    wanted = [metric for metric in metrics if metric.name == name]
    return sample.measure(n_threads, wanted).get(name, math.nan)

"""What every callback has."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localgrad.callbacks.training import Training

__all__ = ["Callback"]


class Callback:
    """An object that is told of a training; a base class whose methods do nothing.

    Each method gets the training under way, an object with the attributes ``network``; ``history``;
    ``names``, those of the numbers that each epoch will have; ``epoch``, the network's count of epochs;
    ``first_epoch`` and ``last_epoch``, that count when the fit began and when it is to end; ``logs``, a dict
    of the last finished epoch's numbers, named as in the history; ``step``, the mini-batches trained in this
    fit; ``mini_batch``, those of the epoch under way, and ``mini_batches``, how many an epoch has;
    ``batch_cost``, the cost of the last mini-batch; ``learning_rate``; ``rows``, the examples in an epoch;
    ``resumed``; ``stopped``, None while it is under way, then ``"epochs"``, ``"time_limit"``,
    ``"interrupted"``, ``"error"`` or the reason that a callback gave; and the method
    ``save_checkpoint(path)``.

    Each may change the network's parameters, by assignment or in place: training goes on from there. Not so
    under `LBFGS`, whose method keeps its own copy: there `on_epoch_end` gets a RuntimeError.

    Any object with one of these methods will do; it need not derive from this class. What a callback
    remembers goes into checkpoints if it has two more methods: ``state()``, which returns a dict of values
    that JSON knows and 1-D arrays of the network's dtype, or None, and ``set_state(dict)``, called after
    `on_train_begin` of a fit that is resumed. A method ``should_stop()`` is asked then as well, for a reason
    not to train any further.

    Attributes
    ----------
    every : int, default 1
        `on_batch_end` is called after every so-many-th mini-batch of the fit.

    Examples
    --------
    >>> import localgrad as lg
    >>> class Patience(lg.callbacks.Callback):
    ...     every = 2
    ...
    ...     def on_batch_end(self, training):
    ...         return "out of patience" if training.step >= 4 else None
    >>> history = lg.Network([1, 1], seed=0).fit([[0.0]], [1.0], callbacks=[Patience()])
    >>> len(history["cost"]), history.stopped
    (4, 'out of patience')
    """

    every: int = 1

    def on_train_begin(self, training: "Training") -> None:
        """Take the beginning of a training.

        Examples
        --------
        >>> import localgrad as lg
        >>> class Announcer(lg.callbacks.Callback):
        ...     def on_train_begin(self, training):
        ...         print(f"{training.rows} examples, {training.mini_batches} mini-batches an epoch")
        >>> x, y = [[0.0], [1.0], [2.0]], [1.0, 1.0, 1.0]
        >>> history = lg.Network([1, 1]).fit(x, y, batch_size=2, callbacks=[Announcer()])
        3 examples, 2 mini-batches an epoch
        """

    def on_batch_end(self, training: "Training") -> object:
        """Take the end of a mini-batch; a truthy answer ends the training, a str is its reason.

        Examples
        --------
        >>> import localgrad as lg
        >>> class Costs(lg.callbacks.Callback):
        ...     def on_batch_end(self, training):
        ...         print(training.step, training.batch_cost)
        >>> net = lg.Network([1, 1], init="zeros")
        >>> history = net.fit([[0.0]], [1.0], epochs=2, optimizer=lg.SGD(0.5), callbacks=[Costs()])
        1 0.5
        2 0.125
        """
        return None

    def on_epoch_end(self, training: "Training") -> object:
        """Take the end of an epoch; a truthy answer ends the training, a str is its reason.

        Examples
        --------
        >>> import localgrad as lg
        >>> class LowEnough(lg.callbacks.Callback):
        ...     def on_epoch_end(self, training):
        ...         return "low enough" if training.logs["cost"] < 0.2 else None
        >>> net = lg.Network([1, 1], init="zeros")
        >>> history = net.fit([[0.0]], [1.0], optimizer=lg.SGD(0.5), callbacks=[LowEnough()])
        >>> history["cost"], history.stopped
        ([0.5, 0.125], 'low enough')
        """
        return None

    def on_train_end(self, training: "Training") -> None:
        """Take the end of a training, whatever ended it; callbacks hear of it in reverse order.

        Examples
        --------
        >>> import localgrad as lg
        >>> class Why(lg.callbacks.Callback):
        ...     def on_train_end(self, training):
        ...         print(training.epoch, training.stopped)
        >>> history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=2, callbacks=[Why()])
        2 epochs
        """

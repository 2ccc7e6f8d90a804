"""The base class of callbacks."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from localgrad.callbacks.training import Training


class Callback:
    """Base class for callbacks. Its methods do nothing; override those you need.

    Any object with at least one of the methods ``on_train_begin``, ``on_batch_end``, ``on_epoch_end`` and
    ``on_train_end`` can be used as a callback. It does not have to derive from this class; all other methods
    and attributes are optional. These four methods and `on_restore` receive a `Training` object.

    A callback may change the network's parameters, by assignment or in place; training continues from the new
    values. With `LBFGS`, which keeps its own copy of the parameters, changing them in `on_epoch_end` raises
    RuntimeError.

    Attributes
    ----------
    every : int, default 1
        Interval, in mini-batches of the fit, at which `on_batch_end` is called.
    keep_parameters : bool, default False
        Whether `Training.parameters_of` can return the parameters for which the cost and metrics of the
        training data were measured. Takes effect from the next epoch, and copies the parameters in each
        epoch.

    Notes
    -----
    A checkpoint stores the dict that `state` returns. When a fit resumes from the checkpoint, `set_state` is
    called with this dict after `on_train_begin`. Then `should_stop` is called.

    If the number of callbacks of a class is the same as before, their states are restored in order.
    Otherwise, a callback first gets the state that was stored for its position in the list, and the remaining
    states are restored in order.

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

    Restore the parameters with the best validation cost when training ends, also if the fit was resumed from
    a checkpoint:

    >>> class Best(lg.callbacks.Callback):
    ...     def on_train_begin(self, training):
    ...         self.monitor = lg.callbacks.Monitor("val_cost")
    ...         self.monitor.begin(training.names)
    ...         self.parameters = None
    ...
    ...     def on_epoch_end(self, training):
    ...         if self.monitor.improved(training.logs):
    ...             self.parameters = training.parameters_of("val_cost")
    ...
    ...     def on_restore(self, training):
    ...         if self.parameters is not None:
    ...             training.network.parameters = self.parameters
    ...
    ...     def state(self):
    ...         return {**self.monitor.state(), "parameters": self.parameters}
    ...
    ...     def set_state(self, state):
    ...         self.monitor.set_state(state)
    ...         self.parameters = state["parameters"]
    >>> net = lg.Network([1, 1], init="zeros")
    >>> x, y = [[0.0]], [1.0]
    >>> history = net.fit(x, y, epochs=9, validation=(x, y), optimizer=lg.SGD(2.5), callbacks=[Best()])
    >>> net.evaluate(x, y)["cost"] == min(history["val_cost"])
    True
    """

    every: int = 1
    keep_parameters: bool = False

    def on_train_begin(self, training: Training) -> None:
        """Handle the start of training. Also called when a fit resumes from a checkpoint.

        Examples
        --------
        >>> import localgrad as lg
        >>> class Announcer(lg.callbacks.Callback):
        ...     def on_train_begin(self, training):
        ...         print(f"{training.rows} examples, {training.mini_batches} mini-batches per epoch")
        >>> x, y = [[0.0], [1.0], [2.0]], [1.0, 1.0, 1.0]
        >>> history = lg.Network([1, 1]).fit(x, y, batch_size=2, callbacks=[Announcer()])
        3 examples, 2 mini-batches per epoch
        """

    def on_batch_end(self, training: Training) -> object:
        """Handle the end of a mini-batch.

        Returns
        -------
        object
            A truthy value stops training. ``history.stopped`` is then this value if it is a str, otherwise
            ``"callback"``.

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

    def on_epoch_end(self, training: Training) -> object:
        """Handle the end of an epoch.

        Returns
        -------
        object
            A truthy value stops training. ``history.stopped`` is then this value if it is a str, otherwise
            ``"callback"``.

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

    def on_train_end(self, training: Training) -> None:
        """Handle the end of training, also after an error or Ctrl-C. Callbacks are called in reverse order.

        Examples
        --------
        >>> import localgrad as lg
        >>> class Why(lg.callbacks.Callback):
        ...     def on_train_end(self, training):
        ...         print(training.epoch, training.stopped)
        >>> history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=2, callbacks=[Why()])
        2 epochs
        """

    def on_restore(self, training: Training) -> None:
        """Replace the final parameters of the network, for example by the best ones.

        Called after `on_train_end` and after the last checkpoint has been written. The checkpoint therefore
        contains the parameters before the replacement, so that training can resume from them.
        ``training.stopped`` is ``"error"`` or ``"interrupted"`` if an error or Ctrl-C ended training.

        Examples
        --------
        >>> import localgrad as lg
        >>> class Average(lg.callbacks.Callback):
        ...     def on_train_begin(self, training):
        ...         self.sum = 0
        ...
        ...     def on_epoch_end(self, training):
        ...         self.sum = self.sum + training.network.parameters
        ...
        ...     def on_restore(self, training):
        ...         training.network.parameters = self.sum / len(training.history["cost"])
        >>> net = lg.Network([1, 1], init="zeros")
        >>> history = net.fit([[0.0]], [1.0], epochs=2, optimizer=lg.SGD(0.5), callbacks=[Average()])
        >>> net.biases[0]
        array([0.625], dtype=float32)
        """

    def state(self) -> Mapping[str, object] | None:
        """Return the state to store in a checkpoint.

        Called whenever a checkpoint is written, and before `set_state`.

        Returns
        -------
        dict or None
            The state. Its values must be supported by JSON or be 1-D arrays of the network's dtype. None if
            the callback has no state.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Callback().state() is None
        True
        """
        return None

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore the state that `state` returned.

        Called after `on_train_begin` when a fit resumes from a checkpoint, unless `state` returns None. If
        this method raises ValueError, the fit ends before training starts.

        Examples
        --------
        >>> import localgrad as lg, tempfile, os
        >>> class Count(lg.callbacks.Callback):
        ...     epochs = 0
        ...
        ...     def on_epoch_end(self, training):
        ...         self.epochs += 1
        ...
        ...     def state(self):
        ...         return {"epochs": self.epochs}
        ...
        ...     def set_state(self, state):
        ...         self.epochs = state["epochs"]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path, count = os.path.join(folder, "last"), Count()
        ...     first = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=3, checkpoint=path, callbacks=[Count()])
        ...     second = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=5, resume=path, callbacks=[count])
        ...     count.epochs
        5
        """

    def should_stop(self) -> object:
        """Return whether a resumed fit should end without training.

        Called after `set_state`.

        Returns
        -------
        object
            A truthy value ends the fit. ``history.stopped`` is then this value if it is a str, otherwise
            ``"callback"``.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Callback().should_stop() is None
        True
        """
        return None


CallbackLike: TypeAlias = Callable[[int, dict[str, float]], object] | Callback

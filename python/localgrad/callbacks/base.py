"""What every callback has."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from localgrad.callbacks.training import Training


class Callback:
    """The base class of callbacks; its methods do nothing.

    Any object with one of the four methods ``on_train_begin``, ``on_batch_end``, ``on_epoch_end`` and
    ``on_train_end`` will do as a callback; it need not derive from this class, and all other methods and
    attributes are optional. Those four and `on_restore` receive the `Training`.

    They may change the network's parameters, by assignment or in place: training continues from there. Not so
    under `LBFGS`, whose method keeps its own copy: there `on_epoch_end` gets a RuntimeError.

    A checkpoint keeps what `state` returns. A resumed fit calls, after `on_train_begin`, the method
    `set_state` of the callback of the same class in the same place: if there are as many callbacks with a
    state of that class as there were, they get their states in order; if not, those at the same position
    among all callbacks get theirs first. Then `should_stop` is called.

    Attributes
    ----------
    every : int, default 1
        `on_batch_end` is called after every `every`-th mini-batch of the fit.
    keep_parameters : bool, default False
        Whether, from the next epoch on, `Training.parameters_of` is to find the parameters of the training's
        own numbers. It takes a copy of the parameters for each epoch.

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

    The parameters with the best validation cost are put back at the end, also of a fit that is resumed:

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
    >>> history = net.fit(x, y, validation=(x, y), optimizer=lg.SGD(2.5), callbacks=[Best()])
    >>> net.evaluate(x, y)["cost"] == min(history["val_cost"])
    True
    """

    every: int = 1
    keep_parameters: bool = False

    def on_train_begin(self, training: Training) -> None:
        """Handle the start of training, also of a fit that resumes.

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

    def on_batch_end(self, training: Training) -> object:
        """Handle the end of a mini-batch; a truthy result ends the training, a str is its reason.

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
        """Handle the end of an epoch; a truthy result ends the training, a str is its reason.

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
        """Handle the end of training, whatever ended it; called for the last callback first.

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
        """Put other parameters back, if they are better; called last, after the last checkpoint was written.

        The checkpoint keeps those that the training resumes from. ``training.stopped`` is ``"error"`` or
        ``"interrupted"`` if that ended the training.

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
        """Return what a checkpoint keeps of this object; None for an object without a state.

        Called for every checkpoint, and before `set_state`.

        Returns
        -------
        dict or None
            Values that JSON knows, and 1-D arrays of the network's dtype.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Callback().state() is None
        True
        """
        return None

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `state` returned; called after `on_train_begin` of a fit that is resumed.

        Not called for an object whose `state` returns None. A ValueError ends the fit before it trains.

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
        """Return whether not to train at all when a fit resumes; a str is the reason.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Callback().should_stop() is None
        True
        """
        return None


CallbackLike: TypeAlias = Callable[[int, dict[str, float]], object] | Callback

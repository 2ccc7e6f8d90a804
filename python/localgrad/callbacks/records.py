"""Callbacks that record learning rates and parameters in memory."""

from localgrad._arguments.check import integer
from localgrad._arrays.rows import FloatArray
from localgrad.callbacks.base import Callback
from localgrad.callbacks.training import Training


class LearningRates(Callback):
    """Callback that records the learning rate of mini-batches.

    Parameters
    ----------
    every : int, default 1
        Interval, in mini-batches, at which the learning rate is recorded.

    Attributes
    ----------
    steps : list of int
        The recorded mini-batches of the last fit, counted from 1. If the fit resumed from a checkpoint, the
        count continues from there; mini-batches before the checkpoint are not recorded.
    learning_rates : list of float
        The learning rates of these mini-batches.

    Raises
    ------
    TypeError, ValueError
        If `every` is not an int of at least 1.

    Examples
    --------
    >>> import localgrad as lg
    >>> rates = lg.callbacks.LearningRates(every=2)
    >>> history = lg.Network([1, 1]).fit(
    ...     [[0.0]], [1.0], epochs=8, schedule=lg.schedules.Polynomial(), callbacks=[rates]
    ... )
    >>> rates.steps
    [2, 4, 6, 8]
    >>> [round(rate, 6) for rate in rates.learning_rates]
    [0.000875, 0.000625, 0.000375, 0.000125]
    """

    def __init__(self, every: int = 1) -> None:
        self.every = integer(every, "every", at_least=1)
        self.steps: list[int] = []
        self.learning_rates: list[float] = []

    def __repr__(self) -> str:
        return f"LearningRates(every={self.every})"

    def on_train_begin(self, training: Training) -> None:
        """Clear the lists.

        Examples
        --------
        >>> import localgrad as lg
        >>> rates = lg.callbacks.LearningRates()
        >>> net = lg.Network([1, 1])
        >>> runs = [net.fit([[0.0]], [1.0], epochs=3, callbacks=[rates]) for _ in range(2)]
        >>> rates.steps
        [1, 2, 3]
        """
        self.steps, self.learning_rates = [], []

    def on_batch_end(self, training: Training) -> None:
        """Record the learning rate of the mini-batch.

        Examples
        --------
        >>> import localgrad as lg
        >>> rates = lg.callbacks.LearningRates()
        >>> history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=2, callbacks=[rates])
        >>> rates.learning_rates
        [0.001, 0.001]
        """
        self.steps.append(training.step)
        self.learning_rates.append(training.learning_rate)


class WeightSnapshots(Callback):
    """Callback that records copies of the parameters before the first epoch and after every N epochs.

    Parameters
    ----------
    every : int, default 1
        Record the parameters after each epoch whose number is a multiple of `every`. Epochs of earlier fits
        are counted.

    Attributes
    ----------
    epochs : list of int
        The number of epochs the network had been trained for at each snapshot of the last fit.
    parameters : list of ndarray of shape (num_parameters,)
        The parameters of each snapshot, in the order of `Network.parameters`.

    Raises
    ------
    TypeError, ValueError
        If `every` is not an int of at least 1.

    Examples
    --------
    >>> import localgrad as lg
    >>> snapshots = lg.callbacks.WeightSnapshots(every=2)
    >>> history = lg.Network([1, 1], init="zeros").fit(
    ...     [[0.0]], [1.0], epochs=5, optimizer=lg.SGD(0.5), callbacks=[snapshots]
    ... )
    >>> snapshots.epochs
    [0, 2, 4]
    >>> [float(bias) for _, bias in snapshots.parameters]
    [0.0, 0.75, 0.9375]
    """

    def __init__(self, every: int = 1) -> None:
        self._epochs = integer(every, "every", at_least=1)
        self.epochs: list[int] = []
        self.parameters: list[FloatArray] = []

    def __repr__(self) -> str:
        return f"WeightSnapshots(every={self._epochs})"

    def on_train_begin(self, training: Training) -> None:
        """Clear the lists and record the initial parameters.

        Examples
        --------
        >>> import localgrad as lg
        >>> snapshots = lg.callbacks.WeightSnapshots(every=100)
        >>> history = lg.Network([2, 3, 1]).fit([[0.0, 1.0]], [1.0], callbacks=[snapshots])
        >>> snapshots.parameters[0].shape
        (13,)
        """
        self.epochs, self.parameters = [], []
        self._keep(training)

    def on_epoch_end(self, training: Training) -> None:
        """Record the parameters if a snapshot is due.

        Examples
        --------
        >>> import localgrad as lg
        >>> snapshots = lg.callbacks.WeightSnapshots()
        >>> net = lg.Network([1, 1])
        >>> history = net.fit([[0.0]], [1.0], epochs=2, callbacks=[snapshots])
        >>> bool((snapshots.parameters[-1] == net.parameters).all())
        True
        """
        if training.epoch % self._epochs == 0:
            self._keep(training)

    def _keep(self, training: Training) -> None:
        self.epochs.append(training.epoch)
        self.parameters.append(training.network.parameters.copy())

"""What is kept of a training in memory."""

from localgrad._arguments.check import integer
from localgrad._arrays.rows import FloatArray
from localgrad.callbacks.base import Callback
from localgrad.callbacks.training import Training


class LearningRates(Callback):
    """Keeps the learning rates of mini-batches.

    Parameters
    ----------
    every : int, default 1
        That of every so-many-th mini-batch of the fit is kept.

    Attributes
    ----------
    steps : list of int
        The mini-batches, counted from 1 in the last fit. One that is resumed continues to count where its
        checkpoint was written; of what was trained before that nothing is kept.
    learning_rates : list of float
        Their learning rates.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Examples
    --------
    >>> import localgrad as lg
    >>> rates = lg.callbacks.LearningRates(every=2)
    >>> history = lg.Network([1, 1]).fit(
    ...     [[0.0]], [1.0], epochs=6, schedule=lg.schedules.Polynomial(), callbacks=[rates]
    ... )
    >>> rates.steps
    [2, 4, 6]
    >>> [round(rate, 3) for rate in rates.learning_rates]
    [0.083, 0.05, 0.017]
    """

    def __init__(self, every: int = 1) -> None:
        self.every = integer(every, "every", at_least=1)
        self.steps: list[int] = []
        self.learning_rates: list[float] = []

    def __repr__(self) -> str:
        return f"LearningRates(every={self.every})"

    def on_train_begin(self, training: Training) -> None:
        """Begin with empty lists.

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
        """Keep the mini-batch's learning rate.

        Examples
        --------
        >>> import localgrad as lg
        >>> rates = lg.callbacks.LearningRates()
        >>> history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=2, callbacks=[rates])
        >>> rates.learning_rates
        [0.1, 0.1]
        """
        self.steps.append(training.step)
        self.learning_rates.append(training.learning_rate)


class WeightSnapshots(Callback):
    """Keeps copies of the parameters: from before the first epoch and after each so-many-th.

    Parameters
    ----------
    every : int, default 1
        Those after each epoch are kept whose count is a multiple of this.

    Attributes
    ----------
    epochs : list of int
        The network's counts of epochs in the last fit.
    parameters : list of ndarray of shape (num_parameters,)
        The parameters then, in the order of `Network.parameters`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

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
        """Keep the parameters with which the training begins, and none of before.

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
        """Keep the parameters, if it is time.

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

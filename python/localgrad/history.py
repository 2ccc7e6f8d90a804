"""Costs and metrics recorded during training."""

from __future__ import annotations  # help() then shows types by their names

import copy
import io
import math
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from localgrad._arguments.names.values import history_name
from localgrad._support.html import table
from localgrad._support.late import import_late
from localgrad.privacy import Guarantee

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from localgrad.diagnosis import Diagnosis, Setup

__all__ = ["History"]


# What `fit` records with `diagnostics`: one number for each layer, except for the last one.
DIAGNOSTICS = (
    "delta_rms",
    "z_rms",
    "a_rms",
    "saturated",
    "dead",
    "update_ratio",
    "gradient_norm",
    "gradient_noise_scale",
)


class History(dict[str, list[Any]]):
    """Costs and metrics of each epoch of a training run.

    `Network.fit` returns a History. It is a dict that maps each name to a list with one number per finished
    epoch, so ``pandas.DataFrame(history)`` has one row per epoch.

    - ``"cost"`` is the mean cost of the examples, each computed before the update of its mini-batch. It
      includes sample weights, dropout and noise, but not penalties. Metrics of the training data are computed
      from the same outputs.
    - ``"val_cost"`` and other names with the prefix ``"val_"`` belong to the validation data, evaluated after
      the epoch.
    - ``"delta_rms"`` and other diagnostics are recorded if `fit` is given ``diagnostics=True``; see Notes.
    - ``"learning_rate"`` is the learning rate of the last mini-batch of the epoch, recorded if it has a
      schedule. The same holds for ``"dropout"``, ``"weight_decay"`` and ``"label_smoothing"``; if layers
      differ, it is the largest.

    Numbers that could not be computed because of an interruption are NaN.

    Attributes
    ----------
    best_epoch : int or None
        Best epoch according to `callbacks.EarlyStopping` or `restore_best`, counted from 1 in this history.
        None if neither is used.
    stopped : str or None
        Why training ended: ``"epochs"`` after the last epoch, ``"time_limit"``, ``"callback"`` or the
        reason that a callback returned, such as ``"early_stopping"``, ``"interrupted"`` by Ctrl-C, or
        ``"error"``. For `LBFGS` also ``"converged"``, ``"evaluations"`` after `max_evaluations`, or
        ``"line_search"`` if it found no better point; for `LevenbergMarquardt` ``"converged"``, or
        ``"damping"`` if no step decreased the cost. None while training runs.
    first_epoch : int
        Number of epochs that the network had been trained for before this call of `fit`.
    diverged : dict or None
        The diagnostics of the epoch in which training diverged, by name, as far as it came; they include the
        mini-batch whose cost or update was not finite. None without `diagnostics`, or if it did not diverge.
    privacy : privacy.Guarantee or None
        What the parameters may reveal about single examples, if `fit` was given `clip_per_example`. Costs and
        metrics are not private.
    setup : diagnosis.Setup or None
        Settings of the fit, and with ``diagnostics=True`` a summary of its data, for `diagnose`.

    Notes
    -----
    Diagnostics have a list for each epoch, with one number for each layer l = 2..L, except for
    ``"gradient_noise_scale"``. They are those of the first mini-batch of each epoch and about one of every
    4096 examples, at most every 32nd mini-batch, and of up to a quarter of its examples, but at least 16 and
    at most 256. All examples are counted as in training, with sample weights and dropout.

    - ``"delta_rms"`` is the root mean square of the local gradients δ over examples and units, ``"z_rms"``
      and ``"a_rms"`` those of the weighted inputs and the activations.
    - ``"saturated"`` is the share of units and examples with φ'(z) below 5 % of its largest value, of bounded
      activations; 0 for others and for softmax.
    - ``"dead"`` is the share of units with abs(φ'(z)) below 0.0001 for all examples measured in the epoch; 0
      for softmax.
    - ``"update_ratio"`` is the root mean square of the change of the weights in a step, divided by that of
      the weights before it. Of a layer with more than 1024 weights, those of every k-th unit of the layer
      before are compared.
    - ``"gradient_norm"`` is the norm of the gradient of a whole mini-batch, before penalties and clipping.
    - ``"gradient_noise_scale"`` is that of `gradient_noise_scale`, estimated from the norms of the gradients
      of examples and mini-batches (McCandlish et al. 2018). Infinite if the mean gradient is lost in the
      noise; NaN with mini-batches of one example and with `y_slope`.

    The last three are means over the mini-batches. Layers that are frozen have a gradient norm of 0, and a δ
    of NaN if no layer below is trained.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
    >>> history = net.fit([[0.0], [0.0]], [1.0, 1.0], epochs=2, optimizer=lg.SGD(0.5))
    >>> history
    History of 2 epochs
      cost  first 0.5, last 0.125, lowest 0.125
    >>> history["cost"]
    [0.5, 0.125]
    >>> history is net.history
    True
    """

    best_epoch: int | None = None
    stopped: str | None = None
    first_epoch: int = 0
    diverged: dict[str, Any] | None = None
    privacy: Guarantee | None = None
    setup: Setup | None = None

    def __missing__(self, name: str) -> list[float]:
        """Return the numbers of a name used in other libraries, such as "val_loss"."""
        ours = self._ours(name)
        if ours == name:
            raise KeyError(name)
        return self[ours]

    def __contains__(self, name: object) -> bool:
        """Return whether the history contains a name, or the equivalent of a name used in other libraries."""
        return self._ours(name) in self.keys()

    def get(self, name: Any, default: Any = None) -> Any:
        """Return ``history[name]`` if the history contains the name, and the default otherwise.

        Names used in other libraries are accepted, such as ``"loss"`` for ``"cost"``.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.History(cost=[0.5]).get("loss"), lg.History(cost=[0.5]).get("accuracy")
        ([0.5], None)
        """
        return super().get(self._ours(name), default)

    def _ours(self, name: Any) -> Any:
        return history_name(name, self.keys()) if isinstance(name, str) else name

    def copy(self) -> History:
        """Return a shallow copy; the lists are shared, as with ``dict.copy``.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.History(cost=[0.5]).copy()
        History of 1 epoch
          cost  first 0.5, last 0.5, lowest 0.5
        """
        return copy.copy(self)

    def plot(self, *names: str | Sequence[str], ax: Axes | None = None) -> Axes:
        """Plot costs or metrics by epoch, with the learning rate and the best epoch.

        The same as ``localgrad.plot.learning_curves(history, *names, ax=ax)``.

        Parameters
        ----------
        *names : str or sequence of str
            Names to plot, by default ``"cost"``. The validation counterpart of each name, such as
            ``"val_cost"``, is included if there is one.
        ax : matplotlib.axes.Axes, optional
            Axes to plot on. By default a new figure is created.

        Returns
        -------
        matplotlib.axes.Axes
            The axes. The learning rate, if recorded, is drawn on a second axis on the right. A vertical line
            marks `best_epoch`, or the lowest ``"val_cost"`` if `best_epoch` is None.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `ax` is not an Axes or a name is not a str.
        ValueError
            If the history does not contain a name.

        Examples
        --------
        >>> import localgrad as lg
        >>> axes = lg.History(cost=[0.5, 0.1], val_cost=[0.6, 0.3]).plot()  # doctest: +SKIP
        """
        import_late("localgrad.plot")
        from localgrad.plot import learning_curves

        return learning_curves(self, *names, ax=ax)

    def diagnose(self) -> Diagnosis:
        """Say what went wrong in training, and what to try.

        With ``fit(..., diagnostics=True)`` it examines the data, every layer and the steps. Without, it
        examines the costs only, and says what it could not examine. After an error, the history is
        `Network.history`.

        Returns
        -------
        Diagnosis
            The findings, the most likely cause first; ``print(history.diagnose())`` shows them with advice.
            It is empty if nothing conspicuous was found.

        Notes
        -----
        A cause is reported only if training achieved too little: unusual numbers in a network that removed
        90 % of the cost of the best constant prediction did no harm. The thresholds were measured on runs
        with known faults and on healthy ones; the documentation has the rates of detection. The model is
        AutoTrainer (Zhang et al. 2021).

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 8, 1], activation="tanh", seed=0)
        >>> x = [[k / 10] for k in range(-30, 31)]
        >>> y = [abs(k / 10) for k in range(-30, 31)]
        >>> history = net.fit(x, y, epochs=20, optimizer=lg.SGD(1e-6), diagnostics=True)
        >>> print(history.diagnose()[0])
        learning rate too low
          All 20 epochs together moved the weights of no layer by more than 1.7e-05 times their
          size, and the cost is still falling.
          Try: a higher learning rate than 1e-06, for example 0.007, or more epochs;
          net.lr_finder(X, y) suggests one.
        """
        import_late("localgrad.diagnosis")
        from localgrad.diagnosis.diagnose import diagnose

        return diagnose(self, self.setup, self.first_epoch)

    def _repr_html_(self) -> str:
        rows = []
        for name, values in self.items():
            if values:
                limits = (f"{limit(_numbers(values)):.6g}" for limit in (min, max))
                rows.append((name, _text(values[0]), _text(values[-1]), *limits))
        numbers = ("first", "last", "lowest", "highest")
        found = table(self._title(), ("", *numbers), rows, numbers=" ".join(numbers))
        if rows and "cost" in self and find_spec("matplotlib"):
            from matplotlib.figure import Figure

            figure, stream = Figure(figsize=(6, 3.2), layout="constrained"), io.StringIO()
            self.plot(ax=figure.add_subplot())
            figure.savefig(stream, format="svg")
            svg = stream.getvalue()
            found += svg[svg.index("<svg") :]
        return found

    def _title(self) -> str:
        epochs = max((len(values) for values in self.values()), default=0)
        title = f"History of {epochs} {'epoch' if epochs == 1 else 'epochs'}"
        if self.first_epoch:
            title += f" after {self.first_epoch}"
        if self.best_epoch is not None:
            title += f", best {self.first_epoch + self.best_epoch}"
        if self.stopped not in (None, "epochs"):
            title += f", stopped: {self.stopped}"
        return title

    def __repr__(self) -> str:
        width = max((len(name) for name in self), default=0)
        lines = [f"  {name:<{width}}  {_summary(name, values)}" for name, values in self.items() if values]
        return "\n".join([self._title(), *lines])


def _summary(name: str, values: list[Any]) -> str:
    """Describe the first, last and best value; the lowest and highest if the better direction is unknown."""
    import_late("localgrad.metrics")
    from localgrad.metrics import higher_is_better

    parts = [f"first {_text(values[0])}", f"last {_text(values[-1])}"]
    if any(isinstance(value, list) for value in values):
        return "; ".join(parts)
    known = [value for value in values if not math.isnan(value)]
    higher = higher_is_better(name)
    if known and higher is not True:
        parts.append(f"lowest {min(known):.6g}")
    if known and higher is not False:
        parts.append(f"highest {max(known):.6g}")
    return ", ".join(parts)


_MOST_LAYERS = 6  # whose numbers are all shown


def _text(value: float | list[float]) -> str:
    """Return a number, or the numbers of the layers, of which those in the middle may be left out."""
    if not isinstance(value, list):
        return f"{value:.6g}"
    numbers = [f"{number:.3g}" for number in value]
    if len(numbers) > _MOST_LAYERS:
        numbers[2:-2] = ["…"]
    return ", ".join(numbers)


def _numbers(values: list[Any]) -> list[float]:
    """Return the numbers of all epochs and layers."""
    return [number for value in values for number in (value if isinstance(value, list) else [value])]

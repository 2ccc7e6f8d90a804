"""What a fit reports of its epochs."""

__all__ = ["History"]


class History(dict[str, list[float]]):
    """Costs and accuracies of a fit: a dict of lists with one number per finished epoch.

    ``"cost"`` is the mean cost over the epoch's examples, each before its update; ``"val_cost"`` and
    ``"val_accuracy"`` belong to the validation data after the epoch and are there when they were asked for
    and have a meaning. ``"learning_rate"``, that of the epoch's last mini-batch, is there with a schedule. A
    number that an interruption kept from being measured is not a number.

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

    def __repr__(self) -> str:
        epochs = max((len(values) for values in self.values()), default=0)
        lines = [f"History of {epochs} {'epoch' if epochs == 1 else 'epochs'}"]
        width = max((len(name) for name in self), default=0)
        for name, values in self.items():
            if values:
                best = "highest" if name.endswith("accuracy") else "lowest"
                extreme = max(values) if best == "highest" else min(values)
                lines.append(
                    f"  {name:<{width}}  first {values[0]:.6g}, last {values[-1]:.6g}, {best} {extreme:.6g}"
                )
        return "\n".join(lines)

"""Rules about layers: saturation, dead units, and the size of δ."""

import numpy as np

from localgrad.diagnosis.evidence import BOUNDED, Evidence
from localgrad.diagnosis.finding import Finding

_SATURATED = 0.4  # share of units × examples; before training, ordinary layers have less than 0.1
_DEAD = 0.6  # share of units; before training, ordinary layers have less than 0.4
_EXPLODED = 8.0  # δ compared with that of a constant prediction at the output; ordinary: up to 4
_ORDINARY_Z = 2.0  # of the output before training; then δ is large because of the targets, if it is
_VANISHED = 0.01  # δ of layer 2 compared with that of the output; ordinary: above 0.02
_GONE = 0.002  # before training: so small that it costs many epochs even if δ recovers
_LEAST_DELTA = 1e-6  # of a constant prediction; below, there is nothing to compare with


def saturation_at_start(e: Evidence) -> Finding | None:
    """Report hidden layers that are saturated before training."""
    found = e.at_start("saturated", _SATURATED)
    if found is None or not e.unsolved:
        return None
    advice = "smaller initial weights (init='auto', init_gain=1), or activation='relu'."
    return _saturated(e, found[0], e.first_epoch, found[1], advice)


def saturation_later(e: Evidence) -> Finding | None:
    """Report hidden layers that became saturated."""
    found = e.later("saturated", _SATURATED)
    if found is None or not e.unsolved or e.at_start("saturated", _SATURATED):
        return None
    return _saturated(e, *found, "a lower learning rate, l2 or weight_decay, or activation='relu'.")


def _saturated(e: Evidence, layer: int, epoch: int, share: float, advice: str) -> Finding:
    message = (
        f"{share:.0%} of the activations in layer {layer} are at the flat ends of {e.activation(layer)}, "
        "where φ'(z) is less than 5 % of its largest value, so that hardly any δ passes."
    )
    return Finding("saturation", message, advice, layer, epoch, {"saturated": share})


def dead_units_at_start(e: Evidence) -> Finding | None:
    """Report hidden layers with units that are dead before training."""
    found = e.at_start("dead", _DEAD)
    if found is None or not e.unsolved or e.activation(found[0]) in BOUNDED:
        return None
    advice = (
        "biases that start at 0 and weights around 0 (init='auto'), or activation='leaky_relu' or 'elu', "
        "whose derivative is 0 nowhere."
    )
    return _dead(e, found[0], e.first_epoch, found[1], advice)


def dead_units_later(e: Evidence) -> Finding | None:
    """Report hidden layers with units that died in training."""
    found = e.later("dead", _DEAD)
    if found is None or not e.unsolved or e.at_start("dead", _DEAD) or e.activation(found[0]) in BOUNDED:
        return None
    return _dead(e, *found, "a lower learning rate, or activation='leaky_relu' or 'elu'.")


def _dead(e: Evidence, layer: int, epoch: int, share: float, advice: str) -> Finding:
    message = (
        f"{share:.0%} of the units in layer {layer} are dead: φ'(z) of {e.activation(layer)} is 0 for all "
        "examples, so that their weights do not change."
    )
    return Finding("dead_units", message, advice, layer, epoch, {"dead": share})


def exploding_delta(e: Evidence) -> Finding | None:
    """Report a δ that is far larger before training than that of a constant prediction."""
    if e.data is None or e.start is None or not e.unsolved or (e.data.constant_delta or 0) < _LEAST_DELTA:
        return None
    z, usual = e.start.z_rms, e.data.constant_delta or 0.0
    whose = "that of a constant prediction at the output"
    if z[-1] <= _ORDINARY_Z and e.start.delta_rms[-1] > usual:
        usual, whose = e.start.delta_rms[-1], "that at the output"
    delta = np.array(e.start.delta_rms) / usual
    layer = int(np.argmax(delta)) + 2
    if not delta.max() >= _EXPLODED:
        return None
    own = e.start.delta_rms[layer - 2]
    message = (
        f"The RMS of δ in layer {layer} is {own:.3g}, {delta.max():.3g} times {whose}. "
        f"On the way forward, z goes from {z[0]:.3g} in layer 2 to {z[-1]:.3g} at the output."
    )
    advice = "smaller initial weights (init='auto', init_gain=1), fewer layers, or clip_norm=1."
    numbers = {"delta_rms": own, "constant_delta": e.data.constant_delta or 0.0}
    return Finding("exploding_delta", message, advice, layer, e.first_epoch, numbers)


def vanishing_delta(e: Evidence) -> Finding | None:
    """Report a δ that gets lost on its way from the output to layer 2."""
    if e.start is None or len(e.start.delta_rms) < 2 or not e.unsolved:
        return None
    first, last, table = e.start.delta_rms[0], e.start.delta_rms[-1], e.table("delta_rms")
    usual = e.start.delta_rms if table is None else np.nanmedian(table, axis=0)
    limit = _VANISHED if usual[0] < _VANISHED * usual[-1] else _GONE
    if not first < limit * last:
        return None
    message = (
        f"The RMS of δ shrinks from {last:.3g} at the output to {first:.3g} in layer 2, so that the first "
        "layers hardly change."
    )
    advice = "initial weights other than 0 (init='auto')."
    if first > 0:
        advice = (
            "activation='relu' or 'elu', larger initial weights (init='auto', init_gain=1), fewer layers, or "
            "Adam, whose steps do not depend on the size of δ."
        )
    numbers = {"delta_of_layer_2": first, "delta_of_output": last}
    return Finding("vanishing_delta", message, advice, 2, e.first_epoch, numbers)

"""What `History.diagnose` finds in runs with a known fault, and how it is shown."""

import copy
import json
import pickle
from contextlib import suppress

import localgrad as lg
import numpy as np
import pytest
from localgrad.diagnosis import Diagnosis, Finding

RNG = np.random.default_rng(0)
X = RNG.normal(0, 1, (600, 6))
Y = np.tanh(X @ RNG.normal(0, 1, (6, 3))) @ RNG.normal(0, 1, (3, 1))
Y = (Y - Y.mean()) / Y.std()
LABELS = (X @ RNG.normal(0, 1, (6, 3))).argmax(axis=1)


def trained(sizes=(6, 24, 24, 1), x=X, y=Y, *, epochs=25, change=None, network=None, **options):
    """Return the history of a run that is healthy except for what is passed."""
    settings = {"activation": "relu", "seed": 0} | (network or {})
    net = lg.Network(list(sizes), **settings)
    if change is not None:
        change(net)
    options = {"optimizer": lg.Adam(3e-3), "diagnostics": True} | options
    with suppress(FloatingPointError):
        net.fit(x, y, epochs=epochs, **options)
    return net.history


def kill(net):
    net.biases[0] = np.full(24, -30.0)


SIGMOID = {"activation": "sigmoid"}
FAULTS = {
    "unscaled_inputs": {"x": X * 500 + 1000, "optimizer": lg.SGD(0.01)},
    "targets_out_of_range": {"network": {"output": "tanh", "cost": "mse"}, "y": Y * 5},
    "unscaled_targets": {"y": Y * 1000 + 5000},
    "saturation": {"network": {"activation": "tanh", "init_gain": 30}},
    "dead_units": {"change": kill},
    "exploding_delta": {"sizes": (6, *[24] * 6, 1), "network": {"init_gain": 4}},
    "vanishing_delta": {"sizes": (6, *[24] * 7, 1), "network": SIGMOID, "optimizer": lg.SGD(0.05)},
    "learning_rate_too_high": {"optimizer": lg.Adam(3.0)},
    "learning_rate_too_low": {"optimizer": lg.SGD(1e-6)},
    "too_few_updates": {"optimizer": lg.Adam(3e-3), "batch_size": 600, "epochs": 8},
    "constant_outputs": {"l2": 5.0, "optimizer": lg.Adam(1e-3)},
    "uninformative_labels": {
        "y": RNG.permutation(Y),
        "validation": (RNG.normal(0, 1, (600, 6)), RNG.permutation(Y)),
    },
    "overfitting": {
        "x": X[:40],
        "y": Y[:40] + RNG.normal(0, 0.7, (40, 1)),
        "sizes": (6, 128, 128, 1),
        "epochs": 150,
        "validation": (X[40:], Y[40:]),
    },
}


@pytest.fixture(scope="module")
def healthy():
    return trained(epochs=40)


@pytest.mark.parametrize("cause", FAULTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_right_cause_comes_first(cause):
    found = trained(**FAULTS[cause]).diagnose()
    assert found.causes[0] == cause
    assert cause in found.examined


def test_large_steps_that_are_mostly_noise_need_larger_batches():
    noisy = Y + RNG.normal(0, 1, Y.shape)
    options = {"y": noisy, "optimizer": lg.SGD(0.1), "epochs": 10}
    found = trained((6, 24, 24, 1), batch_size=1, **options).diagnose()
    assert found.causes[0] == "batch_too_small"
    assert found[0].numbers["batch_size"] == 1
    assert found[0].numbers["gradient_noise_scale"] > 3
    assert "batch_too_small" not in trained((6, 24, 24, 1), batch_size=64, **options).diagnose().causes


def test_a_healthy_run_has_no_findings(healthy):
    found = healthy.diagnose()
    assert not found
    assert len(found) == 0
    assert repr(found) == "<Diagnosis: nothing conspicuous>"
    text = str(found)
    assert "Nothing conspicuous was found." in text
    assert "Examined: unscaled inputs" in text
    assert "Not examined: overfitting; train with validation data." in text


def test_findings_name_layer_and_epoch():
    dead = trained(change=kill).diagnose()[0]
    assert (dead.layer, dead.epoch, dead.numbers) == (2, 0, {"dead": 1.0})
    assert str(dead).startswith("dead units in layer 2, before training\n")
    assert "100% of the units in layer 2 are dead" in dead.message
    assert "leaky_relu" in dead.advice


def test_units_that_die_of_large_steps_follow_the_learning_rate():
    found = trained(optimizer=lg.Adam(3.0), batch_size=8).diagnose()
    assert found.causes == ("learning_rate_too_high", "dead_units")
    assert found[1].epoch >= 1


def test_epochs_are_those_of_the_network():
    net = lg.Network([6, 24, 24, 1], seed=0)
    net.fit(X, Y, epochs=3, optimizer=lg.Adam(1e-6))
    kill(net)
    found = net.fit(X, Y, epochs=2, diagnostics=True).diagnose()
    assert found[0].epoch == 3


def test_a_run_that_diverges_is_diagnosed():
    history = trained((6, 24, 24, 1), optimizer=lg.SGD(50.0))
    assert history.stopped == "error"
    assert history.setup.diverged
    found = history.diagnose()
    assert found.summary == "Training diverged."
    assert found[0].cause == "learning_rate_too_high"
    assert found[0].epoch == len(history["cost"]) + 1
    assert "infinite or NaN" in found[0].message


def test_the_advised_learning_rate_helps():
    low = trained(optimizer=lg.Adam(1e-7)).diagnose()[0]
    rate = float(low.advice.split("for example ")[1].split(",")[0])
    assert 1e-4 < rate < 1e-1
    assert not trained(optimizer=lg.Adam(rate)).diagnose()


def test_rare_classes_do_not_make_delta_explode():
    rare = (X[:, 0] + X[:, 1] > 2.6).astype(int)
    assert 0 < rare.mean() < 0.05
    network = {"output": "sigmoid", "cost": "mse"}
    assert trained((6, 16, 1), y=rare, network=network, optimizer=lg.Adam(1e-3)).diagnose().causes == (
        "too_few_updates",
    )


def test_a_cost_that_is_still_falling_says_nothing_about_the_labels():
    history = trained((6, 3), y=LABELS, network={"output": "softmax"}, optimizer=lg.Adam(1e-3), epochs=20)
    assert history.diagnose().causes == ("too_few_updates",)


def test_a_rate_that_a_schedule_lowers_can_be_too_low():
    options = {"optimizer": lg.SGD(1e-5), "schedule": lg.schedules.Cosine()}
    assert trained(**options).diagnose().causes == ("learning_rate_too_low",)


def test_weights_of_zero_do_not_suggest_another_rate():
    network = {"activation": "tanh", "init": "zeros"}
    found = trained((6, 16, 16, 1), network=network).diagnose()
    assert found.causes == ("vanishing_delta",)
    assert found[0].advice == "initial weights other than 0 (init='auto')."


def test_the_epoch_counts_those_without_diagnostics(tmp_path):
    net, path = lg.Network([6, 24, 24, 1], seed=0), tmp_path / "last"
    options = {"optimizer": lg.Adam(3.0), "batch_size": 8}
    net.fit(X, Y, epochs=3, checkpoint=path, **options)
    found = net.fit(X, Y, epochs=8, resume=path, diagnostics=True, **options).diagnose()
    assert next(one.epoch for one in found if one.cause == "dead_units") >= 4
    assert net.history.setup.start is None


def test_what_cannot_be_examined_is_explained():
    net = lg.Network([6, 4, 1], seed=0)
    text = str(net.fit(lambda: iter([(X, Y)]), epochs=2, diagnostics=True).diagnose())
    assert "train with arrays instead of blocks" in text.replace("\n", " ")
    lines = str(net.fit(X, Y, epochs=0, diagnostics=True).diagnose()).splitlines()
    assert lines[:2] == ["No epoch was completed.", "Nothing was examined."]
    assert lines[2].startswith("Not examined: ")


def test_what_did_no_harm_is_not_reported():
    history = trained(x=X * 12, epochs=60)
    assert history.diagnose().causes == ()
    assert history.setup.data.input_std[0] > 10


def test_without_diagnostics_only_the_costs_are_examined():
    found = trained(diagnostics=False).diagnose()
    assert found.examined == ("learning_rate_too_high",)
    assert "unscaled_inputs" in found.not_examined
    assert "train with diagnostics=True and validation data" in str(found).replace("\n", " ")
    found = trained(diagnostics=False, **FAULTS["overfitting"]).diagnose()
    assert found.causes == ("overfitting",)
    diverged = trained(diagnostics=False, optimizer=lg.SGD(50.0))
    assert diverged.diagnose().causes == ("learning_rate_too_high",)


def test_histories_without_a_fit():
    assert lg.History().diagnose().examined == ()
    rising = lg.History(cost=[1.0, 3.0, 9.0], val_cost=[1.0, 3.0, 9.0]).diagnose()
    assert rising.causes == ("learning_rate_too_high",)
    assert lg.History(cost=[float("nan")] * 2, val_cost=[float("nan")] * 2).diagnose().examined


def test_restored_parameters_are_not_overfitted():
    fault = FAULTS["overfitting"]
    assert "overfitting" not in trained(**fault, restore_best=True).diagnose().causes
    stop = lg.callbacks.EarlyStopping(patience=5)
    assert "overfitting" not in trained(**fault, callbacks=[stop]).diagnose().causes


def test_a_diagnosis_is_a_sequence_of_findings():
    finding = Finding("dead_units", "Seen.", "Do.", 2, 1, {"dead": 0.75})
    found = Diagnosis([finding], ["dead_units"], ["overfitting"], "It is so.")
    assert list(found) == [finding]
    assert found[0] is finding
    assert found[:1] == (finding,)
    assert found.causes == ("dead_units",)
    assert repr(found) == "<Diagnosis: dead_units>"
    assert found == copy.deepcopy(found)
    assert found == pickle.loads(pickle.dumps(found))
    assert found != Diagnosis([], ["dead_units"])
    assert str(found).splitlines() == [
        "It is so.",
        "1 finding.",
        "1. dead units in layer 2, epoch 1",
        "  Seen.",
        "  Try: Do.",
        "Not examined: overfitting; train with validation data.",
    ]
    assert json.loads(json.dumps(finding.to_dict()))["numbers"] == {"dead": 0.75}


def test_html_is_escaped():
    html = Diagnosis([Finding("dead_units", "a < b", "c & d", 2)], [])._repr_html_()
    assert "<b>dead units in layer 2</b>" in html
    assert "a &lt; b" in html
    assert "c &amp; d" in html


def test_no_rule_fails_on_unusual_networks():
    for sizes, network, y in [
        ((6, 1), {}, Y),
        ((6, 4, 3), {"output": "softmax"}, LABELS),
        ((6, 4, 1), {"output": "sigmoid", "cost": "cross_entropy"}, (LABELS > 0).astype(int)),
        ((6, 4, 3), {"cost": "quantile(0.1, 0.5, 0.9)"}, Y),
        ((6, 4, 2), {"cost": "gaussian_nll"}, Y),
        ((6, 4, 3), {"cost": "hinge"}, LABELS),
        ((6, 4, 1), {"output": "softplus", "cost": "poisson"}, np.round(abs(Y))),
        ((6, 4, 1), {"standardize": True}, Y * 100),
        ((6, 4, 1), {"activation": "identity", "init": "zeros"}, Y),
        ((6, 4, 1), {"dropout": 0.5, "learn_input_scale": True, "dtype": "float64"}, np.ones_like(Y)),
    ]:
        history = trained(sizes, y=y, network=network, epochs=3, validation=0.2)
        assert str(history.diagnose())
        assert history.setup.data.constant_cost is not None

"""Names of functions, metrics and optimizers in other libraries: accepted where they mean the same."""

import localgrad as lg
import numpy as np
import pytest
from localgrad._arguments.names import arguments, attributes, words
from localgrad._arguments.names.similar import plain
from localgrad.metrics.names import HIGHER_IS_BETTER

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 2))
Y = (X[:, 0] > 0).astype(int)
KNOWN = lg._core.names()


def ours(kind, name, width=1, output="identity"):
    """Return the name that a network has for it."""
    options = {"activation": [name]} if kind == "activation" else {kind: name}
    value = getattr(lg.Network([2, 3, width], output=options.pop("output", output), **options), kind)
    return value[0] if kind == "activation" else value


@pytest.mark.parametrize(
    ("kind", "theirs", "name"),
    [
        ("activation", "linear", "identity"),
        ("activation", "swish", "silu"),
        ("activation", "SiLU", "silu"),
        ("activation", "logistic", "sigmoid"),
        ("activation", "ReLU", "relu"),
        ("activation", "Tanh", "tanh"),
        ("activation", "LeakyReLU(0.2)", "leaky_relu(0.2)"),
        ("activation", "hard-sigmoid", "hard_sigmoid"),
        ("output", "linear", "identity"),
        ("output", "logistic", "sigmoid"),
        ("init", "he_normal", "he"),
        ("init", "kaiming_normal", "he"),
        ("init", "glorot_normal", "xavier"),
        ("init", "lecun_normal", "lecun"),
        ("init", "Zeros", "zeros"),
        ("cost", "MSE", "mse"),
        ("cost", "mean_absolute_error", "mae"),
        ("cost", "L1Loss", "mae"),
        ("cost", "smooth_l1", "huber"),
        ("cost", "Huber(2)", "huber(2)"),
        ("cost", "logcosh", "log_cosh"),
    ],
)
def test_equivalent_names_are_accepted(kind, theirs, name):
    assert ours(kind, theirs) == name


@pytest.mark.parametrize(
    ("theirs", "width", "output", "name"),
    [
        ("categorical_crossentropy", 3, "softmax", "cross_entropy"),
        ("sparse_categorical_crossentropy", 3, "softmax", "cross_entropy"),
        ("log_loss", 3, "softmax", "cross_entropy"),
        ("log_loss", 1, "sigmoid", "cross_entropy"),
        ("binary_crossentropy", 1, "sigmoid", "binary_cross_entropy"),
        ("BCELoss", 1, "sigmoid", "binary_cross_entropy"),
        # The same function in other libraries, but not for these outputs.
        (
            "categorical_crossentropy",
            3,
            "sigmoid",
            "did you mean 'cross_entropy', its equivalent for softmax?",
        ),
        ("binary_crossentropy", 2, "sigmoid", "did you mean 'binary_cross_entropy', a sum over the outputs"),
        ("mean_absolute_error", 2, "identity", "did you mean 'mae', a sum over the outputs"),
        ("mean_squared_error", 1, "identity", "did you mean 'mse', half the sum"),
        ("nll", 2, "softmax", "did you mean 'cross_entropy' with output='softmax'?"),
    ],
)
def test_the_meaning_of_a_cost_name_depends_on_the_output(theirs, width, output, name):
    if name in KNOWN["costs"]:
        assert ours("cost", theirs, width, output) == name
        return
    with pytest.raises(ValueError) as caught:
        ours("cost", theirs, width, output)
    assert str(caught.value).startswith("cost must be one of 'mse', ")
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "theirs", "meant"),
    [
        ("activation", "rely", "'relu'"),
        ("activation", "hard_swish", "'silu', which it approximates"),
        ("activation", "softmax", "output='softmax'"),
        ("output", "sotfmax", "'softmax'"),
        ("init", "he_uniform", "'he', a normal distribution with the same variance"),
        ("init", "xavierr", "'xavier'"),
        ("cost", "hubert", "'huber'"),
    ],
)
def test_unknown_names_raise_an_error_with_a_suggestion(kind, theirs, meant):
    with pytest.raises(ValueError) as caught:
        ours(kind, theirs)
    argument = "activation[0]" if kind == "activation" else kind
    assert str(caught.value).startswith(f"{argument} must be one of ")
    assert f"got {theirs!r}; did you mean {meant}" in str(caught.value)


@pytest.mark.parametrize("value", [np.tanh, type("Tanh", (), {}), type("Tanh", (), {})()])
def test_activation_functions_must_be_given_by_name(value):
    with pytest.raises(TypeError, match=r"^activation must be one of .* did you mean 'tanh'\?$"):
        lg.Network([2, 3, 1], activation=value)


def test_optimizers_can_be_given_by_name():
    for name in ("adam", "sgd", "RMSprop", "adamw", "nadam", "adagrad", "lion", "rprop", "LBFGS", "l-bfgs"):
        by_name, rule = lg.Network([2, 2], output="softmax", seed=0), getattr(lg, known(name))()
        twin = by_name.copy()
        by_name.fit(X, Y, epochs=2, optimizer=name)
        twin.fit(X, Y, epochs=2, optimizer=rule)
        assert by_name.parameters.tobytes() == twin.parameters.tobytes()
    for wrong, meant in (("adma", "'Adam'"), ("momentum", r"SGD\(momentum=0.9\)")):
        with pytest.raises(ValueError, match=rf"^optimizer must be one of .*did you mean {meant}"):
            twin.partial_fit(X, Y, optimizer=wrong)
    for kind in (lg.Adam, type("Adam", (), {})()):
        with pytest.raises(TypeError, match=r"^optimizer must be .*did you mean localgrad.Adam\(\)\?$"):
            twin.fit(X, Y, optimizer=kind)


def known(name):
    return {plain(one): one for one in lg.optimizers.__all__}[plain(name)]


def test_metrics_and_monitors_accept_equivalent_names():
    net = lg.Network([2, 2], output="softmax", seed=0)
    stop = lg.callbacks.EarlyStopping("val_loss", mode="auto", patience=1)
    pace = lg.schedules.ReduceOnPlateau("val_acc", mode="auto")
    metrics = ["acc", "roc_auc", "f1_score", "mean_squared_error"]
    history = net.fit(X, Y, epochs=2, validation=0.25, metrics=metrics, callbacks=[stop], schedule=pace)
    for name in ("cost", "accuracy", "auc", "f1", "mse", "val_cost", "val_auc"):
        assert name in history
    assert history["val_loss"] is history["val_cost"]
    assert history["acc"] is history["accuracy"]
    with pytest.raises(KeyError, match="val_los"):
        history["val_los"]
    with pytest.raises(ValueError, match=r"did you mean 'mse', where lower is better\?$"):
        net.fit(X, Y, metrics="neg_mean_squared_error")


def test_a_custom_metric_keeps_its_name():
    def loss(y, a):
        return -1.0

    net = lg.Network([2, 2], output="softmax", seed=0)
    stop = lg.callbacks.EarlyStopping("loss", patience=2)
    history = net.fit(X, Y, epochs=9, metrics=[loss], callbacks=[stop])
    assert len(history["cost"]) == 3
    assert history["loss"] == [-1.0] * 3


def test_the_tables_of_names_lead_to_existing_names():
    tables = {
        "activation": KNOWN["outputs"],
        "cost": KNOWN["costs"],
        "init": KNOWN["inits"],
        "metrics": HIGHER_IS_BETTER,
        "monitor": ["cost"],
    }
    for kind, table in words.SAME.items():
        for theirs, name in table.items():
            assert plain(theirs) == theirs
            assert (name if isinstance(name, str) else name[0]) in tables[kind]
            assert theirs not in words.HINTS.get(kind, {})
    for table in (*words.HINTS.values(), attributes.MODULE):
        assert all(plain(theirs) == theirs for theirs in table)
    assert not set(arguments.PAIRS) & {*arguments.SAME, *arguments.HINTS}


@pytest.mark.parametrize(
    ("module", "typed", "meant"),
    [
        (lg, "Netwrok", "Network"),
        (lg.callbacks, "EarlyStoping", "EarlyStopping"),
        (lg.metrics, "acuracy", "accuracy"),
        (lg.schedules, "Cosin", "Cosine"),
    ],
)
def test_misspelled_names_in_modules_raise_with_a_suggestion(module, typed, meant):
    with pytest.raises(AttributeError, match=rf"has no attribute '{typed}'; did you mean '{meant}'"):
        getattr(module, typed)


def test_misspelled_names_of_other_libraries_raise_with_a_suggestion():
    with pytest.raises(TypeError, match=r"'lrr'; did you mean 'lr'\?"):
        lg.Adam(lrr=0.1)
    with pytest.raises(TypeError, match=r"'loss_fn'; did you mean 'loss'\?"):
        lg.Network([1, 1], loss_fn="mse")

"""Keyword arguments and attributes named as in other libraries: accepted, or an error with a hint."""

import copy
import inspect
import pickle

import localgrad as lg
import numpy as np
import pytest

X = np.linspace(-1, 1, 24).reshape(12, 2)
Y = (X[:, 0] > 0).astype(int)


def network(**options):
    return lg.Network([2, 2], output="softmax", **{"seed": 0, **options})


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (lambda: lg.Adam(lr=0.1, betas=(0.8, 0.9), eps=1e-6), lambda: lg.Adam(0.1, 0.8, 0.9, 1e-6)),
        (lambda: lg.AdamW(learning_rate_init=0.1, beta_1=0.5), lambda: lg.AdamW(0.1, 0.5)),
        (lambda: lg.RMSprop(rho=0.9), lambda: lg.RMSprop(alpha=0.9)),
        (lambda: lg.SGD(lr=1, momentum=0.9, nesterovs_momentum=True), lambda: lg.SGD(1, 0.9, True)),
        (lambda: lg.Rprop(etas=(0.4, 1.1), step_sizes=(0, 1)), lambda: lg.Rprop(0.01, 0.4, 1.1, 0, 1)),
        (lambda: lg.LBFGS(history_size=5, tolerance_grad=0.1), lambda: lg.LBFGS(5, 0.1)),
        (lambda: lg.schedules.Step(step_size=3, gamma=0.5), lambda: lg.schedules.Step(3, 0.5)),
        (lambda: lg.schedules.Cosine(T_max=9), lambda: lg.schedules.Cosine(9)),
        (
            lambda: lg.callbacks.EarlyStopping(restore_best_weights=False, n_iter_no_change=3),
            lambda: lg.callbacks.EarlyStopping(restore_best=False, patience=3),
        ),
        (
            lambda: lg.callbacks.Checkpoint(filepath="x", save_best_only=True, period=2),
            lambda: lg.callbacks.Checkpoint("x", best=True, every=2),
        ),
        (
            lambda: lg.Network([2, 2], loss="mse", kernel_initializer="zeros", random_state=3),
            lambda: lg.Network([2, 2], cost="mse", init="zeros", seed=3),
        ),
        (
            lambda: network().fit(x=X, y=Y, n_epochs=2, validation_data=(X, Y)),
            lambda: network().fit(X, Y, epochs=2, validation=(X, Y)),
        ),
        (lambda: network().backprop(X=X, y=Y).cost, lambda: network().backprop(X, Y).cost),
        (lambda: network().evaluate(x=X, y=Y), lambda: network().evaluate(X, Y)),
    ],
)
def test_equivalent_keywords_of_other_libraries_are_accepted(theirs, ours):
    assert repr(theirs()) == repr(ours())


@pytest.mark.parametrize(
    ("call", "function", "keyword", "meant"),
    [
        (lambda: lg.Adam(weight_decay=0.1), "Adam", "weight_decay", "AdamW"),
        (lambda: lg.Adam(learning_rte=0.1), "Adam", "learning_rte", "'learning_rate'"),
        (lambda: lg.Network(hidden_layer_sizes=(3,)), "Network", "hidden_layer_sizes", "sizes=[inputs, "),
        (lambda: network(optimizer="adam"), "Network", "optimizer", "fit(optimizer=...)"),
        (lambda: network(acivation="relu"), "Network", "acivation", "'activation'"),
        (lambda: network().fit(X, Y, validation_split=0.1), "fit", "validation_split", "validation=0.2"),
        (lambda: network().fit(X, Y, lr=0.1), "fit", "lr", "fit(optimizer=localgrad.SGD(learning_rate))"),
        (lambda: network().fit(X, Y, n_jobs=2), "fit", "n_jobs", "n_threads"),
        (lambda: network().fit(X, Y, class_weights=1), "fit", "class_weights", "'class_weight'"),
        (lambda: network().fit(X, Y, max_iter=1), "fit", "max_iter", "epochs"),
        (lambda: network().partial_fit(X, Y, epochs=1), "partial_fit", "epochs", "fit(epochs=...)"),
        (lambda: network().evaluate(X, Y, verbose=0), "evaluate", "verbose", "fit(verbose=...)"),
        (lambda: network().lr_finder(X, Y, num_iter=3), "lr_finder", "num_iter", None),
        (lambda: lg.callbacks.EarlyStopping(baseline=1), "EarlyStopping", "baseline", "min_delta"),
        (lambda: lg.schedules.ReduceOnPlateau(min_lr=1), "ReduceOnPlateau", "min_lr", "lowest=..."),
        (lambda: lg.load("x", custom_objects={}), "load", "custom_objects", "cost=..."),
    ],
)
def test_other_keywords_raise_an_error_with_a_hint(call, function, keyword, meant):
    with pytest.raises(TypeError) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(f"{function}() got an unexpected keyword argument {keyword!r}")
    assert meant is None or f"; did you mean {meant}" in message or meant in message


STOPPING = "fit(callbacks=[localgrad.callbacks.EarlyStopping"


@pytest.mark.parametrize(
    ("name", "meant"),
    {
        "hidden_layer_sizes": "sizes=",
        "activation": "Network(activation=...)",
        "solver": "fit(optimizer=...)",
        "alpha": "fit(l2=...)",
        "batch_size": "fit(batch_size=...)",
        "learning_rate": "fit(schedule=...)",
        "learning_rate_init": "fit(optimizer=localgrad.Adam(learning_rate))",
        "power_t": "fit(schedule=lambda epoch: 1 / (epoch + 1) ** power_t)",
        "max_iter": "epochs",
        "shuffle": "fit(shuffle=...)",
        "random_state": "Network(seed=...)",
        "tol": "EarlyStopping(min_delta=...)",
        "verbose": "fit(verbose=...)",
        "warm_start": "fit continues from the current parameters",
        "momentum": "SGD(momentum=...)",
        "nesterovs_momentum": "SGD(momentum=..., nesterov=True)",
        "early_stopping": f"{STOPPING}()])",
        "validation_fraction": "validation=",
        "beta_1": "Adam(beta1=...)",
        "beta_2": "Adam(beta2=...)",
        "epsilon": "Adam(epsilon=...)",
        "n_iter_no_change": f"{STOPPING}(patience=...)])",
        "max_fun": "epochs=...",
        "loss": "Network(cost=...)",
        "classes": "the labels are integers from 0",
    }.items(),
)
def test_each_argument_of_scikit_learn_is_accepted_or_has_a_hint(name, meant):
    refused = []
    for call, data in ((network, ()), (network().fit, (X, Y)), (network().partial_fit, (X, Y))):
        try:
            call(*data, **{name: "relu" if name == "activation" else 1})
        except TypeError as error:
            refused += [str(error)] if "unexpected keyword" in str(error) else []
    assert refused
    assert all(meant in message for message in refused)


def test_giving_an_argument_under_both_names_raises():
    with pytest.raises(TypeError, match=r"^Adam\(\) got both 'lr' and 'learning_rate', which mean the same$"):
        lg.Adam(lr=1, learning_rate=1)
    with pytest.raises(TypeError, match=r"^Adam\(\) got both 'beta_1' and 'beta1'"):
        lg.Adam(betas=(0.5, 0.5), beta_1=0.5)
    with pytest.raises(TypeError, match="multiple values"):
        lg.Adam(0.1, lr=0.2)
    for pair in (0.9, (0.9,), (0.9, 0.9, 0.9)):
        with pytest.raises(TypeError, match=r"^betas must be a pair of numbers, \(beta1, beta2\), got"):
            lg.Adam(betas=pair)
    with pytest.raises(ValueError, match=r"^beta2 must be in \[0.0, 1.0\), got 2"):
        lg.Adam(betas=(0.9, 2))


def test_signatures_show_only_the_names_of_localgrad():
    assert list(inspect.signature(lg.Adam).parameters)[:2] == ["learning_rate", "beta1"]
    for function in (lg.Network.fit, lg.Network.evaluate, lg.Network.__init__, lg.load):
        assert not {"args", "kwargs"} & inspect.signature(function).parameters.keys()
        assert function.__doc__ or function is lg.Network.__init__
    assert pickle.loads(pickle.dumps(lg.Adam(lr=0.5))) == lg.Adam(0.5)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("score", "evaluate"),
        ("predict_proba", "predict"),
        ("state_dict", "parameters"),
        ("coefs_", "weights"),
        ("classes_", "range"),
        ("loss_", "history"),
        ("best_loss_", "min"),
        ("validation_scores_", "history"),
        ("n_outputs_", "sizes"),
        ("out_activation_", "output"),
        ("get_params", "sizes"),
    ],
)
def test_attributes_of_other_libraries_raise_an_error_with_a_hint(name, meant):
    net = network()
    with pytest.raises(
        AttributeError, match=rf"^'Network' object has no attribute '{name}'; did you mean {meant}"
    ):
        getattr(net, name)
    assert not hasattr(net, name)  # other libraries look for methods with hasattr


def test_other_missing_attributes_raise_without_a_hint():
    class Own(lg.Network):
        @property
        def broken(self):
            return self.nothing_here

    net = Own([2, 2])
    with pytest.raises(AttributeError, match=r"'Own' object has no attribute 'nothing_here'$"):
        net.broken  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute '__array__'$"):
        net.__array__  # noqa: B018
    for twin in (copy.copy(net), copy.deepcopy(net)):
        assert type(twin) is Own


@pytest.mark.parametrize(
    ("module", "name", "meant"),
    [
        (lg, "EarlyStopping", "localgrad.callbacks.EarlyStopping"),
        (lg, "ReLU", "Network(activation='relu')"),
        (lg, "roc_auc_score", "localgrad.metrics.auc"),
        (lg, "ReduceLROnPlateau", "localgrad.schedules.ReduceOnPlateau"),
        (lg, "MLPClassifier", "localgrad.Network(sizes, output='softmax')"),
        (lg.callbacks, "ModelCheckpoint", "localgrad.callbacks.Checkpoint"),
        (lg.metrics, "accuracy_score", "localgrad.metrics.accuracy"),
        (lg.schedules, "CosineAnnealingLR", "localgrad.schedules.Cosine"),
    ],
)
def test_module_attributes_of_other_libraries_raise_an_error_with_a_hint(module, name, meant):
    with pytest.raises(AttributeError) as caught:
        getattr(module, name)
    message = f"module {module.__name__!r} has no attribute {name!r}; did you mean {meant}?"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: lg.Adam(learning_rat=0.1), "'learning_rate'"),
        (lambda: network().fit(X, Y, class_weights={0: 1}), "'class_weight'"),
        (lambda: network().fit(X, Y, validation_dat=(X, Y)), "'validation'"),
        (lambda: lg.callbacks.EarlyStopping(n_iter_no_chang=3), "'n_iter_no_change'"),
    ],
)
def test_hints_prefer_names_of_localgrad(call, meant):
    with pytest.raises(TypeError, match=rf"; did you mean {meant}\?$"):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: network().fit(X, Y, metrics="loss"),
        lambda: lg.callbacks.Checkpoint("x", save_weights_only=True),
        lambda: lg.Adam(params=[]),
    ],
)
def test_unneeded_arguments_are_explained_without_a_suggestion(call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert "did you mean" not in str(caught.value)
    assert str(caught.value).endswith(("always measured", "only the network", "to the optimizer"))


@pytest.mark.parametrize(
    ("call", "end"),
    [
        (lambda: network(max_iter=5), r"did you mean fit\(epochs=...\)\?"),
        (lambda: network().fit(X, Y, max_iter=5), r"did you mean epochs\?"),
        (
            lambda: network().fit(X, Y, criterion="mse"),
            r"mean Network\(cost=...\)\?",
        ),
        (lambda: network().fit(X, Y, min_delta=0.1), "argument 'min_delta'"),
        (lambda: network(history_sze=5), "argument 'history_sze'"),
        (lambda: lg.schedules.ReduceOnPlateau(min_delta=0.1), r"threshold=..., a relative improvement\?"),
        (lambda: lg.LBFGS(tol=0.1), r"did you mean 'tolerance'\?"),
    ],
)
def test_hints_name_arguments_that_exist(call, end):
    with pytest.raises(TypeError, match=f"{end}$"):
        call()

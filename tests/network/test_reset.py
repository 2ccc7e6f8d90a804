"""`Network.reset` and scikit-learn's `clone` return an untrained network."""

import copy
import pickle
import threading

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = RNG.normal(size=(40, 2))
GIVEN = ([RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4))], [RNG.normal(size=4), RNG.normal(size=2)])


def network(**options):
    return lg.Network([3, 4, 2], **{"activation": "tanh", "seed": 5, "dropout": 0.1, **options})


def through_file(net, path):
    net.save(path)
    return lg.load(path)


WAYS = {
    "itself": lambda net, path: net,
    "copy": lambda net, path: copy.copy(net),
    "deepcopy": lambda net, path: copy.deepcopy(net),
    "pickle": lambda net, path: pickle.loads(pickle.dumps(net)),
    "file": through_file,
}


def same(one, other):
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert (one.seed, one.epochs, one.init) == (other.seed, other.epochs, other.init)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("init", ["auto", "normal", "zeros", GIVEN], ids=["auto", "normal", "zeros", "array"])
def test_a_reset_network_equals_a_new_one(init, dtype, way, tmp_path):
    fresh, net = (network(init=init, dtype=dtype) for _ in range(2))
    net.fit(X, Y, epochs=3)
    net.partial_fit(X, Y)
    net = way(net, tmp_path / "net")
    if way is through_file and init is GIVEN:
        before = net.parameters.tobytes()
        with pytest.raises(RuntimeError, match="reset does not support a network that was loaded"):
            net.reset()
        assert (net.parameters.tobytes(), net.epochs) == (before, 4)
        return
    view = net.parameters
    assert net.reset() is net
    assert np.shares_memory(view, net.parameters)
    same(net, fresh)
    assert net.history == {}
    assert net.history.stopped is None
    assert fresh.fit(X, Y) == net.fit(X, Y)
    same(net, fresh)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_reset_network_has_its_gains(way, tmp_path):
    fresh, net = (network(init="normal", init_gain=[0.5, 0]) for _ in range(2))
    net = way(net.copy(), tmp_path / "net")
    net.fit(X, Y, epochs=1)
    same(net.reset(), fresh)
    assert net.init_gain == (0.5, 0.0)
    assert not fresh.weights[1].any()
    assert fresh.biases[1].all()
    # Files of networks without gains are as before.
    network().save(tmp_path / "plain")
    assert b"init_gain" not in (tmp_path / "plain").read_bytes()


def test_reset_discards_the_optimizer_of_partial_fit():
    fresh, net = network(), network()
    net.partial_fit(X, Y, optimizer=lg.Adam())
    net.reset()
    assert net.partial_fit(X, Y) == fresh.partial_fit(X, Y)  # SGD again, as in the first call
    same(net, fresh)


def test_reset_takes_another_seed():
    net = network().reset(9)
    same(net, network(seed=9))
    same(net.reset(), network(seed=9))
    for wrong, error in ((-1, ValueError), (2**64, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="seed must be"):
            net.reset(wrong)
    same(net, network(seed=9))


def test_assigned_parameters_are_not_initial_ones():
    net = network(init=GIVEN)
    net.parameters = np.zeros(net.num_parameters)
    same(net.reset(), network(init=GIVEN))
    net = network()
    net.parameters[:] = 1
    same(net.reset(), network())


def test_initial_arrays_may_change_afterwards():
    weights = [w.copy() for w in GIVEN[0]]
    net = network(init=(weights, GIVEN[1]))
    weights[0][:] = 0
    same(net.reset(), network(init=GIVEN))


def test_reset_during_training_raises():
    net, caught = network(), []

    def reset_elsewhere():
        with pytest.raises(RuntimeError) as error:
            net.reset()
        caught.append(error)

    def reset(epoch, logs):
        with pytest.raises(RuntimeError, match="a call to fit trains it"):
            net.reset()
        thread = threading.Thread(target=reset_elsewhere)
        thread.start()
        thread.join()

    net.fit(X, Y, epochs=2, callbacks=[reset])
    assert len(caught) == net.epochs == 2


def test_the_class_and_a_custom_cost_are_kept():
    class Named(lg.Network):
        notes = None

    def quartic(a, y):
        return ((a - y) ** 4).sum(axis=1) / 4, (a - y) ** 3

    net = Named([3, 2], cost=quartic, seed=1)
    net.notes = "kept"
    net.fit(X, Y)
    twin = net.__sklearn_clone__()
    assert (type(twin), twin.notes, twin.cost) == (Named, "kept", "custom")
    assert twin.fit(X, Y) == net.history


def test_the_reference_agrees():
    options = {"activation": "tanh", "seed": 5}
    nets = lg.Network([3, 4, 2], dtype="float64", **options), reference.Network([3, 4, 2], **options)
    for net in nets:
        net.fit(X.tolist(), Y.tolist(), epochs=1)
        assert net.reset(6) is net
    np.testing.assert_allclose(nets[0].parameters, nets[1].parameters, rtol=1e-12)
    assert nets[1].epochs == 0
    assert nets[1].history == {}
    one, other = (net.fit(X.tolist(), Y.tolist(), epochs=2)["cost"] for net in nets)
    np.testing.assert_allclose(one, other, rtol=1e-12)
    given = reference.Network([3, 4, 2], init=[[v.tolist() for v in part] for part in GIVEN])
    first = given.parameters
    given.fit(X.tolist(), Y.tolist(), epochs=1)
    assert given.reset().parameters == first


# scikit-learn


def test_clone_is_untrained_and_copies_are_not():
    clone = pytest.importorskip("sklearn.base").clone
    net = network()
    net.fit(X, Y)
    trained = net.parameters.tobytes()
    for twin in (clone(net), clone(net, safe=False), clone([net])[0]):
        same(twin, network())
        assert twin is not net
    assert net.parameters.tobytes() == trained
    assert copy.deepcopy(net).parameters.tobytes() == trained


def test_each_fold_of_a_cross_validation_starts_untrained():
    pytest.importorskip("sklearn")
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def accuracy(model, X, y):
        return float((model[-1].predict(model[0].transform(X)).argmax(axis=1) == y).mean())

    noise, labels = RNG.normal(size=(120, 20)), RNG.integers(0, 2, 120)
    net = lg.Network([20, 16, 2], activation="relu", output="softmax", seed=0)
    model = make_pipeline(StandardScaler(), net)
    before = cross_val_score(model, noise, labels, scoring=accuracy)
    model.fit(noise, labels, network__epochs=100)
    assert accuracy(model, noise, labels) > 0.9
    np.testing.assert_array_equal(cross_val_score(model, noise, labels, scoring=accuracy), before)


def test_functions_of_scikit_learn_name_the_estimators():
    pytest.importorskip("sklearn", minversion="1.6")
    from sklearn.base import is_classifier
    from sklearn.ensemble import BaggingClassifier
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    net, labels = lg.Network([3, 2], output="softmax"), np.arange(40) % 2
    pipeline = make_pipeline(StandardScaler(), net).fit(X, labels)
    for call in (
        lambda: is_classifier(net),
        lambda: cross_val_score(net, X, labels, scoring="accuracy"),
        lambda: GridSearchCV(net, {"seed": [1]}, scoring="accuracy").fit(X, labels),
        lambda: BaggingClassifier(net).fit(X, labels),
        lambda: pipeline.predict(X),
    ):
        with pytest.raises(
            TypeError, match=r"localgrad\.sklearn\.MLPClassifier or MLPRegressor, got a Network"
        ):
            call()


def test_reset_discards_column_names():
    pandas = pytest.importorskip("pandas")
    net = network()
    net.fit(pandas.DataFrame(X, columns=["a", "b", "c"]), Y, epochs=1)
    assert net.feature_names == ("a", "b", "c")
    for fresh in (net.__sklearn_clone__(), net.reset()):
        assert fresh.feature_names is None
        fresh.partial_fit(pandas.DataFrame(X, columns=["d", "e", "f"]), Y)
        assert fresh.feature_names == ("d", "e", "f")


def test_names_of_the_seed_in_other_libraries_are_accepted():
    assert network().reset(random_state=3).seed == 3
    with pytest.raises(TypeError, match=r"^reset\(\) got an unexpected keyword argument 'sead'.*'seed'"):
        network().reset(sead=3)

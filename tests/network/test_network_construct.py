"""Creating a network: defaults, names, initial parameters and repr."""

import localgrad as lg
import numpy as np
import pytest

DTYPES = ["float32", "float64"]


def test_defaults_of_arguments():
    net = lg.Network([4, 3, 2])
    assert net.sizes == (4, 3, 2)
    assert net.activation == ("sigmoid",)
    assert (net.output, net.cost, net.init) == ("identity", "mse", "auto")
    assert net.dtype == np.float32
    assert net.epochs == 0
    assert net.history == {}
    assert net.num_parameters == 4 * 3 + 3 + 3 * 2 + 2


@pytest.mark.parametrize(
    ("output", "cost"),
    [("softmax", "cross_entropy"), ("sigmoid", "mse"), ("identity", "mse"), ("tanh", "mse"), ("relu", "mse")],
)
def test_the_default_cost_depends_on_the_output(output, cost):
    assert lg.Network([4, 3], output=output).cost == cost


def test_activation_is_one_name_or_a_list():
    assert lg.Network([1, 2, 3, 4], activation="relu").activation == ("relu", "relu")
    assert lg.Network([1, 2, 3, 4], activation=["relu", "tanh"]).activation == ("relu", "tanh")
    assert lg.Network([1, 2, 3], activation=("tanh",)).activation == ("tanh",)
    assert lg.Network([1, 2], activation="tanh").activation == ()
    assert lg.Network([1, 2], activation=[]).activation == ()


@pytest.mark.parametrize("sizes", [[4, 3, 2], (4, 3, 2), np.array([4, 3, 2]), [np.int8(4), np.uint64(3), 2]])
def test_sizes_may_be_any_kind_of_int(sizes):
    net = lg.Network(sizes, seed=np.int32(7))
    assert net.sizes == (4, 3, 2)
    assert net.seed == 7
    assert all(type(width) is int for width in (*net.sizes, net.seed))


@pytest.mark.parametrize("dtype", [np.float64, "float64", "f8", "d", float, np.dtype(float)])
def test_dtype_may_be_any_numpy_name(dtype):
    net = lg.Network([2, 1], dtype=dtype)
    assert net.dtype == np.float64
    assert net.parameters.dtype == net.predict([1, 2]).dtype == np.float64


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_seed_gives_the_same_parameters(dtype):
    one, same, other = (lg.Network([5, 4, 3], dtype=dtype, seed=s) for s in (1, 1, 2))
    assert one.parameters.tobytes() == same.parameters.tobytes()
    assert one.parameters.tobytes() != other.parameters.tobytes()


def test_a_random_seed_is_stored():
    one, other = lg.Network([5, 4]), lg.Network([5, 4])
    assert one.seed != other.seed
    assert 0 <= one.seed < 2**53
    again = lg.Network([5, 4], seed=one.seed)
    assert again.parameters.tobytes() == one.parameters.tobytes()


def test_the_smallest_and_largest_seeds_are_accepted():
    assert lg.Network([2, 1], seed=0).seed == 0
    assert lg.Network([2, 1], seed=2**64 - 1).seed == 2**64 - 1


@pytest.mark.parametrize("kind", [list, np.array, lambda w: [np.asfortranarray(v) for v in w]])
@pytest.mark.parametrize("dtype", DTYPES)
def test_initial_parameters_can_be_arrays(dtype, kind):
    w = [np.arange(6.0).reshape(2, 3), np.arange(2.0).reshape(1, 2)]
    b = [np.array([1.0, 2.0]), np.array([3.0])]
    weights = [w[0].tolist(), w[1].tolist()] if kind is np.array else kind(w)
    net = lg.Network([3, 2, 1], init=(weights, b), dtype=dtype)
    for i in range(2):
        np.testing.assert_array_equal(net.weights[i], w[i])
        np.testing.assert_array_equal(net.biases[i], b[i])
    assert net.init == "zeros"
    net.parameters[:] = 0
    assert w[0].any()
    assert b[0].any()


def test_parameters_of_one_network_can_initialize_another():
    one = lg.Network([3, 2, 1], seed=1)
    other = lg.Network([3, 2, 1], init=(one.weights, one.biases))
    assert one.parameters.tobytes() == other.parameters.tobytes()


def test_repr_shows_the_layers():
    net = lg.Network([784, 30, 10], activation="relu", output="sigmoid", dtype="float64", seed=12)
    assert repr(net).splitlines() == [
        "Network(784-30-10, 23860 parameters, float64, mse, seed 12)",
        "  784 -> 30  relu     23550",
        "   30 -> 10  sigmoid    310",
    ]
    net = lg.Network([4, 3, 2], dropout=0.5, init_gain=[1, 0.1], seed=1)
    assert repr(net).splitlines()[1:] == [
        "  4 -> 3  sigmoid   15  dropout 0.5",
        "  3 -> 2  identity   8  init gain 0.1",
    ]


def test_equality_is_identity():
    one, other = lg.Network([2, 1], seed=1), lg.Network([2, 1], seed=1)
    assert one == one
    assert one != other
    assert len({one, other}) == 2


def test_properties_cannot_be_assigned():
    net = lg.Network([2, 1])
    for name in ("sizes", "activation", "output", "cost", "dtype", "seed", "epochs", "weights", "biases"):
        with pytest.raises(AttributeError):
            setattr(net, name, getattr(net, name))

"""Compare derivatives with those of JAX.

    python scripts/against_jax.py [--networks N] [--reference] [WORD ...]

Requires JAX. For N random networks, 100 by default, the script computes every quantity of `QUANTITIES` in
float64, with localgrad and by automatic differentiation. The networks have every output and cost in turn, and
every activation; some have input scales or standardize. The quantities of curvature leave out networks with a
custom cost, which they do not support. For each quantity, the script prints the largest difference of an
array, relative to the largest magnitude in it. The exit status is 1 if one is above 1e-10.
`--reference` checks `localgrad.reference` instead of the core; words select quantities by name.

To add a quantity, add a line to `QUANTITIES`.
"""

import argparse
import sys
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import localgrad as lg
import numpy as np
from localgrad import reference
from localgrad._core import names

jax.config.update("jax_enable_x64", True)

TOLERANCE = 1e-10
ROWS = 7


def mish(z):
    return z * jnp.tanh(jax.nn.softplus(z))


ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "leaky_relu(0.2)": lambda z: jax.nn.leaky_relu(z, 0.2),
    "elu": jax.nn.elu,
    "elu(0.5)": lambda z: jax.nn.elu(z, 0.5),
    "selu": jax.nn.selu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": jax.nn.gelu,
    "silu": jax.nn.silu,
    "softplus": jax.nn.softplus,
    "softsign": jax.nn.soft_sign,
    "mish": mish,
    "hard_sigmoid": lambda z: jnp.clip(z + 3, 0, 6) / 6,
    "hard_tanh": lambda z: jnp.clip(z, -1, 1),
    "softmax": jax.nn.softmax,
}


def huber(delta):
    def cost(a, y):
        e = jnp.abs(a - y)
        return jnp.where(e <= delta, e**2 / 2, delta * (e - delta / 2)).sum()

    return cost


def cross_entropy(smoothing, *, softmax):
    def cost(a, y):
        if softmax:
            y = (1 - smoothing) * y + smoothing / len(y)
            return -(y * jnp.log(a)).sum()
        y = (1 - smoothing) * (y - 0.5) + 0.5
        return -(y * jnp.log(a) + (1 - y) * jnp.log1p(-a)).sum()

    return cost


def quantile(*levels):
    def cost(a, y):
        e = y - a.reshape(len(levels), -1)
        q = jnp.array(levels)[:, None]
        return jnp.maximum(q * e, (q - 1) * e).sum()

    return cost


def gaussian_nll(a, y):
    mean, log_variance = jnp.split(a, 2)
    return (log_variance + (y - mean) ** 2 * jnp.exp(-log_variance)).sum() / 2


# The costs of one example, with the outputs that they are tested with.
COSTS = {
    "mse": (lambda a, y: ((a - y) ** 2).sum() / 2, list(ACTIVATIONS)),
    "mae": (lambda a, y: jnp.abs(a - y).sum(), ["identity", "tanh"]),
    "huber": (huber(1), ["identity", "silu"]),
    "huber(0.3)": (huber(0.3), ["identity"]),
    "log_cosh": (lambda a, y: jnp.log(jnp.cosh(a - y)).sum(), ["identity", "softmax"]),
    "binary_cross_entropy": (cross_entropy(0, softmax=False), ["sigmoid"]),
    "binary_cross_entropy(0.2)": (cross_entropy(0.2, softmax=False), ["sigmoid"]),
    "hinge": (lambda a, y: jnp.maximum(1 - y * a, 0).sum(), ["identity", "tanh"]),
    "quantile": (quantile(0.5), ["identity"]),
    "quantile(0.1, 0.5, 0.9)": (quantile(0.1, 0.5, 0.9), ["identity", "elu"]),
    "gaussian_nll": (gaussian_nll, ["identity"]),
    "cross_entropy": (cross_entropy(0, softmax=True), ["softmax"]),
    "cross_entropy(0.1)": (cross_entropy(0.1, softmax=True), ["softmax"]),
    "poisson": (lambda a, y: (jnp.exp(a) - y * a).sum(), ["identity"]),
}
# (cost, function, output) for each network in turn. The same names have other formulas for other outputs.
PAIRS = [
    *((name, cost, output) for name, (cost, outputs) in COSTS.items() for output in outputs),
    ("cross_entropy", cross_entropy(0, softmax=False), "sigmoid"),
    ("poisson", lambda a, y: (a - y * jnp.log(a)).sum(), "softplus"),
    ("custom", lambda a, y: ((a - y) ** 4).sum(), "identity"),
]
HEADS = {"quantile(0.1, 0.5, 0.9)": 3, "gaussian_nll": 2}


def quartic(a, y):
    return ((a - y) ** 4).sum(axis=1), 4 * (a - y) ** 3


@dataclass
class Case:
    """A network, data for it, and the same network as functions of its flat parameters p and one input x."""

    net: Any
    outputs: Any  # function (p, x): a^L in the units of the targets
    cost_of_outputs: Any  # function (a, y): the cost of one example
    p: np.ndarray
    x: np.ndarray
    y: np.ndarray
    u: np.ndarray  # directions of inputs
    v: np.ndarray  # factors of outputs

    def of_each(self, f, *arrays):
        """Compute f(p, x, ...) for each row of x and of other arrays."""
        return jax.vmap(f, in_axes=(None, *(0 for _ in (self.x, *arrays))))(self.p, self.x, *arrays)

    def cost(self, p, x, y):
        """The cost of one example."""
        return self.cost_of_outputs(self.outputs(p, x), y)

    @property
    def gradients(self):
        """The gradient of each example's own cost."""
        return self.of_each(jax.grad(self.cost), self.y)


def outputs_of(net, sizes, activation, output):
    """Return the outputs for one example as a function of the network's parameters."""
    phis = [ACTIVATIONS[name] for name in (*activation, output)]
    learned, scale = net.standardization, net.input_scale
    shift = of_targets = None
    if learned is not None:
        shift = np.array(learned.input_mean), np.array(learned.input_std)
        if learned.target_mean is not None:
            count = HEADS.get(net.cost, 1)
            of_targets = np.tile(learned.target_mean, count), np.tile(learned.target_std, count)
            if net.cost == "gaussian_nll":  # the second half are logarithms of variances
                half = len(of_targets[0]) // 2
                of_targets[0][half:], of_targets[1][half:] = 2 * np.log(of_targets[1][half:]), 1

    def outputs(p, x):
        a, at = scale * x, 0
        if shift is not None:
            a = (a - shift[0]) / shift[1]
        if net.learn_input_scale:
            a = a * p[-sizes[0] :]
        for fan_in, fan_out, phi in zip(sizes, sizes[1:], phis, strict=False):
            w = p[at : at + fan_in * fan_out].reshape(fan_in, fan_out)
            at += (fan_in + 1) * fan_out
            a = phi(a @ w + p[at - fan_out : at])
        return a if of_targets is None else of_targets[0] + of_targets[1] * a

    return outputs


def make_case(k, *, plain):
    """Return case k, of the core or, if `plain`, of the reference."""
    rng = np.random.default_rng(k)
    name, cost, output = PAIRS[k % len(PAIRS)]
    heads = HEADS.get(name, 1)
    sizes = [int(m) for m in rng.integers(2, 13, rng.integers(2, 6))]
    sizes[-1] = heads * -(-sizes[-1] // heads)
    unitwise = [activation for activation in ACTIVATIONS if activation != "softmax"]
    activation = [unitwise[(k + 5 * i) % len(unitwise)] for i in range(len(sizes) - 2)]
    settings = {
        "activation": activation,
        "output": output,
        "cost": quartic if name == "custom" else name,
        "seed": k,
        "init": "normal",
        "input_scale": [1.0, -0.5][k % 2],
        "learn_input_scale": k % 3 == 0,
        "standardize": k % 5 == 0 and name != "poisson",
    }
    net = lg.Network(sizes, dtype="float64", **settings)
    net.parameters *= 0.6
    x, y = rng.uniform(-1, 1, (ROWS, sizes[0])), rng.uniform(0.05, 0.95, (ROWS, sizes[-1] // heads))
    if name == "poisson":
        y = rng.poisson(1.5, y.shape).astype(float)
    if output == "softmax":
        y /= y.sum(axis=1, keepdims=True)
    if net.learn_input_scale:
        net.input_scales = rng.uniform(0.5, 1.5, sizes[0])
    before = net.parameters.copy()
    if net.standardize:
        net.fit(3 * x + 1, y, epochs=1, optimizer=lg.SGD(0.01), batch_size=None)
        net.parameters = before
    outputs = outputs_of(net, sizes, activation, output)
    if plain:
        if name == "custom":
            settings["cost"] = lambda a, y: [part.tolist() for part in quartic(np.array(a), np.array(y))]
        model = reference.Network(sizes, **settings)
        model.parameters = before.tolist()
        if net.standardize:
            one = {"epochs": 1, "batch_size": None, "optimizer": reference.SGD(0.01)}
            model.fit((3 * x + 1).tolist(), y.tolist(), **one)
            model.parameters = before.tolist()
        net = model
    return Case(
        net, outputs, cost, before, x, y, rng.normal(size=x.shape), rng.normal(size=(ROWS, sizes[-1]))
    )


def norms(c):
    return jnp.linalg.norm(c.gradients, axis=1)


def mean_cost(c):
    """The mean cost as a function of the parameters."""
    return lambda p: jax.vmap(c.cost, in_axes=(None, 0, 0))(p, c.x, c.y).mean()


def direction(p):
    """A direction of the parameters, the same for both."""
    return np.cos(np.arange(len(p)))


def hessian_product(c):
    return jax.jvp(jax.grad(mean_cost(c)), (c.p,), (direction(c.p),))[1]


def hessian_diagonal(c):
    return jnp.diag(jax.hessian(mean_cost(c))(c.p))


def curvature_of_outputs(c):
    """The matrix B of each example: the Fisher information, or else the second derivatives of the cost."""
    name, output = c.net.cost.partition("(")[0], c.net.output

    def of_one(p, x, y):
        a = c.outputs(p, x)
        if name == "gaussian_nll":
            return jnp.diag(jnp.concatenate([jnp.exp(-a[len(a) // 2 :]), jnp.full(len(a) // 2, 0.5)]))
        if name == "poisson" and output == "softplus":  # linear in z = log(e^a - 1)
            z = jnp.log(jnp.expm1(a))
            of_z = jax.hessian(lambda z: (jax.nn.softplus(z) - y * jnp.log(jax.nn.softplus(z))).sum())(z)
            return of_z / jax.nn.sigmoid(z) / jax.nn.sigmoid(z)[:, None]
        if "cross_entropy" in name:
            return jnp.diag(1 / a if output == "softmax" else 1 / (a * (1 - a)))
        return jax.hessian(lambda a: c.cost_of_outputs(a, y))(a)

    return c.of_each(of_one, c.y)


def gauss_newton_factors(c):
    return c.of_each(jax.jacrev(c.outputs)), curvature_of_outputs(c)


def gauss_newton_product(c):
    j, b = gauss_newton_factors(c)
    return jnp.einsum("rjp,rjk,rkq,q->p", j, b, j, direction(c.p)) / len(c.x)


def gauss_newton_diagonal(c):
    j, b = gauss_newton_factors(c)
    return jnp.einsum("rjp,rjk,rkp->p", j, b, j) / len(c.x)


def last_output(c):
    return c.of_each(jax.jacrev(c.outputs, argnums=1))[:, -1]


# For each quantity: localgrad's method, of the network and its data, and a function of the case for JAX.
QUANTITIES = {
    "predict": (lambda n, x, y, u, v: n.predict(x), lambda c: c.of_each(c.outputs)),
    "backprop: gradient": (
        lambda n, x, y, u, v: n.backprop(x, y).gradient,
        lambda c: c.gradients.mean(axis=0),
    ),
    "backprop: wrt_input": (
        lambda n, x, y, u, v: n.backprop(x, y, wrt_input=True).input_gradient,
        lambda c: c.of_each(jax.grad(c.cost, argnums=1), c.y),
    ),
    "backprop: per_example": (
        lambda n, x, y, u, v: n.backprop(x, y, per_example=True).per_example_gradients,
        lambda c: c.gradients,
    ),
    "gradient_norms": (lambda n, x, y, u, v: n.gradient_norms(x, y).total, norms),
    "gradient_dots": (lambda n, x, y, u, v: n.gradient_dots(x, y), lambda c: c.gradients @ c.gradients.T),
    "jacobian": (
        lambda n, x, y, u, v: n.jacobian(x),
        lambda c: c.of_each(jax.jacrev(c.outputs, argnums=1)),
    ),
    "jvp": (
        lambda n, x, y, u, v: n.jvp(x, u),
        lambda c: c.of_each(lambda p, x, u: jax.jvp(lambda x: c.outputs(p, x), (x,), (u,))[1], c.u),
    ),
    "vjp": (
        lambda n, x, y, u, v: n.vjp(x, v),
        lambda c: c.of_each(lambda p, x, v: jax.vjp(lambda x: c.outputs(p, x), x)[1](v)[0], c.v),
    ),
    "input_gradient": (lambda n, x, y, u, v: n.input_gradient(x, n.sizes[-1] - 1), last_output),
    "hessian_product": (
        lambda n, x, y, u, v: n.hessian_product(x, y, direction(n.parameters).tolist()),
        hessian_product,
    ),
    "gauss_newton_product": (
        lambda n, x, y, u, v: n.gauss_newton_product(x, y, direction(n.parameters).tolist()),
        gauss_newton_product,
    ),
    "hessian_diagonal": (lambda n, x, y, u, v: n.hessian_diagonal(x, y), hessian_diagonal),
    "gauss_newton_diagonal": (lambda n, x, y, u, v: n.gauss_newton_diagonal(x, y), gauss_newton_diagonal),
}
CURVATURE = ("hessian", "gauss_newton")


def by_jax(case, chosen):
    """Compute quantities with JAX."""

    def compute(p, x, y, u, v):
        traced = replace(case, p=p, x=x, y=y, u=u, v=v)
        return {name: QUANTITIES[name][1](traced) for name in chosen}

    return jax.jit(compute)(case.p, case.x, case.y, case.u, case.v)


def relative_error(found, expected):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape:
        raise ValueError(f"shapes differ: {found.shape} and {expected.shape}")
    scale = abs(expected).max()
    return abs(found - expected).max() / (scale if scale > 0 else 1)


def main():
    parser = argparse.ArgumentParser(description="Compare derivatives with those of JAX.")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only quantities with one of these words")
    parser.add_argument("--networks", type=int, default=100, metavar="N", help="number of random networks")
    parser.add_argument("--reference", action="store_true", help="check localgrad.reference, not the core")
    given = parser.parse_args()
    known = {output for _, _, output in PAIRS} | set(ACTIVATIONS)
    missing = {*names()["outputs"]} - known | {*names()["costs"]} - {name for name, *_ in PAIRS}
    if missing:
        sys.exit(f"not compared: {', '.join(sorted(missing))}")
    chosen = [name for name in QUANTITIES if not given.words or any(word in name for word in given.words)]
    if not chosen:
        parser.error(f"WORD must be in the name of a quantity, got {' '.join(given.words)}")
    worst = dict.fromkeys(chosen, (0.0, 0))
    for k in range(given.networks):
        case = make_case(k, plain=given.reference)
        arrays = case.x, case.y, case.u, case.v
        data = [array.tolist() for array in arrays] if given.reference else arrays
        custom = case.net.cost == "custom"
        some = [name for name in chosen if not (custom and name.startswith(CURVATURE))]
        for name, expected in by_jax(case, some).items():
            found = QUANTITIES[name][0](case.net, *data)
            worst[name] = max(worst[name], (relative_error(found, expected), k))
    print(f"largest relative difference of {given.networks} networks, jax {jax.__version__}")
    for name, (error, k) in worst.items():
        verdict = "" if error <= TOLERANCE else f"  above {TOLERANCE:g}, network {k}"
        print(f"  {name:<24} {error:.1e}{verdict}")
    return int(not all(error <= TOLERANCE for error, _ in worst.values()))


if __name__ == "__main__":
    sys.exit(main())

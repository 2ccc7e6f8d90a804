"""Train networks with localgrad and with PyTorch, and compare the results.

    python scripts/against_torch.py [--reference] [WORD ...]

Requires PyTorch. The script compares every optimizer, schedule, activation, cost, regularization and learning
rate of a layer that both libraries have: it trains for 100 steps in float64, from the same weights on the
same mini-batches. For each case it prints the largest difference of an array, relative to the largest
magnitude in it. The exit status is 1 if one is above 1e-9. `--reference` trains with `localgrad.reference`
instead of the core; words select cases by name.
"""

import argparse
import math
import sys
from dataclasses import dataclass, field
from typing import Any

import localgrad as lg
import numpy as np
import torch
from localgrad import reference
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler

TOLERANCE = 1e-9
ROWS, BATCH, EPOCHS = 40, 10, 25
STEPS_AN_EPOCH = ROWS // BATCH
SIZES = [6, 8, 5, 4]


def half_square(z, y):
    return F.mse_loss(z, y, reduction="none").sum(1) / 2


@dataclass
class Case:
    """One comparison: the arguments of `Network` and `fit`, and their equivalents in PyTorch."""

    name: str
    network: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    phi: Any = torch.tanh
    costs: Any = half_square  # function of outputs z and targets y, one cost for each example
    data: str = "numbers"  # kind of targets
    heads: int = 1
    width: int = SIZES[-1]  # of a row of targets
    optimizer: Any = lambda weights, biases: torch.optim.SGD([*weights, *biases], 0.1)
    schedule: Any = None  # function of the optimizer that returns a scheduler
    pace: str = "epoch"  # when the scheduler steps: "epoch", "batch", "fraction" or "cost"
    vary: Any = None  # function of the optimizer and the time in epochs, called before each mini-batch
    penalty: Any = None  # function of the weights, added to the mean cost
    clip: Any = None  # function of the parameters, called before a step
    after: Any = None  # function of a weight matrix, called after a step
    example_weights: Any = None


def sgd(lr=0.1, **settings):
    return lambda weights, biases: torch.optim.SGD([*weights, *biases], lr, **settings)


def of_all(kind, *arguments, **settings):
    return lambda weights, biases: kind([*weights, *biases], *arguments, **settings)


def decay_of_weights_only(kind, lr, decay, **settings):
    def make(weights, biases):
        return kind(
            [{"params": weights}, {"params": biases, "weight_decay": 0.0}], lr, weight_decay=decay, **settings
        )

    return make


# Factors of the learning rate of three layers, for weights and for biases; 0 freezes.
FACTORS = {
    "rates": ([0.5, 1.0, 2.0], [3.0, 0.25, 1.0]),
    "frozen first layer": ([0.0, 1.0, 0.5], [0.0, 1.0, 0.5]),
    "frozen biases": ([0.5, 0.0, 1.0], [0.0, 2.0, 0.0]),
}


def by_layer(kind, lr, factors, *, decay=None, step_sizes=None, **settings):
    """Return a function that makes an optimizer with a parameter group for each weight matrix and bias."""

    def make(weights, biases):
        groups = []
        for of_kind, parameters in zip(factors, (weights, biases), strict=True):
            for factor, parameter in zip(of_kind, parameters, strict=True):
                parameter.requires_grad_(factor > 0)
                group = {"params": [parameter], "lr": factor * lr}
                if decay is not None:
                    group["weight_decay"] = decay if parameters is weights else 0.0
                if step_sizes:  # Rprop; its learning rate is the first step
                    group["step_sizes"] = tuple(factor * size for size in step_sizes)
                groups += [group] if factor > 0 else []
        return kind(groups, lr, **settings)

    return make


def targets(kind, rng, width):
    if kind == "labels":
        return rng.integers(0, width, ROWS)
    if kind == "shares":
        y = rng.uniform(0.1, 1, (ROWS, width))
        return y / y.sum(1, keepdims=True)
    if kind == "counts":
        return rng.poisson(1.5, (ROWS, width)).astype(float)
    if kind == "signs":
        return rng.choice([-1.0, 1.0], (ROWS, width))
    return rng.uniform(0.05, 0.95, (ROWS, width))


def standardized(array):
    return (array - array.mean(0)) / array.std(0, correction=0)


def train_torch(case, net, x, y):
    """Train in PyTorch from the network's parameters; return the parameters and the costs of the epochs."""
    weights = [torch.tensor(np.array(w), requires_grad=True) for w in net.weights]
    biases = [torch.tensor(np.array(b), requires_grad=True) for b in net.biases]
    scales = torch.ones(SIZES[0], requires_grad=net.learn_input_scale)
    others = [*biases, scales] if net.learn_input_scale else biases
    optimizer = case.optimizer(weights, others)
    scheduler = case.schedule(optimizer) if case.schedule else None
    w_i = np.ones(ROWS) if case.example_weights is None else case.example_weights
    if "class_weight" in case.fit:
        w_i = w_i * np.array(case.fit["class_weight"])[y]
    x, y, w_i = torch.tensor(x), torch.tensor(y), torch.tensor(w_i / w_i.mean())
    if case.network.get("standardize"):
        x, y = standardized(x), standardized(y) if case.data == "numbers" else y
    b = BATCH if case.fit.get("batch_size", BATCH) else ROWS
    epochs = case.fit.get("epochs", EPOCHS)
    history = []
    for epoch in range(epochs):
        total = 0.0
        for start in range(0, ROWS, b):
            if scheduler and case.pace == "fraction":
                scheduler.step(epoch + start / ROWS)
            if case.vary:
                case.vary(optimizer, epoch + start / ROWS)
            rows = slice(start, start + b)
            a = x[rows] * scales
            for w, bias in zip(weights[:-1], biases[:-1], strict=True):
                a = case.phi(a @ w.T + bias)
            cost = (w_i[rows] * case.costs(a @ weights[-1].T + biases[-1], y[rows])).mean()
            total += cost.item() * b
            optimizer.zero_grad()
            (cost + case.penalty(weights) if case.penalty else cost).backward()
            if case.clip:
                case.clip([p for p in (*weights, *others) if p.requires_grad])
            optimizer.step()
            if case.after:
                with torch.no_grad():
                    for w in (w for w in weights if w.requires_grad):
                        w.copy_(case.after(w))
            if scheduler and case.pace == "batch":
                scheduler.step()
        history.append(total / ROWS)
        if scheduler and case.pace in ("epoch", "cost"):
            scheduler.step(*[history[-1]] if case.pace == "cost" else [])
    arrays = [*weights, *others]
    return [array.detach().numpy() for array in arrays], history


def difference(case, of_reference):
    """Return the largest relative difference of parameters and costs after training."""
    rng = np.random.default_rng(7)
    sizes = [*SIZES[:-1], case.width * case.heads]
    x, y = rng.uniform(-1, 1, (ROWS, sizes[0])), targets(case.data, rng, case.width)
    make = reference.Network if of_reference else lambda *a, **k: lg.Network(*a, dtype="float64", **k)
    net = make(sizes, **{"activation": "tanh", "seed": 5, **case.network})
    expected, costs = train_torch(case, net, x, y)
    arguments = {
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "optimizer": lg.SGD(0.1),
        "shuffle": False,
        **case.fit,
    }
    if case.example_weights is not None:
        arguments["sample_weight"] = case.example_weights
    history = net.fit(x, y, **arguments)
    scales = [net.input_scales] if net.learn_input_scale else []
    found = [np.array(v) for v in (*net.weights, *net.biases, *scales)]
    pairs = [*zip(found, expected, strict=True), (np.array(history["cost"]), np.array(costs))]
    return max(abs(u - v).max() / (abs(v).max() or 1.0) for u, v in pairs)  # frozen biases may all be 0


def optimizers():
    of = torch.optim
    full = {"batch_size": None, "epochs": 100}
    pairs = [
        (lg.SGD(0.1), sgd(0.1)),
        (lg.SGD(0.05, momentum=0.9), sgd(0.05, momentum=0.9)),
        (lg.SGD(0.05, momentum=0.9, nesterov=True), sgd(0.05, momentum=0.9, nesterov=True)),
        (lg.Adam(), of_all(of.Adam)),
        (lg.Adam(0.01, beta1=0.8, beta2=0.9), of_all(of.Adam, 0.01, betas=(0.8, 0.9))),
        (lg.Adam(0.01, beta2=0.5, amsgrad=True), of_all(of.Adam, 0.01, betas=(0.9, 0.5), amsgrad=True)),
        (lg.AdamW(), decay_of_weights_only(of.AdamW, 1e-3, 0.01)),
        (lg.AdamW(0.01, weight_decay=0.3), decay_of_weights_only(of.AdamW, 0.01, 0.3)),
        (
            lg.AdamW(0.01, beta2=0.5, weight_decay=0.1, amsgrad=True),
            decay_of_weights_only(of.AdamW, 0.01, 0.1, betas=(0.9, 0.5), amsgrad=True),
        ),
        (lg.NAdam(), of_all(of.NAdam)),
        (lg.NAdam(0.01, momentum_decay=0.1), of_all(of.NAdam, 0.01, momentum_decay=0.1)),
        (lg.RMSprop(), of_all(of.RMSprop)),
        (lg.RMSprop(0.003, alpha=0.9, momentum=0.8), of_all(of.RMSprop, 0.003, 0.9, momentum=0.8)),
        (lg.RMSprop(0.003, centered=True), of_all(of.RMSprop, 0.003, centered=True)),
        (
            lg.RMSprop(0.002, alpha=0.9, momentum=0.5, centered=True),
            of_all(of.RMSprop, 0.002, 0.9, momentum=0.5, centered=True),
        ),
        (lg.Adagrad(), of_all(of.Adagrad)),
        (
            lg.Adagrad(0.05, lr_decay=0.1, initial_accumulator=0.1),
            of_all(of.Adagrad, 0.05, lr_decay=0.1, initial_accumulator_value=0.1),
        ),
    ]
    yield from (Case(str(ours), fit={"optimizer": ours}, optimizer=theirs) for ours, theirs in pairs)
    for ours, theirs in [
        (lg.Rprop(), of_all(of.Rprop)),
        (
            lg.Rprop(0.02, eta_minus=0.4, eta_plus=1.3, min_step=1e-3, max_step=0.1),
            of_all(of.Rprop, 0.02, etas=(0.4, 1.3), step_sizes=(1e-3, 0.1)),
        ),
    ]:
        yield Case(f"{ours} on full batches", fit={"optimizer": ours, **full}, optimizer=theirs)


def schedules():
    s, of = lg.schedules, lr_scheduler

    plateau = {"factor": 0.5, "patience": 1, "threshold": 0.05, "cooldown": 2}

    def sequence(optimizer):
        parts = [of.LinearLR(optimizer, 0.1, total_iters=5), of.CosineAnnealingLR(optimizer, 20)]
        return of.SequentialLR(optimizer, parts, [5])

    cases = [
        ("StepLR", s.Step(every=3, factor=0.5), lambda o: of.StepLR(o, 3, 0.5), "epoch"),
        ("ExponentialLR", s.Exponential(0.9, by_epoch=True), lambda o: of.ExponentialLR(o, 0.9), "epoch"),
        (
            "ExponentialLR by batch",
            s.Exponential(0.9),
            lambda o: of.ExponentialLR(o, 0.9 ** (1 / STEPS_AN_EPOCH)),
            "batch",
        ),
        (
            "PolynomialLR",
            s.Polynomial(20, power=2.0, by_epoch=True),
            lambda o: of.PolynomialLR(o, 20, power=2.0),
            "epoch",
        ),
        (
            "CosineAnnealingLR",
            s.Cosine(final=0.05, by_epoch=True),
            lambda o: of.CosineAnnealingLR(o, EPOCHS, eta_min=0.005),
            "epoch",
        ),
        (
            "CosineAnnealingLR by batch",
            s.Cosine(),
            lambda o: of.CosineAnnealingLR(o, EPOCHS * STEPS_AN_EPOCH),
            "batch",
        ),
        (
            "CosineAnnealingWarmRestarts",
            s.Cosine(4, restarts=True, by_epoch=True),
            lambda o: of.CosineAnnealingWarmRestarts(o, 4),
            "epoch",
        ),
        (
            "CosineAnnealingWarmRestarts, stretched, by fraction",
            s.Cosine(3, restarts=True, stretch=2.0, final=0.1),
            lambda o: of.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.01),
            "fraction",
        ),
        # PyTorch counts steps from 0 to 99: the 100th has the final learning rate, the 30th the highest.
        (
            "OneCycleLR",
            s.OneCycle(99 / STEPS_AN_EPOCH, warmup=29 / 99),
            lambda o: of.OneCycleLR(o, 0.1, total_steps=100, cycle_momentum=False),
            "batch",
        ),
        (
            "LinearLR",
            s.Warmup(5, start=0.1, by_epoch=True),
            lambda o: of.LinearLR(o, 0.1, total_iters=5),
            "epoch",
        ),
        (
            "LinearLR, then CosineAnnealingLR",
            s.Warmup(5, s.Cosine(20), start=0.1, by_epoch=True),
            sequence,
            "epoch",
        ),
        (
            "ReduceLROnPlateau",
            s.ReduceOnPlateau(**plateau, lowest=0.05),
            lambda o: of.ReduceLROnPlateau(o, **plateau, min_lr=0.005),
            "cost",
        ),
    ]
    for name, ours, theirs, pace in cases:
        yield Case(name, fit={"optimizer": lg.SGD(0.1), "schedule": ours}, schedule=theirs, pace=pace)
    for ours, theirs in [(lg.Adam(0.1), torch.optim.Adam), (lg.NAdam(0.1), torch.optim.NAdam)]:
        yield Case(
            f"ExponentialLR of {type(ours).__name__}",
            fit={"optimizer": ours, "schedule": s.Exponential(0.8, by_epoch=True)},
            optimizer=of_all(theirs, 0.1),
            schedule=lambda o: of.ExponentialLR(o, 0.8),
        )


def other_schedules():
    now = {}

    def decay(optimizer, time):
        optimizer.param_groups[0]["weight_decay"] = 0.3 * 0.9**time

    def smooth(optimizer, time):
        now["smoothing"] = 0.2 * max(0.0, 1 - time / 20)

    yield Case(
        "weight decay of AdamW",
        fit={
            "optimizer": lg.AdamW(0.01, weight_decay=0.3),
            "schedule": {"weight_decay": lg.schedules.Exponential(0.9)},
        },
        optimizer=decay_of_weights_only(torch.optim.AdamW, 0.01, 0.3),
        vary=decay,
    )
    yield Case(
        "label smoothing, with ExponentialLR",
        network={"output": "softmax", "cost": "cross_entropy(0.2)"},
        data="labels",
        fit={
            "schedule": {
                "learning_rate": lg.schedules.Exponential(0.9, by_epoch=True),
                "label_smoothing": lg.schedules.Polynomial(20),
            }
        },
        costs=lambda z, y: F.cross_entropy(z, y, label_smoothing=now["smoothing"], reduction="none"),
        schedule=lambda o: lr_scheduler.ExponentialLR(o, 0.9),
        vary=smooth,
    )


def shortened(w, limit=0.7):  # torch.renorm divides by the norm + 1e-7
    return w * (limit / w.norm(dim=1, keepdim=True)).clamp(max=1)


def regularization():
    clip = torch.nn.utils

    labels = {"network": {"output": "softmax"}, "data": "labels"}
    of_class = np.array([0.5, 1.0, 2.0, 3.0])
    yield Case(
        "SGD(weight_decay)", fit={"l2": 0.05, "penalize_biases": True}, optimizer=sgd(0.1, weight_decay=0.05)
    )
    yield Case(
        "Adam(weight_decay) of weights",
        fit={"l2": 0.05, "optimizer": lg.Adam(0.01)},
        optimizer=decay_of_weights_only(torch.optim.Adam, 0.01, 0.05),
    )
    yield Case(
        "AdamW(weight_decay) of all",
        fit={"penalize_biases": True, "optimizer": lg.AdamW(0.01, weight_decay=0.2)},
        optimizer=of_all(torch.optim.AdamW, 0.01, weight_decay=0.2),
    )
    yield Case("L1", fit={"l1": 0.003}, penalty=lambda weights: 0.003 * sum(w.abs().sum() for w in weights))
    yield Case("clip_grad_norm_", fit={"clip_norm": 0.05}, clip=lambda p: clip.clip_grad_norm_(p, 0.05))
    yield Case("clip_grad_value_", fit={"clip_value": 0.01}, clip=lambda p: clip.clip_grad_value_(p, 0.01))
    yield Case("largest norm of a unit", fit={"max_norm": 0.7}, after=shortened)
    yield Case(
        "label smoothing",
        network={"output": "softmax", "cost": "cross_entropy(0.1)"},
        data="labels",
        costs=lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1, reduction="none"),
    )
    yield Case(
        "label smoothing of rows",
        network={"output": "softmax", "cost": "cross_entropy(0.2)"},
        data="shares",
        costs=lambda z, y: F.cross_entropy(z, y, label_smoothing=0.2, reduction="none"),
    )
    yield Case(
        "class weights",
        fit={"class_weight": of_class.tolist()},
        costs=lambda z, y: F.cross_entropy(z, y, reduction="none"),
        **labels,
    )
    yield Case("example weights", example_weights=np.arange(ROWS) % 5 / 2)


def layers():
    of, clip = torch.optim, torch.nn.utils.clip_grad_norm_
    full = {"batch_size": None, "epochs": 100}
    rules = [
        (lg.SGD(0.1), of.SGD, {}),
        (lg.SGD(0.05, momentum=0.9), of.SGD, {"momentum": 0.9}),
        (lg.SGD(0.05, momentum=0.9, nesterov=True), of.SGD, {"momentum": 0.9, "nesterov": True}),
        (lg.Adam(0.01), of.Adam, {}),
        (lg.Adam(0.01, beta2=0.5, amsgrad=True), of.Adam, {"betas": (0.9, 0.5), "amsgrad": True}),
        (lg.AdamW(0.01, weight_decay=0.3), of.AdamW, {"decay": 0.3}),
        (lg.NAdam(0.01), of.NAdam, {}),
        (lg.RMSprop(0.003, alpha=0.9), of.RMSprop, {"alpha": 0.9}),
        (
            lg.RMSprop(0.002, momentum=0.5, centered=True),
            of.RMSprop,
            {"alpha": 0.99, "momentum": 0.5, "centered": True},
        ),
        (lg.Adagrad(0.05, lr_decay=0.1), of.Adagrad, {"lr_decay": 0.1}),
        (lg.Rprop(0.02, max_step=0.1), of.Rprop, {"step_sizes": (1e-6, 0.1)}),
    ]
    for name, factors in FACTORS.items():
        given = dict(zip(("weight_lr_factor", "bias_lr_factor"), factors, strict=True))
        for ours, kind, settings in rules:
            arguments = {"optimizer": ours, **given, **(full if kind is of.Rprop else {})}
            theirs = by_layer(kind, ours.learning_rate, factors, **settings)
            yield Case(f"{name}, {ours}", fit=arguments, optimizer=theirs)
        sgd_by_layer = by_layer(of.SGD, 0.1, factors)
        yield Case(
            f"{name}, clip_grad_norm_",
            fit={"clip_norm": 0.05, **given},
            optimizer=sgd_by_layer,
            clip=lambda p: clip(p, 0.05),
        )
        yield Case(
            f"{name}, largest norm", fit={"max_norm": 0.7, **given}, optimizer=sgd_by_layer, after=shortened
        )
        yield Case(
            f"{name}, one output",
            network={"output": "sigmoid", "cost": "mse"},
            fit=given,
            width=1,
            optimizer=sgd_by_layer,
            costs=after(torch.sigmoid),
        )
        yield Case(
            f"{name}, ExponentialLR of AdamW",
            fit={
                "optimizer": lg.AdamW(0.01, weight_decay=0.3),
                "schedule": lg.schedules.Exponential(0.8, by_epoch=True),
                **given,
            },
            optimizer=by_layer(of.AdamW, 0.01, factors, decay=0.3),
            schedule=lambda o: lr_scheduler.ExponentialLR(o, 0.8),
        )


def after(phi):
    return lambda z, y: half_square(phi(z), y)


def activations():
    pairs = {
        "identity": nn.Identity(),
        "sigmoid": nn.Sigmoid(),
        "tanh": nn.Tanh(),
        "relu": nn.ReLU(),
        "leaky_relu": nn.LeakyReLU(),
        "leaky_relu(0.2)": nn.LeakyReLU(0.2),
        "elu": nn.ELU(),
        "elu(0.5)": nn.ELU(0.5),
        "selu": nn.SELU(),
        "gelu": nn.GELU(),
        "gelu_tanh": nn.GELU("tanh"),
        "silu": nn.SiLU(),
        "softplus": nn.Softplus(threshold=800),  # above it PyTorch replaces log(1 + e^z) by z
        "softsign": nn.Softsign(),
        "mish": nn.Mish(),
        "hard_sigmoid": lambda z: F.relu6(z + 3) / 6,  # nn.Hardsigmoid has a slope of 1/6 in float32
        "hard_tanh": nn.Hardtanh(),
    }
    for name, phi in pairs.items():
        yield Case(f"{name}, hidden", network={"activation": name}, phi=phi)
        yield Case(
            f"{name}, output", network={"output": name}, costs=lambda z, y, phi=phi: half_square(phi(z), y)
        )
    of_softmax = after(lambda z: torch.softmax(z, 1))
    yield Case("softmax, output", network={"output": "softmax", "cost": "mse"}, costs=of_softmax)


def costs():
    def each(loss, **settings):
        return lambda z, y: loss(z, y, reduction="none", **settings).sum(1)

    def quantiles(z, y):
        e = y.repeat(1, 3) - z
        q = torch.tensor([0.1, 0.5, 0.9]).repeat_interleave(y.shape[1])
        return torch.maximum(q * e, (q - 1) * e).sum(1)

    def gaussian(z, y):
        mean, log_variance = z.chunk(2, dim=1)
        return F.gaussian_nll_loss(mean, y, log_variance.exp(), reduction="none", eps=1e-300).sum(1)

    def poisson_of_rates(z, y):
        rates = F.softplus(z, threshold=800)
        return F.poisson_nll_loss(rates, y, log_input=False, eps=0.0, reduction="none").sum(1)

    cross_entropy, binary = each(F.binary_cross_entropy_with_logits), {"output": "sigmoid"}
    yield Case("mse", network={"cost": "mse"})
    yield Case("mae", network={"cost": "mae"}, costs=each(F.l1_loss))
    yield Case("huber", network={"cost": "huber"}, costs=each(F.huber_loss))
    yield Case("huber(0.3)", network={"cost": "huber(0.3)"}, costs=each(F.huber_loss, delta=0.3))
    yield Case(
        "log_cosh",
        network={"cost": "log_cosh"},
        costs=lambda z, y: ((z - y).abs() + F.softplus(-2 * (z - y).abs()) - math.log(2)).sum(1),
    )
    for data in ("labels", "shares"):
        yield Case(
            f"cross_entropy, softmax, {data}",
            network={"output": "softmax"},
            data=data,
            costs=lambda z, y: F.cross_entropy(z, y, reduction="none"),
        )
    yield Case("cross_entropy, sigmoid", network=binary | {"cost": "cross_entropy"}, costs=cross_entropy)
    yield Case("binary_cross_entropy", network=binary | {"cost": "binary_cross_entropy"}, costs=cross_entropy)
    yield Case(
        "binary_cross_entropy(0.1)",
        network=binary | {"cost": "binary_cross_entropy(0.1)"},
        costs=lambda z, y: cross_entropy(z, 0.9 * y + 0.05),
    )
    yield Case(
        "hinge",
        network={"cost": "hinge"},
        data="signs",
        costs=lambda z, y: (1 - y * z).clamp(min=0).sum(1),
    )
    yield Case(
        "hinge of labels",
        network={"cost": "hinge"},
        data="labels",
        costs=lambda z, y: (1 - (2 * F.one_hot(y, z.shape[1]) - 1) * z).clamp(min=0).sum(1),
    )
    yield Case(
        "poisson, identity",
        network={"cost": "poisson"},
        data="counts",
        costs=each(F.poisson_nll_loss, log_input=True),
    )
    yield Case(
        "poisson, softplus",
        network={"output": "softplus", "cost": "poisson"},
        data="counts",
        costs=poisson_of_rates,
    )
    yield Case(
        "quantile(0.1, 0.5, 0.9)", network={"cost": "quantile(0.1, 0.5, 0.9)"}, heads=3, costs=quantiles
    )
    yield Case("gaussian_nll", network={"cost": "gaussian_nll"}, heads=2, costs=gaussian)


def input_scales():
    settings = {"network": {"learn_input_scale": True}}
    yield Case("input scales, SGD", **settings)
    yield Case(
        "input scales, Adam",
        fit={"optimizer": lg.Adam(0.01)},
        optimizer=of_all(torch.optim.Adam, 0.01),
        **settings,
    )
    yield Case(
        "input scales, AdamW, whose weight decay does not act on them",
        fit={"optimizer": lg.AdamW(0.01, weight_decay=0.3)},
        optimizer=decay_of_weights_only(torch.optim.AdamW, 0.01, 0.3),
        **settings,
    )
    yield Case(
        "input scales, clip_grad_norm_",
        fit={"clip_norm": 0.05},
        clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 0.05),
        **settings,
    )
    yield Case("input scales, example weights", example_weights=np.arange(ROWS) % 5 / 2, **settings)


def faster_scales(weights, others):
    """Adam whose learning rate of the input scales, the last array, is 6 times that of the others."""
    return torch.optim.Adam([{"params": [*weights, *others[:-1]]}, {"params": others[-1:], "lr": 0.06}], 0.01)


def of_networks():
    adam = {"fit": {"optimizer": lg.Adam(0.01)}, "optimizer": of_all(torch.optim.Adam, 0.01)}
    yield Case("standardize, SGD", network={"standardize": True})
    yield Case(
        "standardize, Adam, init_gain", network={"standardize": True, "init_gain": [2, 0.5, 0]}, **adam
    )
    yield Case(
        "standardize, labels",
        network={"standardize": True, "output": "softmax"},
        data="labels",
        costs=lambda z, y: F.cross_entropy(z, y, reduction="none"),
        **adam,
    )
    yield Case(
        "standardize, input scales with 6 times the learning rate",
        network={"standardize": True, "learn_input_scale": True},
        fit={"optimizer": lg.Adam(0.01), "input_scale_lr_factor": 6.0},
        optimizer=faster_scales,
    )


GROUPS = {
    "optimizers": optimizers,
    "schedules": schedules,
    "schedules of other settings": other_schedules,
    "regularization": regularization,
    "layers": layers,
    "activations": activations,
    "costs": costs,
    "input scales": input_scales,
    "standardization, gains": of_networks,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--reference", action="store_true", help="train with localgrad.reference instead of the core"
    )
    parser.add_argument("words", nargs="*", help="parts of the names of cases to run")
    arguments = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    worst, count = 0.0, 0
    for group, cases in GROUPS.items():
        print(group)
        for case in cases():
            if arguments.words and not any(word in case.name for word in arguments.words):
                continue
            found = difference(case, arguments.reference)
            print(f"  {case.name:<102} {found:8.1e}{'' if found <= TOLERANCE else '  FAR APART'}", flush=True)
            worst, count = max(worst, found), count + 1
    print(f"{count} cases, largest difference {worst:.1e}, tolerance {TOLERANCE:.0e}")
    return int(not worst <= TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())

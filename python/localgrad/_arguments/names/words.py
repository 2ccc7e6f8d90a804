"""Names of functions, metrics and optimizers in other libraries, and their names in localgrad.

Names of other libraries are written as `plain` returns them. `SAME` maps them to names with the same meaning;
a tuple adds the outputs for which the meaning is the same. `HINTS` maps them to the closest alternatives.
"""

from typing import TypeAlias

from localgrad._arguments.names.similar import by_word

Same: TypeAlias = dict[str, str | tuple[str, str]]

SOFTMAX, SINGLE = "softmax", "a single output"
_MEAN = ", a sum over the outputs where other libraries take the mean"
_NORMAL = "a normal distribution with the same variance"
_CLASSES = "categoricalcrossentropy sparsecategoricalcrossentropy crossentropyloss softmaxcrossentropy"
_SQUARES = "meansquarederror mseloss squarederror squaredloss l2 l2loss leastsquares"

_SAME: dict[str, dict[str | tuple[str, str], str]] = {
    "activation": {"identity": "linear none", "sigmoid": "logistic", "silu": "swish"},
    "cost": {
        ("cross_entropy", SOFTMAX): _CLASSES,
        ("cross_entropy", f"{SOFTMAX} or {SINGLE}"): "logloss",
        ("binary_cross_entropy", SINGLE): "binarycrossentropy bce bceloss",
        ("mae", SINGLE): "meanabsoluteerror absoluteerror l1 l1loss",
        ("huber", SINGLE): "huberloss smoothl1 smoothl1loss",
        ("quantile", SINGLE): "pinball",
    },
    "init": {
        "he": "henormal kaiming kaimingnormal",
        "xavier": "glorotnormal xaviernormal",
        "lecun": "lecunnormal",
        "zeros": "zero",
    },
    "metrics": {
        "accuracy": "acc accuracyscore categoricalaccuracy sparsecategoricalaccuracy",
        "balanced_accuracy": "balancedaccuracyscore",
        "top_k": "topkaccuracy topkaccuracyscore",
        "auc": "rocauc rocaucscore auroc",
        "f1": "f1score",
        "precision": "precisionscore",
        "recall": "recallscore",
        "r2": "r2score",
        "mse": "meansquarederror",
        "rmse": "rootmeansquarederror",
        "mae": "meanabsoluteerror",
        "pinball": "meanpinballloss",
    },
    "monitor": {"cost": "loss"},
}

_HINTS = {
    "activation": {
        "'relu'": "relu6",
        "'leaky_relu'": "prelu",
        "'elu'": "celu",
        "'silu', which it approximates": "hardswish hardsilu",
        "'gelu_tanh'": "gelunew",
        "'gelu'": "quickgelu",
        "output='softmax', whose cost includes the logarithm": "logsoftmax",
        "output='softmax'": "softmax",
    },
    "cost": {
        "'mse', half the sum of the squared errors where other libraries take the mean": _SQUARES,
        "'mse'": "rmse rootmeansquarederror",
        "'cross_entropy' with output='softmax'": "nll nllloss",
        "'binary_cross_entropy' with output='sigmoid'": "bcewithlogits bcewithlogitsloss",
        "'cross_entropy', which has the same gradients": "kldivergence kldivloss",
        "'hinge'": "squaredhinge",
        "'poisson'": "poissonnllloss",
        "'gaussian_nll', whose second half of the outputs are log-variances": "gaussiannllloss",
    },
    "init": {
        f"'he', {_NORMAL}": "heuniform kaiminguniform",
        f"'xavier', {_NORMAL}": "glorotuniform xavieruniform",
        "'xavier'": "glorot",
        f"'lecun', {_NORMAL}": "lecununiform",
        "'normal', with standard deviation 1": "randomnormal",
    },
    "metrics": {
        "'accuracy'": "binaryaccuracy",
        "'top_k(5)'": "topkcategoricalaccuracy sparsetopkcategoricalaccuracy",
        "'log_loss'": "crossentropy categoricalcrossentropy binarycrossentropy",
        "'mse', where lower is better": "negmeansquarederror",
        "'rmse', where lower is better": "negrootmeansquarederror",
        "'mae', where lower is better": "negmeanabsoluteerror",
        "'log_loss', where lower is better": "neglogloss",
        "nothing: the cost is always measured": "loss cost",
        "'auc'": "averageprecision rocaucovr",
    },
    "optimizer": {
        "SGD(momentum=0.9)": "momentum",
        "SGD(momentum=0.9, nesterov=True)": "nesterov",
        "Adam()": "adamax",
        "RMSprop() or Adagrad()": "adadelta",
        "LBFGS()": "bfgs",
    },
}

SAME: dict[str, Same] = {kind: by_word(answers) for kind, answers in _SAME.items()}
HINTS: dict[str, dict[str, str]] = {kind: by_word(answers) for kind, answers in _HINTS.items()}


def for_other_outputs(ours: str, place: str) -> str:
    """Return the suggestion for a name that only has this meaning with other outputs."""
    return f"{ours!r}{_MEAN}" if place == SINGLE else f"{ours!r}, its equivalent for {place}"

"""Names of functions, metrics and optimizers as others write them, and what they are called here.

Keys are written as `plain` returns them. `SAME` holds what means the same; a tuple says with which outputs it
does. `HINTS` holds what comes close to a name, as the answer to "did you mean".
"""

from typing import TypeAlias

Same: TypeAlias = dict[str, str | tuple[str, str]]

SOFTMAX, SINGLE = "softmax", "a single output"
_MEAN = ", a sum over the outputs where others take the mean"

SAME: dict[str, Same] = {
    "activation": {
        "linear": "identity",
        "none": "identity",
        "logistic": "sigmoid",
        "swish": "silu",
    },
    "cost": {
        "categoricalcrossentropy": ("cross_entropy", SOFTMAX),
        "sparsecategoricalcrossentropy": ("cross_entropy", SOFTMAX),
        "crossentropyloss": ("cross_entropy", SOFTMAX),
        "softmaxcrossentropy": ("cross_entropy", SOFTMAX),
        "logloss": ("cross_entropy", f"{SOFTMAX} or {SINGLE}"),
        "binarycrossentropy": ("binary_cross_entropy", SINGLE),
        "bce": ("binary_cross_entropy", SINGLE),
        "bceloss": ("binary_cross_entropy", SINGLE),
        "meanabsoluteerror": ("mae", SINGLE),
        "absoluteerror": ("mae", SINGLE),
        "l1": ("mae", SINGLE),
        "l1loss": ("mae", SINGLE),
        "huberloss": ("huber", SINGLE),
        "smoothl1": ("huber", SINGLE),
        "smoothl1loss": ("huber", SINGLE),
        "pinball": ("quantile", SINGLE),
    },
    "init": {
        "henormal": "he",
        "kaiming": "he",
        "kaimingnormal": "he",
        "glorotnormal": "xavier",
        "xaviernormal": "xavier",
        "lecunnormal": "lecun",
        "zero": "zeros",
    },
    "metrics": {
        "acc": "accuracy",
        "accuracyscore": "accuracy",
        "categoricalaccuracy": "accuracy",
        "sparsecategoricalaccuracy": "accuracy",
        "balancedaccuracyscore": "balanced_accuracy",
        "topkaccuracy": "top_k",
        "topkaccuracyscore": "top_k",
        "rocauc": "auc",
        "rocaucscore": "auc",
        "auroc": "auc",
        "f1score": "f1",
        "precisionscore": "precision",
        "recallscore": "recall",
        "r2score": "r2",
        "meansquarederror": "mse",
        "rootmeansquarederror": "rmse",
        "meanabsoluteerror": "mae",
        "meanpinballloss": "pinball",
    },
    "monitor": {"loss": "cost"},
}

_HALF = "'mse', half of the sum of the squared errors where others take their mean"

HINTS: dict[str, dict[str, str]] = {
    "activation": {
        "relu6": "'relu'",
        "prelu": "'leaky_relu'",
        "celu": "'elu'",
        "hardswish": "'silu', which it approximates",
        "hardsilu": "'silu', which it approximates",
        "gelunew": "'gelu_tanh'",
        "quickgelu": "'gelu'",
        "logsoftmax": "output='softmax', whose cost takes the logarithm",
        "softmax": "output='softmax'",
    },
    "cost": {
        "meansquarederror": _HALF,
        "mseloss": _HALF,
        "squarederror": _HALF,
        "squaredloss": _HALF,
        "l2": _HALF,
        "l2loss": _HALF,
        "leastsquares": _HALF,
        "rmse": "'mse'",
        "rootmeansquarederror": "'mse'",
        "nll": "'cross_entropy' with output='softmax'",
        "nllloss": "'cross_entropy' with output='softmax'",
        "bcewithlogits": "'binary_cross_entropy' with output='sigmoid'",
        "bcewithlogitsloss": "'binary_cross_entropy' with output='sigmoid'",
        "kldivergence": "'cross_entropy', which has the same gradients",
        "kldivloss": "'cross_entropy', which has the same gradients",
        "squaredhinge": "'hinge'",
        "poissonnllloss": "'poisson'",
        "gaussiannllloss": "'gaussian_nll', whose second outputs are logarithms of variances",
    },
    "init": {
        "heuniform": "'he', which is normal with the same variance",
        "kaiminguniform": "'he', which is normal with the same variance",
        "glorotuniform": "'xavier', which is normal with the same variance",
        "xavieruniform": "'xavier', which is normal with the same variance",
        "glorot": "'xavier'",
        "lecununiform": "'lecun', which is normal with the same variance",
        "randomnormal": "'normal', of standard deviation 1",
    },
    "metrics": {
        "binaryaccuracy": "'accuracy'",
        "topkcategoricalaccuracy": "'top_k(5)'",
        "sparsetopkcategoricalaccuracy": "'top_k(5)'",
        "crossentropy": "'log_loss'",
        "categoricalcrossentropy": "'log_loss'",
        "binarycrossentropy": "'log_loss'",
        "negmeansquarederror": "'mse', of which less is better",
        "negrootmeansquarederror": "'rmse', of which less is better",
        "negmeanabsoluteerror": "'mae', of which less is better",
        "neglogloss": "'log_loss', of which less is better",
        "loss": "nothing: the cost is always measured",
        "cost": "nothing: the cost is always measured",
        "averageprecision": "'auc'",
        "rocaucovr": "'auc'",
    },
    "optimizer": {
        "momentum": "SGD(momentum=0.9)",
        "nesterov": "SGD(momentum=0.9, nesterov=True)",
        "adamax": "Adam()",
        "adadelta": "RMSprop() or Adagrad()",
        "bfgs": "LBFGS()",
    },
}


def beside_the_point(ours: str, place: str) -> str:
    """Return the hint for a name that means the same elsewhere, but not with these outputs."""
    return f"{ours!r}{_MEAN}" if place == SINGLE else f"{ours!r}, which is that for {place}"

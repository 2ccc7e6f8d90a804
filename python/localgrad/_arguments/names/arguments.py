"""Keyword arguments of other libraries, and their names in localgrad.

`SAME` maps names to arguments with the same meaning, and `PAIRS` maps pairs to two arguments each; both apply
to every function that has these arguments. `HINTS` holds suggestions for names without an equivalent.
"""

from localgrad._arguments.names.similar import by_word

SAME = by_word(
    {
        "learning_rate": "lr learning_rate_init",
        "epsilon": "eps",
        "alpha": "rho",
        "beta1": "beta_1",
        "beta2": "beta_2",
        "nesterov": "nesterovs_momentum",
        "initial_accumulator": "initial_accumulator_value",
        "history": "history_size",
        "tolerance": "tolerance_grad",
        "activation": "activations",
        "output": "output_activation out_activation",
        "cost": "loss",
        "init": "kernel_initializer",
        "dropout": "dropout_rate",
        "seed": "random_state",
        "X": "x",
        "x": "X",
        "epochs": "n_epochs nb_epoch num_epochs T_max",
        "validation": "validation_data",
        "restore_best": "restore_best_weights",
        "patience": "n_iter_no_change",
        "path": "filepath",
        "best": "save_best_only",
        "every": "period step_size",
        "factor": "gamma",
    }
)

PAIRS = {
    "betas": ("beta1", "beta2"),
    "etas": ("eta_minus", "eta_plus"),
    "step_sizes": ("min_step", "max_step"),
}

# Functions that have the arguments in hints, to suggest in calls of functions that do not.
OWNERS = {
    "sizes": "Network",
    "cost": "Network",
    "min_delta": "localgrad.callbacks.EarlyStopping",
    **dict.fromkeys(("epochs", "batch_size", "validation", "callbacks", "resume", "n_threads"), "fit"),
}

_SIZES = "hidden_layer_sizes layers layer_sizes units input_dim input_shape n_inputs"
_OF_FIT = ("optimizer", "epochs", "batch_size", "shuffle", "metrics", "callbacks", "class_weight", "l1", "l2")
_OF_NETWORK = ("activation", "output", "cost", "init", "dropout", "dtype", "seed")
_RATE = "fit(optimizer=localgrad.SGD(learning_rate)) or another optimizer"
_STOPPING = "fit(callbacks=[localgrad.callbacks.EarlyStopping"
_ADAM = "fit(optimizer=localgrad.Adam"
_CLASSES = "the labels are integers from 0, and the network has one output per class"
_SHARE = "validation=0.2, a random share of the rows"

HINTS = {name: f"fit({name}=...)" for name in _OF_FIT}
HINTS |= {name: f"Network({name}=...)" for name in _OF_NETWORK}
HINTS |= by_word(
    {
        "fit(l2=...), a penalty, or AdamW(weight_decay=...), decoupled weight decay": "weight_decay",
        "fit(schedule=...), one of localgrad.schedules": "decay",
        "fit(clip_norm=...)": "clipnorm global_clipnorm",
        "fit(clip_value=...)": "clipvalue",
        "nothing: fit(optimizer=...) passes the network's parameters to the optimizer": "params",
        "sizes=[inputs, *hidden_layers, outputs]": _SIZES,
        "cost='...', the name of a cost": "criterion",
        "fit(optimizer=...)": "solver",
        _RATE: "lr",
        f"{_RATE}, or fit(schedule=...)": "learning_rate",
        f"{_ADAM}(learning_rate)) or another optimizer": "learning_rate_init",
        "fit(schedule=lambda epoch: 1 / (epoch + 1) ** power_t)": "power_t",
        "fit(optimizer=localgrad.SGD(momentum=...))": "momentum",
        "fit(optimizer=localgrad.SGD(momentum=..., nesterov=True))": "nesterov nesterovs_momentum",
        f"{_ADAM}(beta1=...))": "beta1 beta_1",
        f"{_ADAM}(beta2=...))": "beta2 beta_2",
        f"{_ADAM}(epsilon=...))": "epsilon eps",
        "fit(l2=...), which does not depend on the number of examples": "alpha",
        f"{_SHARE}; with shuffle=False the last rows, as in Keras": "validation_split",
        _SHARE: "validation_fraction",
        "validation=(X, y)": "eval_set",
        "epochs": "max_iter",
        "epochs=..., which is the number of iterations of LBFGS": "max_fun",
        "nothing: fit continues from the current parameters, and Network.reset starts again": "warm_start",
        f"nothing: {_CLASSES}": "classes",
        "batch_size": "batch",
        f"{_STOPPING}()])": "early_stopping",
        f"{_STOPPING}(patience=...)])": "patience n_iter_no_change",
        "resume=path, which continues from the epoch of a checkpoint": "initial_epoch",
        "localgrad.Blocks(source, rows=...) as X": "steps_per_epoch",
        "n_threads=..., where None lets the core choose": "n_jobs workers num_workers",
        "Network(seed=...)": "random_state",
        "Network(cost=...)": "loss",
        "min_delta=... or a custom callback": "baseline",
        "min_delta=...": "tol",
        "a larger patience": "start_from_epoch",
        "nothing: Network.save writes only the network": "save_weights_only",
        "every=..., in epochs": "save_freq",
        "lowest=..., a fraction of the learning rate": "min_lr",
        "final=..., a fraction of the learning rate": "eta_min",
        "threshold=..., a relative improvement": "min_delta",
        "fit(verbose=...)": "verbose",
        "cost=..., the custom cost of the network": "custom_objects",
    }
)

"""Keyword arguments as other libraries call them, and what they are called here.

`SAME` holds what means the same, and `PAIRS` a pair that is two arguments here, wherever a function has the
arguments that they lead to. `HINTS` answers "did you mean" where nothing means the same.
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

# Whose the arguments are with which hints begin, for functions that do not have them.
OWNERS = {
    "sizes": "Network",
    "cost": "Network",
    **dict.fromkeys(("epochs", "batch_size", "validation", "callbacks", "resume", "n_threads"), "fit"),
}

_SIZES = "hidden_layer_sizes layers layer_sizes units input_dim input_shape n_inputs"
_OF_FIT = ("optimizer", "epochs", "batch_size", "metrics", "callbacks", "l1", "l2")
_RATE = "fit(optimizer=localgrad.SGD(learning_rate)) or another of localgrad.optimizers"
_SPLIT = "validation=0.2, a share drawn at random; Keras takes the last rows, which validation=0.2 does with "

HINTS = {name: f"fit({name}=...), where it belongs" for name in _OF_FIT} | by_word(
    {
        "fit(l2=...), which adds to the gradient, or AdamW(weight_decay=...), which does not": "weight_decay",
        "fit(schedule=...), one of localgrad.schedules": "decay",
        "fit(clip_norm=...)": "clipnorm global_clipnorm",
        "fit(clip_value=...)": "clipvalue",
        "nothing: fit(optimizer=...) gives an optimizer those of the network": "params",
        "sizes=[inputs, *hidden_layers, outputs]": _SIZES,
        "cost='...', by its name": "criterion",
        "fit(optimizer=...)": "solver",
        _RATE: "lr learning_rate learning_rate_init",
        "fit(optimizer=localgrad.SGD(momentum=...))": "momentum",
        "fit(l2=...), which does not depend on the number of examples": "alpha",
        f"{_SPLIT}shuffle=False": "validation_split",
        "validation=0.2, a share that is drawn at random": "validation_fraction",
        "validation=(X, y)": "eval_set",
        "epochs": "max_iter",
        "batch_size": "batch",
        "callbacks=[localgrad.callbacks.EarlyStopping()]": "early_stopping",
        "callbacks=[localgrad.callbacks.EarlyStopping(patience=...)]": "patience",
        "resume=checkpoint; Network.epochs counts the epochs trained so far": "initial_epoch",
        "localgrad.Blocks(source, rows=...) as X": "steps_per_epoch",
        "n_threads=..., of which None lets the core choose": "n_jobs workers num_workers",
        "Network(seed=...)": "seed random_state",
        "Network(cost=...)": "loss cost",
        "min_delta or a callback of your own": "baseline",
        "min_delta=...": "tol",
        "a larger patience": "start_from_epoch",
        "nothing: Network.save writes the network alone": "save_weights_only",
        "every=..., in epochs": "save_freq",
        "lowest=..., as a share of the learning rate": "min_lr",
        "final=..., as a share of the learning rate": "eta_min",
        "threshold=..., a relative improvement": "min_delta",
        "fit(verbose=...), which alone prints": "verbose",
        "cost=..., the function that the network had as its cost": "custom_objects",
    }
)

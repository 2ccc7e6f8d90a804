"""Keyword arguments as other libraries call them, and what they are called here.

`SAME` holds what means the same, and `PAIRS` a pair that is two arguments here, wherever a function has the
arguments that they lead to. `HINTS` answers "did you mean" where nothing means the same.
"""

SAME = {
    "lr": "learning_rate",
    "learning_rate_init": "learning_rate",
    "eps": "epsilon",
    "rho": "alpha",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "nesterovs_momentum": "nesterov",
    "initial_accumulator_value": "initial_accumulator",
    "history_size": "history",
    "tolerance_grad": "tolerance",
    "activations": "activation",
    "output_activation": "output",
    "out_activation": "output",
    "loss": "cost",
    "kernel_initializer": "init",
    "dropout_rate": "dropout",
    "random_state": "seed",
    "x": "X",
    "X": "x",
    "n_epochs": "epochs",
    "nb_epoch": "epochs",
    "num_epochs": "epochs",
    "validation_data": "validation",
    "restore_best_weights": "restore_best",
    "n_iter_no_change": "patience",
    "filepath": "path",
    "save_best_only": "best",
    "period": "every",
    "step_size": "every",
    "gamma": "factor",
    "T_max": "epochs",
}

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

_NETWORK_SIZES = "sizes=[inputs, *hidden_layers, outputs]"
_IN_FIT = "fit({0}=...), where it belongs"
_RATE = "fit(optimizer=localgrad.SGD(learning_rate)) or another of localgrad.optimizers"

HINTS = {
    "weight_decay": "fit(l2=...), which adds to the gradient, or AdamW(weight_decay=...), which does not",
    "decay": "fit(schedule=...), one of localgrad.schedules",
    "clipnorm": "fit(clip_norm=...)",
    "clipvalue": "fit(clip_value=...)",
    "global_clipnorm": "fit(clip_norm=...)",
    "params": "nothing: fit(optimizer=...) gives an optimizer those of the network",
    "hidden_layer_sizes": _NETWORK_SIZES,
    "layers": _NETWORK_SIZES,
    "layer_sizes": _NETWORK_SIZES,
    "units": _NETWORK_SIZES,
    "input_dim": _NETWORK_SIZES,
    "input_shape": _NETWORK_SIZES,
    "n_inputs": _NETWORK_SIZES,
    "criterion": "cost='...', by its name",
    "solver": "fit(optimizer=...)",
    "optimizer": _IN_FIT.format("optimizer"),
    "lr": _RATE,
    "learning_rate": _RATE,
    "learning_rate_init": _RATE,
    "momentum": "fit(optimizer=localgrad.SGD(momentum=...))",
    "epochs": _IN_FIT.format("epochs"),
    "batch_size": _IN_FIT.format("batch_size"),
    "metrics": _IN_FIT.format("metrics"),
    "callbacks": _IN_FIT.format("callbacks"),
    "l1": _IN_FIT.format("l1"),
    "l2": _IN_FIT.format("l2"),
    "alpha": "fit(l2=...), which does not depend on the number of examples",
    "validation_split": "validation=0.2, a share drawn at random; Keras takes the last rows, which "
    "validation=0.2 does with shuffle=False",
    "validation_fraction": "validation=0.2, a share that is drawn at random",
    "eval_set": "validation=(X, y)",
    "max_iter": "epochs",
    "batch": "batch_size",
    "early_stopping": "callbacks=[localgrad.callbacks.EarlyStopping()]",
    "patience": "callbacks=[localgrad.callbacks.EarlyStopping(patience=...)]",
    "initial_epoch": "resume=checkpoint; Network.epochs counts the epochs trained so far",
    "steps_per_epoch": "localgrad.Blocks(source, rows=...) as X",
    "n_jobs": "n_threads=..., of which None lets the core choose",
    "workers": "n_threads=..., of which None lets the core choose",
    "num_workers": "n_threads=..., of which None lets the core choose",
    "seed": "Network(seed=...)",
    "random_state": "Network(seed=...)",
    "loss": "Network(cost=...)",
    "cost": "Network(cost=...)",
    "baseline": "min_delta or a callback of your own",
    "tol": "min_delta=...",
    "start_from_epoch": "a larger patience",
    "save_weights_only": "nothing: Network.save writes the network alone",
    "save_freq": "every=..., in epochs",
    "min_lr": "lowest=..., as a share of the learning rate",
    "eta_min": "final=..., as a share of the learning rate",
    "min_delta": "threshold=..., a relative improvement",
    "verbose": "fit(verbose=...), which alone prints",
    "custom_objects": "cost=..., the function that the network had as its cost",
}

"""The parts of the docstrings that both estimators share."""

from typing import TypeVar

T = TypeVar("T", bound=type)

__all__ = ["documented"]

_PARAMETERS = """
    hidden_layer_sizes : int or array-like of int, default (100,)
        Number of units in each hidden layer; ``()`` for none.
    activation : str or sequence of str, default "relu"
        Activation function of the hidden layers: one name for all of them, or one name per layer. Names are
        those of `localgrad.Network` and scikit-learn's ``"logistic"``.
    solver : {"lbfgs", "sgd", "adam"}, default "adam"
        Optimization method: L-BFGS on all examples, or mini-batch gradient descent with momentum or with
        Adam. See `optimizer` for others.
    alpha : float, default 0.0001
        Strength of the L2 penalty ½ alpha Σ w² / b, where b is the number of examples in a mini-batch, or the
        sum of their weights. `l2` is not divided.
    batch_size : int or "auto", default "auto"
        Number of examples in a mini-batch; ``"auto"`` is min(200, n_samples).
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        How the learning rate changes, with ``solver="sgd"`` or an `optimizer`. ``"invscaling"`` divides it by
        (t + 1)^power_t after t examples. ``"adaptive"`` divides it by 5 instead of stopping, until it is at
        most 1e-6. Ignored if there is a `schedule`.
    learning_rate_init : float, default 0.001
        Initial learning rate of the solvers "sgd" and "adam".
    power_t : float, default 0.5
        Exponent of ``learning_rate="invscaling"``.
    max_iter : int, default 200
        Maximum number of epochs, or of iterations of L-BFGS.
    shuffle : bool, default True
        Whether to shuffle the examples in each epoch.
    random_state : int, RandomState or None, default None
        Random numbers of the initial parameters, the validation split, and the seed of the network, which
        determines the order of the examples, dropout and noise. The same initial parameters and the same
        split are drawn as by scikit-learn.
    tol : float, default 1e-4
        Training stops when the loss, or the validation score with `early_stopping`, has not improved by `tol`
        in more than `n_iter_no_change` epochs in a row. L-BFGS stops when no component of the gradient
        exceeds `tol`.
    verbose : bool or int, default False
        Whether to print the loss of each epoch. See also `progress`.
    warm_start : bool, default False
        Whether `fit` continues with the current network and its parameters instead of new ones. Arguments of
        the network, such as `hidden_layer_sizes` and `dropout`, must then be as before.
    momentum : float, default 0.9
        Momentum of the solver "sgd", in [0, 1].
    nesterovs_momentum : bool, default True
        Whether the momentum is Nesterov's.
    early_stopping : bool, default False
        Whether to stop by the score on validation data, and keep the parameters with the best score. The
        validation data is `eval_set` of `fit`, or a part of the examples, stratified for two classes.
    validation_fraction : float, default 0.1
        Part of the examples to set aside for `early_stopping`, in [0, 1).
    beta_1, beta_2, epsilon : float, default 0.9, 0.999 and 1e-8
        Settings of the solver "adam", as in `localgrad.Adam`.
    n_iter_no_change : int or inf, default 10
        Number of epochs without improvement that are allowed; see `tol`.
    max_fun : int, default 15000
        Maximum number of evaluations of the loss by the solver "lbfgs".
"""

_OF_LOCALGRAD = """
    optimizer : Optimizer or str, optional
        An optimizer of localgrad, such as ``localgrad.AdamW(0.01)`` or ``"lion"``. Replaces `solver` and its
        settings; not divided by anything, unlike alpha.
    schedule : callable or dict, optional
        Schedule of the learning rate, or a dict of schedules, as in `localgrad.Network.fit`.
    init : str or tuple, optional
        Initial parameters, as in `localgrad.Network`. By default weights and biases are uniform within
        √(6/(fan_in + fan_out)), or √(2/(fan_in + fan_out)) for logistic layers, as in scikit-learn.
    init_gain : float or sequence of float, default 1.0
        Factor of the initial weights, one for all layers or one per layer. Without `init`, also of the
        biases.
    standardize, learn_input_scale, dropout, input_dropout, input_noise
        As in `localgrad.Network`.
    l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
        As in `localgrad.Network.fit`; `l2` is added to the penalty of `alpha`.
    weight_lr_factor, bias_lr_factor, input_scale_lr_factor
        Factors of the learning rate, as in `localgrad.Network.fit`.
    metrics : str, callable or sequence of these, optional
        Metrics for `history_`, as in `localgrad.Network.fit`.
    callbacks : sequence of callable or Callback, default ()
        Callbacks of localgrad, as in `localgrad.Network.fit`. For those of scikit-learn, see
        ``set_callbacks``.
    restore_best : bool, default False
        Whether to keep the parameters of the epoch with the lowest cost, as in `localgrad.Network.fit`.
    time_limit : float, optional
        Time in seconds after which training stops.
    n_threads : int, optional
        Number of threads of `fit` and `predict`. By default it is chosen automatically; the result is the
        same for any number.
    checkpoint, checkpoint_every, resume
        Checkpoints of the training, as in `localgrad.Network.fit`.
    progress : bool, default False
        Whether to show a progress bar.
    dtype : {"float32", "float64"}, optional
        Type of the network and of its predictions. By default float32 if `X` has this type in the first fit,
        otherwise float64.
"""

_ATTRIBUTES = """
    network_ : Network
        The trained network. Its `feature_names` are those of the data frame.
    history_ : History
        Costs and metrics of each epoch of the last fit. Costs do not include penalties.
    coefs_, intercepts_ : list of ndarray
        Weights of shape (fan_in, fan_out) and biases of each layer: writable views of the parameters of
        `network_`. Assigned arrays are copied into it.
    loss_ : float
        Loss of the last epoch, each mini-batch before its update: the mean cost of the examples and the
        penalties of `alpha` and `l2`.
    loss_curve_ : list of float
        Loss of each epoch, including those of earlier fits with ``warm_start=True``.
    best_loss_ : float or None
        Lowest loss; None with `early_stopping`.
    validation_scores_, best_validation_score_ : list of float, float, or None
        Validation score of each epoch, and the best one; None without `early_stopping`.
    n_iter_ : int
        Number of epochs of the last fit.
    t_ : int
        Number of examples trained on, counted once per epoch.
    n_layers_, n_outputs_ : int
        Number of layers, and of outputs of the network.
    out_activation_ : str
        Activation function of the output.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if `X` was a data frame with names.
"""

_SECTIONS = {"parameters": _PARAMETERS, "of_localgrad": _OF_LOCALGRAD, "attributes": _ATTRIBUTES}


def documented(kind: T) -> T:
    """Insert the shared sections into the docstring of a class."""
    for name, text in _SECTIONS.items():
        kind.__doc__ = (kind.__doc__ or "").replace(f"    {{{name}}}\n", text.lstrip("\n"))
    return kind

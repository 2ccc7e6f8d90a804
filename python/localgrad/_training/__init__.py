"""How a network is trained: the bodies of `Network.fit` (`fit`), `partial_fit` and `lr_finder` (`sweep`).

`loop` runs the epochs of a fit; `trainer` computes the mini-batches, which `localgrad._data` brings, at the
learning rates of `rates`; `lbfgs` takes the place of both for `LBFGS`. `listeners` calls the callbacks,
`progress` is shown on `displays`. `checkpoint` and `resumption` write a checkpoint and resume from one;
`stream` is what `partial_fit` keeps from call to call. `first_look` warns, before training, by `scale` and
`gradient_check`.
"""

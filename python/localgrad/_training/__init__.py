"""How a network is trained: the bodies of `Network.fit` (`fit`), `partial_fit` and `lr_finder` (`sweep`).

`fit` checks its arguments (`parse`, whose result is a `recipe`), builds and runs: `run` keeps the history and
calls the callbacks (`callback_list`), a `transaction` undoes a fit that has done nothing. An `algorithm`
trains the epochs: `mini_batches`, by the native `trainer` at the learning rates of `rates`, or `lbfgs`.
`checkpoint` writes and reads files, `resumption` continues from one. `first_look` warns, before training, by
`scale` and `gradient_check`. `partial_state` is what `partial_fit` keeps from call to call.
"""

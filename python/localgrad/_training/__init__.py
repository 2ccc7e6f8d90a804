"""Training: the bodies of `Network.fit` (`fit`), `partial_fit` (`partial_fit`) and `lr_finder` (`sweep`).

`fit` has three steps. `parse` checks the arguments and returns a `recipe`; `fit.build` creates the objects;
`run` trains, keeps the history and calls the callbacks (`callback_list`). A `transaction` undoes a fit that
fails before it has trained anything.

An `algorithm` trains the epochs: `mini_batches`, with the native `trainer` and the learning rates of `rates`,
or, with all examples in each iteration (`full_batch`), `lbfgs` and `levenberg_marquardt`. `checkpoint` writes
and reads checkpoints, and `resumption` resumes from one. `first_look` issues the warnings of `scale` and
`gradient_check` before training. `partial_state` is what `partial_fit` keeps between calls.
"""

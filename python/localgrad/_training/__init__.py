"""The training loop: what `Network.fit` and `Network.partial_fit` are made of.

`loop` runs the epochs of a `training`; `feed`, `feeds` and `block_feed` (with `prefetch`, `reading` and
`shuffle_buffer`) bring the mini-batches, `trainer` computes them at the learning rates of `rates`;
`listeners` are told, and `progress` is shown on `displays`; `validation` splits the data, as `strata` allows;
`checkpoint` and `resumption` put a training aside and take it up again; `stream` is what goes on between
calls of partial_fit.
"""

"""The benchmark: localgrad against other libraries on the same work, each in a process of its own.

Read it in this order.

1. `nets`: the networks, and what a step costs; `workload`: the data of one, and the ways to train it.
2. `contenders`: who takes part. A new one is a class with the signature of `Contender` and an entry in
   `KINDS`.
3. `agreement`: how far two results may be apart.
4. `worker`: a contender in a process of its own, with so many threads; `tasks`: what it does there.
   `contest`: all of them by turns.
5. `choice`: whether `predict` by itself chooses the right number of threads.
6. `report`: tables and records; `plot`: a picture.

The command `localgrad bench` puts it to use.
"""

"""The benchmark: compare localgrad with other libraries on the same work, each in a separate process.

Suggested reading order:

1. `nets`: the networks, and the number of operations of a step. `workload`: the data and the training
   methods.
2. `contenders`: the libraries. To add one, write a class with the methods of `Contender`, and add an entry to
   `KINDS`.
3. `agreement`: how much two results may differ.
4. `worker`: the process of a contender, with a fixed number of threads. `tasks`: the code that runs in it.
   `contest`: the comparison of all contenders.
5. `choice`: a test of the number of threads that `predict` chooses by default.
6. `report`: tables and JSON records. `plot`: a plot of the results.

The command `localgrad bench` runs it.
"""

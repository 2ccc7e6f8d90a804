"""The implementation of the command `localgrad`, with one module per subcommand.

The module of a subcommand contains `SUMMARY`, a sentence for the help, `add_arguments(parser)`, and
`run(arguments)`, which returns the exit status. Optional packages are imported only where they are used.
"""

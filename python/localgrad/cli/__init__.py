"""What stands behind the command `localgrad`: one module a command, and what they share.

A command is a module with a line `SUMMARY` for the help, `add_arguments(parser)` and `run(arguments)`, which
returns the exit status. Optional packages are imported where they are used.
"""

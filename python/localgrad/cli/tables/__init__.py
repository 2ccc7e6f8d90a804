"""What the commands for tables share: reading files, targets, results and predictions.

These modules require the extra `table`; the commands import them after `extra.require`.
"""

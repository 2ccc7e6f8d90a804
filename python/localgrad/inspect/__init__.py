"""Tools that look into data with networks.

`label_issues` finds rows whose label, or target, is probably wrong.
"""

from localgrad.inspect.issues import LabelIssues
from localgrad.inspect.labels import label_issues

__all__ = ["LabelIssues", "label_issues"]

"""References to names of the package by their ends, such as `fit` or `EarlyStopping`."""

from operator import attrgetter
from typing import Any

import localgrad
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode


def find_short_name(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Resolve a reference such as `Network.fit`, `EarlyStopping` or `fit` by the end of the full name."""
    target = node["reftarget"]
    if node.get("refdomain") != "py":
        return None
    in_reference = str(node.get("py:module")).startswith("localgrad.reference")

    def entries(end: str) -> list[tuple[str, Any]]:
        plain = end.islower() and "." not in end  # often a parameter: only functions and methods of Network
        return [
            (name, entry)
            for name, entry in env.domains["py"].objects.items()
            if name.endswith(f".{end}")
            and not entry.aliased
            and (
                not plain
                or entry.objtype == "function"
                or (entry.objtype == "method" and ".Network." in name)
            )
            and (in_reference or not name.startswith("localgrad.reference."))
        ]

    found = entries(target)
    owner, _, attribute = target.rpartition(".")
    if not found and owner:  # an attribute that only the docstring of its class lists
        found = [
            one for one in entries(owner) if attribute in str(attrgetter(one[0][10:])(localgrad).__doc__)
        ]
    if len(found) != 1:
        return None
    name, entry = found[0]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Resolve what Sphinx does not find by its full name."""
    app.connect("missing-reference", find_short_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

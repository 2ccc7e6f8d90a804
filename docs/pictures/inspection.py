"""The table of gradients and derivatives, from docs/inspection.json, which `localgrad bench --json` wrote."""

import json
import statistics
from pathlib import Path
from typing import Any

from pictures.benchmark import markdown_table, micro, multiple

MEASURED = Path(__file__).parents[1] / "inspection.json"

_CORE = "localgrad"
_PEERS = {"torch.func": "torch.func", "jax": "JAX", "opacus": "Opacus"}
_NAMES = {
    "norms": "norms of the gradients of {rows:,} examples",
    "jacobian": "Jacobian of one example",
    "hessian_product": "Hessian-vector product, {rows:,} examples",
    "private": "private SGD, {rows:,} examples in mini-batches of 64",
}


def write_table(folder: Path) -> None:
    """Write the table as Markdown: times of localgrad, and those of other libraries as multiples of them."""
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    heads = ["Quantity", "Net", "localgrad", "relative to", *_PEERS.values()]
    lines = markdown_table(heads, [_row(one) for one in measured["quantities"]])
    (folder / "inspection.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(one: dict[str, Any]) -> list[str]:
    seconds = min(statistics.median(by_count) for by_count in one["seconds"][_CORE].values())
    base = f"{one['over_base']:.2f} × {one['base']}" if one["base"] else ""
    ratios = (multiple(one["ratios"][name]) if name in one["ratios"] else "" for name in _PEERS)
    name = _NAMES[one["quantity"]].format(rows=one["rows"])
    return [name, "-".join(map(str, one["sizes"])), micro(seconds), base, *ratios]

"""In a notebook, networks and results are shown as tables, formulas and pictures."""

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

FIRST = "import localgrad as lg; net = lg.Network([2, 3, 1], activation='tanh', seed=0); "
CELLS = {
    "network": (FIRST + "net", "text/html"),
    "history": ("net.fit([[0.0, 1.0], [1.0, 0.0]], [1.0, 0.0], epochs=3)", "text/html"),
    "trace": ("net.backprop([0.5, 1.0], [1.0])", "text/html"),
    "forward": ("net.forward([0.5, 1.0])", "text/html"),
    "explanation": ("net.explain([0.5, 1.0], [1.0])", "text/html"),
    "graph": ("net.graph()", "image/svg+xml"),
    "graph of an example": ("net.graph([0.5, 1.0], [1.0])", "image/svg+xml"),
    "diagram": ("net.diagram([0.5, 1.0], [1.0]);", "image/png"),
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return what a notebook shows below each cell, by the name of the cell."""
    cells = [nbformat.v4.new_code_cell("%matplotlib inline")]
    cells += [nbformat.v4.new_code_cell(source) for source, _ in CELLS.values()]
    book = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(book, timeout=120, kernel_name="python3")
    client.execute(cwd=str(tmp_path_factory.mktemp("notebook")))
    return dict(zip(CELLS, (cell.outputs for cell in book.cells[1:]), strict=True))


@pytest.mark.filterwarnings("ignore")  # of the packages of notebooks
@pytest.mark.parametrize("name", CELLS)
def test_the_last_expression_of_a_cell_is_shown(shown, name):
    (output,) = shown[name]
    _, kind = CELLS[name]
    assert kind in output["data"]


@pytest.mark.filterwarnings("ignore")
def test_what_is_shown_contains_the_numbers(shown):
    found = {name: outputs[0]["data"] for name, outputs in shown.items()}
    assert "<td" in found["network"]["text/html"]
    assert ">2 → 3</td>" in found["network"]["text/html"]
    assert ">tanh</td>" in found["network"]["text/html"]
    assert "History of 3 epochs" in found["history"]["text/html"]
    assert "<svg" in found["history"]["text/html"]
    assert "∂C/∂w" in found["trace"]["text/html"]
    assert r"\begin{aligned}" in found["explanation"]["text/html"]
    assert found["graph of an example"]["text/vnd.mermaid"].startswith("flowchart LR")


def test_results_are_shown_without_matplotlib(monkeypatch):
    import localgrad as lg

    monkeypatch.setattr("localgrad.history.find_spec", lambda name: None)
    monkeypatch.setattr("localgrad.graph.graph.find_spec", lambda name: None)
    assert "<svg" not in lg.History(cost=[1.0, 0.5])._repr_html_()
    assert set(lg.Network([2, 1]).graph()._repr_mimebundle_()) == {"text/plain", "text/vnd.mermaid"}

"""Log files of epochs: their contents, and how a resumed fit continues them."""

import json
import math
import sys

import numpy as np
import pandas as pd
import pytest
from localgrad.callbacks import CSVLogger, JSONLinesLogger, TensorBoard
from training_stand_in import TrainingStandIn, costs

NUMBERS = [
    {"cost": 0.1 + 0.2, "val_cost": 1e-300, "val_top_k(5)": 1.0},
    {"cost": 2.0, "val_cost": math.nan, "val_top_k(5)": 0.5},
    {"cost": math.inf, "val_cost": 3.0, "val_top_k(5)": 0.0},
]


def test_csv_has_one_row_per_epoch(tmp_path):
    path = tmp_path / "log.csv"
    TrainingStandIn(trained=7).run([CSVLogger(path)], NUMBERS)
    assert path.read_bytes() == (
        b"epoch,cost,val_cost,val_top_k(5)\n8,0.30000000000000004,1e-300,1.0\n9,2.0,,0.5\n10,inf,3.0,0.0\n"
    )
    table = pd.read_csv(path)
    assert list(table["epoch"]) == [8, 9, 10]
    for name, column in pd.DataFrame(NUMBERS).items():
        np.testing.assert_allclose(table[name], column, rtol=1e-15)


def test_json_lines_has_one_object_per_epoch(tmp_path):
    path = tmp_path / "log.jsonl"
    TrainingStandIn(trained=7).run([JSONLinesLogger(path)], NUMBERS)
    lines = path.read_text("utf-8").split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == [
        {"epoch": 8, "cost": 0.1 + 0.2, "val_cost": 1e-300, "val_top_k(5)": 1.0},
        {"epoch": 9, "cost": 2.0, "val_cost": None, "val_top_k(5)": 0.5},
        {"epoch": 10, "cost": None, "val_cost": 3.0, "val_top_k(5)": 0.0},
    ]
    assert list(pd.read_json(path, lines=True)["epoch"]) == [8, 9, 10]


def test_columns_are_those_of_the_first_epoch(tmp_path):
    path = tmp_path / "log.csv"
    numbers = [{"cost": 1.0, "pinball(0.1, 0.9)": 2.0}, {"cost": 3.0, "new": 4.0}]
    TrainingStandIn().run([CSVLogger(path)], numbers)
    assert path.read_text() == 'epoch,cost,"pinball(0.1, 0.9)"\n1,1.0,2.0\n2,3.0,\n'


@pytest.fixture(params=[CSVLogger, JSONLinesLogger])
def logger(request):
    return request.param


def test_a_new_fit_replaces_the_file(logger, tmp_path):
    path = tmp_path / "log"
    one = logger(path)
    TrainingStandIn().run([one], costs(1, 2, 3))
    long = path.read_bytes()
    TrainingStandIn().run([one], costs(1, 2))
    assert long.startswith(path.read_bytes())
    assert path.read_bytes() != long


def test_each_line_is_written_when_its_epoch_ends(logger, tmp_path):
    path = tmp_path / "log"
    one = logger(path)
    training = TrainingStandIn()
    one.on_train_begin(training)
    for epoch in (1, 2):
        training.finish_epoch(cost=1.0)
        one.on_epoch_end(training)
        assert f"{epoch}" in path.read_text().splitlines()[-1]


@pytest.mark.parametrize("epoch", [0, 2, 4])
def test_a_resumed_fit_continues_the_file_from_any_epoch(logger, tmp_path, epoch):
    path = tmp_path / "log"
    numbers = [{"cost": 1 / k, "val_cost": 10.0**k} for k in range(1, 5)]
    TrainingStandIn().run([logger(path)], numbers)
    whole = path.read_bytes()
    TrainingStandIn().run([logger(path)], numbers[:epoch])
    kept = len(path.read_bytes())
    for length in range(kept, len(whole) + 1):
        path.write_bytes(whole[:length])
        training = TrainingStandIn(trained=epoch)
        training.resumed = True
        training.run([logger(path)], numbers[epoch:])
        assert path.read_bytes() == whole


def test_a_resumed_fit_creates_a_missing_file(logger, tmp_path):
    path = tmp_path / "log"
    training = TrainingStandIn(trained=2)
    training.resumed = True
    training.run([logger(path)], costs(1.0))
    assert path.read_text().splitlines()[-1] in ("3,1.0", '{"epoch": 3, "cost": 1.0}')


@pytest.mark.parametrize(
    "text",
    [
        "dear diary,\n",
        '{"epochs": 3}\n',
        "\n",
        "[]\n",
        "null\n",
        '"\n',
        "\xff\n",
        '{"epoch": Infinity}\n',
        '{"epoch": NaN}\n',
        "[" * 100_000 + "\n",
        '"' + "x" * 140_000 + '"\n',
        "x" * 140_000 + ",1\n",
    ],
    ids=range(12),
)
def test_a_file_that_is_not_a_log_raises_and_is_not_changed(logger, tmp_path, text):
    path = tmp_path / "diary"
    path.write_text(text, "latin1")
    training = TrainingStandIn(trained=2)
    training.resumed = True
    with pytest.raises(
        ValueError, match=f"path must be a file written by {logger.__name__} when resuming, got .*diary"
    ):
        logger(path).on_train_begin(training)
    assert path.read_text("latin1") == text


def test_an_unwritable_file_raises_before_training(logger, tmp_path):
    with pytest.raises(FileNotFoundError):
        logger(tmp_path / "nothing" / "log").on_train_begin(TrainingStandIn())
    with pytest.raises(IsADirectoryError):
        logger(tmp_path).on_train_begin(TrainingStandIn())
    with pytest.raises(TypeError, match=r"path must be a str or os\.PathLike, got 3"):
        logger(3)


def test_a_field_too_long_for_csv_raises(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,cost\n1," + "1" * 140_000 + "\n")
    training = TrainingStandIn(trained=2)
    training.resumed = True
    with pytest.raises(ValueError, match=r"path must be a file written by CSVLogger .*log\.csv"):
        CSVLogger(path).on_train_begin(training)


def test_numbers_without_a_column_are_logged_as_a_warning(tmp_path, caplog):
    path = tmp_path / "log.csv"
    TrainingStandIn().run([CSVLogger(path)], costs(1))
    for names, expected in ((("cost", "val_cost", "auc"), ["val_cost, auc"]), (("cost",), [])):
        training = TrainingStandIn(trained=1)
        training.resumed = True
        training.history = {name: [] for name in names}
        caplog.clear()
        CSVLogger(path).on_train_begin(training)
        assert [record.name for record in caplog.records] == ["localgrad"] * len(expected)
        for record, missing in zip(caplog.records, expected, strict=True):
            message = record.getMessage()
            assert f"does not write {missing}: the file has no columns for them" in message
            assert str(path) in message


def test_repr_shows_the_path():
    assert repr(CSVLogger("log.csv")) == "CSVLogger('log.csv')"
    assert repr(JSONLinesLogger("log.jsonl")) == "JSONLinesLogger('log.jsonl')"
    assert repr(TensorBoard("logs")) == "TensorBoard('logs')"


# TensorBoard


def scalars(folder):
    """Return what TensorBoard's own reader finds."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(folder))
    events.Reload()
    return {
        tag: [(event.step, float(make_ndarray(event.tensor_proto))) for event in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
    }


def test_tensorboard_writes_training_and_validation_runs(tmp_path):
    folder = tmp_path / "logs" / "first"
    numbers = [
        {"cost": 0.5, "auc": 1.0, "val_cost": 3.0, "val_auc": 4.0, "learning_rate": 0.125},
        {"cost": 0.25, "auc": 2.0, "val_cost": 5.0, "val_auc": 6.0, "learning_rate": 0.0625},
    ]
    TrainingStandIn(trained=7).run([TensorBoard(folder)], numbers)
    assert sorted(path.name for path in folder.iterdir()) == ["train", "validation"]
    # The same tags in both runs: TensorBoard then draws both curves in one chart.
    assert scalars(folder / "train") == {
        "cost": [(8, 0.5), (9, 0.25)],
        "auc": [(8, 1.0), (9, 2.0)],
        "learning_rate": [(8, 0.125), (9, 0.0625)],
    }
    assert scalars(folder / "validation") == {"cost": [(8, 3.0), (9, 5.0)], "auc": [(8, 4.0), (9, 6.0)]}


def test_tensorboard_without_validation_has_one_run(tmp_path):
    board = TensorBoard(tmp_path)
    for _ in range(2):  # a second fit writes its own files
        TrainingStandIn().run([board], costs(1.0))
    assert [path.name for path in tmp_path.iterdir()] == ["train"]
    assert len(list((tmp_path / "train").iterdir())) == 2


def test_tensorboard_files_can_be_read_during_training(tmp_path):
    board, training = TensorBoard(tmp_path), TrainingStandIn()
    board.on_train_begin(training)
    training.finish_epoch(cost=math.nan)
    board.on_epoch_end(training)
    ((step, value),) = scalars(tmp_path / "train")["cost"]
    board.on_train_end(training)
    board.on_train_end(training)  # a second call has no effect
    assert step == 1
    assert math.isnan(value)


def test_missing_tensorboard_raises_with_the_install_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(ImportError, match=r'pip install "localgrad\[tensorboard\]"'):
        TensorBoard(tmp_path)

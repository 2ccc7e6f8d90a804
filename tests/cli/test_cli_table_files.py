"""Tables are read from text and Parquet, and mistakes in files are reported with their place."""

import argparse
import bz2
import codecs
import gzip
import lzma
import os

import pandas as pd
import pyarrow as pa
import pytest
from localgrad.cli.errors import CommandError
from localgrad.cli.tables.files import open_table

OPTIONS = argparse.Namespace(sep=None, encoding=None, decimal=".")
TEXT = 'name,size\nü,1.50\n"a, b",007\n"two\nlines",\n"","NA"\n'
ROWS = {"name": ["ü", "a, b", "two\nlines", ""], "size": ["1.50", "007", "", "NA"]}


def read(path, content, **options):
    """Write bytes or text to a file and read it as a table."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(str(path), argparse.Namespace(**{**vars(OPTIONS), **options}))


def problem(path, content, **options):
    """Return the error of reading a file, without its name."""
    with pytest.raises(CommandError) as error:
        read(path, content, **options).read()
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (TEXT, {}),
        ("\ufeff" + TEXT, {}),
        ("\n\n" + TEXT.replace("\n", "\r\n").replace("two\r\nlines", "two\nlines"), {}),
        (TEXT.replace("\n", "\n\n").replace("two\n\nlines", "two\nlines"), {}),
        (TEXT.removesuffix("\n"), {}),
        (TEXT.encode("latin-1"), {"encoding": "latin-1"}),
        (TEXT.encode("utf-16"), {"encoding": "UTF-16"}),
        (TEXT.encode("utf-16"), {}),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), {}),
        (("\ufeff" + TEXT).encode(), {"encoding": "utf-8-sig"}),
        (TEXT.replace(",", ";").replace("a; b", "a, b"), {}),
        (TEXT.replace(",", "|").replace("a| b", "a, b"), {}),
        (TEXT.replace(",", "\t").replace("a\t b", "a, b"), {}),
        (TEXT.replace(",", "~").replace("a~ b", "a, b"), {"sep": "~"}),
    ],
)
def test_text_in_many_forms(content, options, tmp_path):
    assert read(tmp_path / "data.csv", content, **options).read().to_pydict() == ROWS


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_compressed_text(ending, tmp_path):
    compress = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
    compress["zst"] = lambda content: pa.compress(content, "zstd", asbytes=True)
    found = read(tmp_path / f"data.csv.{ending}", compress[ending](TEXT.encode()))
    assert found.read().to_pydict() == ROWS
    assert found.place(3) == "line 6"
    damaged = "the file is damaged or not in the format "
    assert problem(tmp_path / f"bad.csv.{ending}", TEXT).startswith(damaged)
    large = "".join(f"{i * i % 7919},{i * i * i % 7927}\n" for i in range(100_000))
    content = compress[ending](f"a,b\n{large}".encode())
    assert len(read(tmp_path / f"large.csv.{ending}", content).read()) == 100_000
    assert problem(tmp_path / f"cut.csv.{ending}", content[: len(content) // 2]).startswith(damaged)


@pytest.mark.parametrize(
    ("ending", "encoding"), [("", "utf-8"), (".gz", "utf-8"), (".xz", "utf-8"), ("", "utf-16")]
)
def test_threads_of_pyarrow_hold_no_python_object(ending, encoding, tmp_path):
    # Such a thread can abort the process when the interpreter ends.
    compress = {".gz": gzip.compress, ".xz": lzma.compress}.get(ending, bytes)
    found = read(tmp_path / f"data.csv{ending}", compress(TEXT.encode(encoding)))
    with found._utf8() as stream:
        assert not isinstance(stream, pa.PythonFile)


def test_decimal_commas(tmp_path):
    content = "a;b\n1,5;x,y\n-,25;1,2,3\n 2,0e-3 ;01,5\n7;\n"
    found = read(tmp_path / "data.csv", content, decimal=",").read()
    assert found.to_pydict() == {"a": ["1.5", "-.25", " 2.0e-3 ", "7"], "b": ["x,y", "1,2,3", "01.5", ""]}
    assert read(tmp_path / "data.csv", content).read()["a"][0].as_py() == "1,5"


def test_tabs_separate_the_columns_of_tsv_files(tmp_path):
    found = read(tmp_path / "data.tsv", "a,b\tc\n1,5\t2\n").read()
    assert found.to_pydict() == {"a,b": ["1,5"], "c": ["2"]}


def test_columns_without_a_name_are_numbered(tmp_path):
    assert read(tmp_path / "data.csv", ",a\n1,2\n").columns == ["Unnamed: 0", "a"]


def test_one_column(tmp_path):
    assert read(tmp_path / "data.csv", 'a\n1\n""\n\n2\n').read().to_pydict() == {"a": ["1", "", "2"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3\n", "line 3: expected 2 fields, got 1"),
        ("a;b;c,d\n1;2;3\n4,5\n", "line 3: expected 3 fields, got 1"),
        ("a,b\n1,2\n\n3,4,5\n", "line 4: expected 2 fields, got 3"),
        ('a,b\n"1\n1",2\n3,4,\n', "line 4: expected 2 fields, got 3"),
        ('a,b\n1,2\n3,"4\n5,6\n', "line 3: the quote of the last column is never closed"),
        ('a,b,c\n1,"2\n3,4\n', "lines 2 to 3 (is a quote not closed?): expected 3 fields, got 2"),
    ],
)
def test_rows_of_other_lengths(content, message, tmp_path):
    assert problem(tmp_path / "data.csv", content) == message
    assert problem(tmp_path / "crlf.csv", content.replace("\n", "\r\n")) == message


def test_rows_of_other_lengths_in_later_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("localgrad.cli.tables.delimited._BLOCK", 32)
    content = "a,b\n" + "1,2\n" * 100 + "3\n"
    assert problem(tmp_path / "data.csv", content) == "line 102: expected 2 fields, got 1"


def test_a_last_value_may_have_lines(tmp_path):
    assert read(tmp_path / "data.csv", 'a,b\n1,"2\n3"\n').read().to_pydict() == {"a": ["1"], "b": ["2\n3"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"a,b\n", "the table has no rows below the header"),
        (b"a,b", "the table has no rows below the header"),
        (b"a,b,a\n1,2,3\n", "line 1: column names must differ, got 'a' twice"),
        (b"a,b\n1,2\n3,\xe9\n", "line 3: expected text in the encoding utf-8, got the byte 0xe9; --encoding"),
        (b"a,\xe9\n1,2\n", "line 1: expected text in the encoding utf-8, got the byte 0xe9; --encoding"),
        (b"PAR1\x00\xff", "line 1: expected text in the encoding utf-8, got the byte 0xff"),
    ],
)
def test_other_mistakes_in_text(content, message, tmp_path):
    assert problem(tmp_path / "data.csv", content).startswith(message)


def test_undecodable_utf_16(tmp_path):
    content = "a,b\n1,2\n".encode("utf-16") + b"\x00\xd8\x00\xd8"
    message = "expected text in the encoding utf-16; --encoding sets another one, such as latin-1"
    assert problem(tmp_path / "data.csv", content, encoding="utf-16") == message


def test_rows_longer_than_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr("localgrad.cli.tables.delimited._BLOCK", 2**20)
    content = f"a,b\n1,2\n3,{'x' * 2**21}\n"
    assert problem(tmp_path / "data.csv", content) == "line 3: expected less than 1 MB in a row"


def test_places_are_lines_and_rows(tmp_path):
    found = read(tmp_path / "data.csv", "\n" + TEXT)
    assert [found.place(i) for i in range(4)] == ["line 3", "line 4", "line 5", "line 7"]
    pd.DataFrame(ROWS).to_parquet(tmp_path / "data.parquet")
    assert open_table(str(tmp_path / "data.parquet"), OPTIONS).place(3) == "row 4"


def test_parquet_keeps_types_and_leaves_out_the_index(tmp_path):
    frame = pd.DataFrame({"a": [1.5, None], "b": pd.to_datetime(["2024-01-01", None])}, index=[3, 5])
    frame.to_parquet(tmp_path / "data.parquet")
    source = open_table(str(tmp_path / "data.parquet"), OPTIONS)
    assert source.columns == ["a", "b"]
    assert [str(kind)[:6] for kind in source.read().schema.types] == ["double", "timest"]


def test_mistakes_in_parquet_files(tmp_path):
    assert problem(tmp_path / "data.parquet", TEXT).startswith("cannot be read as Parquet: ")
    pd.DataFrame({"a": []}).to_parquet(tmp_path / "empty.parquet")
    with pytest.raises(CommandError, match=r"empty.parquet: the table has no rows"):
        open_table(str(tmp_path / "empty.parquet"), OPTIONS).read()
    frame = pd.DataFrame({"a": range(10_000)})
    frame.to_parquet(tmp_path / "cut.parquet")
    content = bytearray((tmp_path / "cut.parquet").read_bytes())
    content[20:60] = bytes(40)
    assert "cannot be read as Parquet" in problem(tmp_path / "cut.parquet", bytes(content))


@pytest.mark.parametrize("name", ["data.xlsx", "data", "data.gz", "data.parquet.gz"])
def test_other_extensions(name, tmp_path):
    assert problem(tmp_path / name, TEXT).startswith("expected a file name ending in .csv, .tsv")


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(CommandError, match="No such file or directory"):
        open_table(str(tmp_path / "none.csv"), OPTIONS)
    with pytest.raises(CommandError, match="/dev/stdin: pass - for the standard input"):
        open_table("/dev/stdin", OPTIONS)
    with pytest.raises(CommandError, match="is a folder, expected a file"):
        open_table(str(tmp_path), OPTIONS)
    assert os.listdir(tmp_path) == []

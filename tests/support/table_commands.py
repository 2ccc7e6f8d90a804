"""A messy table in a CSV file, and the command line run within the process."""

import csv
import random
from datetime import date, timedelta

from localgrad.__main__ import main

HEADER = ["id", "code", "area", "district", "sold", "remark", "country", "price", "level"]


def rows(n, seed=0):
    """Return n rows of text, two of which are targets."""
    draw = random.Random(seed)
    found = []
    for i in range(n):
        area = draw.uniform(20, 150)
        district = draw.choice(["center", "north", "harbor; east", 'the "old" town'])
        price = 3 * area + 100 * (district == "center")
        found.append(
            [
                f"flat {seed}-{i}",
                f"{draw.randrange(30):05}",
                draw.choice(["", "NA"]) if i % 10 == 3 else f"{area:.2f}",
                district,
                "" if i % 17 == 5 else (date(2024, 1, 1) + timedelta(days=draw.randrange(300))).isoformat(),
                "two lines,\nand a comma" if i % 3 else "short",
                "Denmark",
                f"{price:.1f}",
                "high" if price > 300 else "low",
            ]
        )
    return found


def write_csv(path, table, header=HEADER, *, encoding="utf-8-sig", **options):
    """Write a table as CSV, with a byte-order mark by default."""
    with open(path, "w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, **options)
        writer.writerow(header)
        writer.writerows(table)
    return path


def run(capsys, *arguments):
    """Return the exit status, the standard output and the standard error of a command."""
    try:
        status = main(list(map(str, arguments)))
    except SystemExit as stop:  # argparse
        status = stop.code
    return (status, *capsys.readouterr())

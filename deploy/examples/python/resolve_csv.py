"""Resolves the names of a CSV file and keeps its columns.

Usage: resolve_csv.py [--server HOST:PORT] [--column NAME] IN.csv OUT.csv

`hawiya resolve IN.csv -o OUT.csv` does the same and more; this shows how to do it in a program.
"""

import argparse
import csv
import itertools

from hawiya_stream import Hawiya


def main():
    parser = argparse.ArgumentParser(description="Resolves the names of a CSV file.")
    parser.add_argument("--server", default="127.0.0.1:7700")
    parser.add_argument("--column", default="name")
    parser.add_argument("input")
    parser.add_argument("output")
    arguments = parser.parse_args()
    with (
        open(arguments.input, encoding="utf-8-sig", newline="") as source,
        open(arguments.output, "w", encoding="utf-8", newline="") as target,
        Hawiya(arguments.server) as hawiya,
    ):
        resolve(source, target, arguments.column, hawiya)


def resolve(source, target, column, hawiya):
    reader = csv.DictReader(source)
    writer = csv.writer(target, lineterminator="\n")
    added = ["canonical_id", "verdict", "name", "score", "reason", "form"]
    titles = {"name": "canonical_name"}
    writer.writerow([*reader.fieldnames, *(titles.get(field, field) for field in added)])
    # The rows go two ways: their names to the service, and they themselves to the output. What lies
    # between them is what is under way.
    rows, rows_of_names = itertools.tee(reader)
    names = (row[column] or "" for row in rows_of_names)
    for row, (_, answer) in zip(rows, hawiya.resolve(names)):
        cells = (row[field] for field in reader.fieldnames)
        writer.writerow([*cells, *(getattr(answer, field) for field in added)])


if __name__ == "__main__":
    main()

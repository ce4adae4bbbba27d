"""Compares the CSV file of the report `effectiveness` with the sheets of its workbook that LibreOffice saved as CSV files.

Usage: compare_sheets.py FOLDER. Prints the number of rows.
"""

import csv
import glob
import sys

folder = sys.argv[1]


def rows(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


def value(text):
    text = text.replace("٫", ".")
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


own = rows(f"{folder}/effectiveness-2026-10-20.csv")
sheets = {name: rows(name) for name in glob.glob(f"{folder}/*-2026-10-20-*.csv")}
assert len(sheets) == 3, sheets.keys()
table = max(sheets.values(), key=len)[4:]
assert len(table) == len(own) > 10, (len(table), len(own))
for row, expected in zip(table[1:], own[1:]):
    for cell, number in zip(row[1:-1], expected[1:-1]):
        assert abs(value(cell) - float(number)) < 5.1e-7 if number else cell == "", (row, expected)
print(folder, len(table))

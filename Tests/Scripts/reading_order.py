"""Prints the herb of each row of a report's workbook, and the reading orders of its cell and the next: reading_order.py FILE"""

import sys

import openpyxl

sheet = openpyxl.load_workbook(sys.argv[1]).worksheets[1]
for row in sheet.iter_rows(min_row=6):
    print(row[1].value, int(row[1].alignment.readingOrder), int(row[2].alignment.readingOrder))

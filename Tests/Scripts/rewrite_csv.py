"""Rewrites a CSV file in another dialect: rewrite_csv.py FILE DIALECT

DIALECT is `semicolon`, `tab`, `pipe`, `quoted`, `persian` (digits), `marked` (Arabic digits and invisible marks), or `decimal`.
"""

import csv
import re
import sys

path, dialect = sys.argv[1:]
NUMBERS = {
    "patient_id", "diagnosis_id", "recommendation_id", "feedback_id", "rating", "symptom_improvement", "compliance",
    "birth_year", "created_at", "deleted_at",
}


def change(name, value):
    if not value or name not in NUMBERS:
        return value
    if dialect == "persian":
        return re.sub(r"\d", lambda d: "۰۱۲۳۴۵۶۷۸۹"[int(d[0])], value).replace(".", "٫")
    if dialect == "marked":
        return "\u200f" + re.sub(r"\d", lambda d: "٠١٢٣٤٥٦٧٨٩"[int(d[0])], value) + "\u200e\u00a0"
    if dialect == "decimal" and not name.endswith("_at") and "." not in value:
        return value + ".0"
    return value


with open(path, encoding="utf-8", newline="") as file:
    header, *rows = csv.reader(file)
with open(path, "w", encoding="utf-8", newline="") as file:
    csv.writer(
        file, delimiter={"semicolon": ";", "tab": "\t", "pipe": "|"}.get(dialect, ","),
        quoting=csv.QUOTE_ALL if dialect == "quoted" else csv.QUOTE_MINIMAL, lineterminator="\n",
    ).writerows([header] + [[change(*cell) for cell in zip(header, row)] for row in rows])

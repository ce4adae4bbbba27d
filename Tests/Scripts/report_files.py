"""Opens report files with programs that are not ours and compares them with the results and with each other.

Usage: report_files.py REPORTS RESULTS: REPORTS/LANGUAGE/NAME-DAY.EXT, and RESULTS as export_results.sh writes it.
"""

import csv
import json
import re
import subprocess
import sys
import warnings
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl

REPORTS, RESULTS = Path(sys.argv[1]), Path(sys.argv[2])
DIGITS = {"en": "0123456789", "fa": "۰۱۲۳۴۵۶۷۸۹", "ar": "٠١٢٣٤٥٦٧٨٩"}
POINT = {"en": ".", "fa": "٫", "ar": "٫"}
GROUP = {"en": ",", "fa": "٬", "ar": "٬"}
HEADER_ROW = 5
SHARES = {
    "effectiveness", "adjusted", "confidence", "rate", "score", "historical", "similar", "recent_rate", "baseline_rate",
}
COUNTS = {"samples", "successes", "patients", "recent_samples", "baseline_samples", "historical_samples"}
# The reports that show one result table, with what their definition asks for.
TABLES = {
    "effectiveness": ("effectiveness", lambda r: r["level"] == "herb" and r["window"] == "90" and r["samples"] >= 5),
    "worst-performing": (
        "effectiveness", lambda r: r["level"] == "treatment" and r["window"] == "90" and r["samples"] >= 5),
    "trending": (
        "trends", lambda r: r["level"] == "treatment" and r["direction"] in ("improving", "declining")
        and r["recent_samples"] >= 5),
    "treatments-by-mizaj": ("cohorts", lambda r: r["samples"] >= 5),
    "predictions": ("predictions", lambda r: r["level"] == "balanced"),
}
checks = 0
warnings.filterwarnings("ignore", module="openpyxl")  # it keeps no extensions, such as data bars from the right


def check(truth, *what):
    global checks
    checks += 1
    if not truth:
        sys.exit("not so: " + " ".join(str(part) for part in what))


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def close(a, b):
    return abs(float(a) - float(b)) <= 5.1e-7


def unguarded(text):
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@\t\r" else text


def escaped(name):
    return name.replace("\\", "\\\\").replace("|", "\\|")


def read_csv(path):
    data = path.read_bytes()
    data.decode("utf-8")
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file, strict=True)
    check(all(len(row) == len(header) for row in rows), path, "has rows of unequal length")
    check(data.count(b"\r\n") > len(rows), path, "has records that do not end with CRLF")
    return header, rows


def key(report, row):
    """What a row of a result table or of a report is about."""
    if report == "predictions":
        return str(row["recommendation_id"])
    if report == "treatments-by-mizaj":
        return (row["mizaj_type"], row["herb"], row["condition"])
    if "subject" in row:
        return row["subject"]
    return escaped(unguarded(row["herb"])) + "|" + escaped(unguarded(row["condition"]))


def check_csv_against_results(report, path):
    table, wanted = TABLES[report]
    results = {key(report, row): row for row in json.loads((RESULTS / f"{table}.json").read_text()) if wanted(row)}
    header, rows = read_csv(path)
    shown = [dict(zip(header, row)) for row in rows]
    check(len(shown) == len(results) > 0, path, "has", len(shown), "rows of", len(results))
    for row in shown:
        result = results[key(report, row)]
        for column, text in row.items():
            if column not in result or column in ("subject", "herb", "condition"):
                continue
            value = result[column]
            if isinstance(value, bool):
                check(text == str(value).lower(), path, column, row)
            elif isinstance(value, (int, float)):
                check(close(text, value), path, column, text, value)
            else:
                check(text == (value or ""), path, column, text, value)


def sections(header, rows):
    """Rows by section, in order; a report without sections is one."""
    if header[0] != "section":
        return [[row for row in rows]]
    found = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return list(found.values())


def check_xlsx(path, language, csv_path, title):
    book = openpyxl.load_workbook(path)
    header, rows = read_csv(csv_path)
    parts = sections(header, rows)
    sheets = [sheet for sheet in book.worksheets if sheet.tables]
    check(len(sheets) == len(parts), path, "has", len(sheets), "tables for", len(parts), "sections")
    check(book.properties.title == title, path, book.properties.title, title)
    check(book.properties.creator == "Avicenna", path, "has no author")
    check(str(book.properties.created.date()) in path.name, path, "was created on", book.properties.created)
    cover = book.worksheets[0]
    check(cover["A1"].value == title, path, "begins with", cover["A1"].value)
    check(any(cell.hyperlink for cell in cover["A"]), path, "links to no sheet")
    for sheet in book.worksheets:
        check(bool(sheet.sheet_view.rightToLeft) == (language != "en"), path, sheet.title, "runs the wrong way")
        setup = sheet.page_setup
        check(sheet.sheet_properties.pageSetUpPr.fitToPage, path, sheet.title, "is not fitted to pages")
        check(setup.fitToWidth in (None, 1) and setup.fitToHeight == 0, path, sheet.title, "does not fit the width")
    charts = [chart for sheet in book.worksheets for chart in sheet._charts]
    check(charts or "predictions" in path.name or "mizaj" in path.name, path, "has no chart")
    for sheet, part in zip(sheets, parts):
        (table,) = sheet.tables.values()
        first, last = table.ref.split(":")
        check(first == f"A{HEADER_ROW}", path, table.ref)
        shown = int(re.sub(r"\D", "", last)) - HEADER_ROW
        check(table.autoFilter is not None, path, "has no filters")
        check(sheet.freeze_panes == f"A{HEADER_ROW + 1}", path, "is frozen at", sheet.freeze_panes)
        check(sheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}", path, "repeats", sheet.print_title_rows)
        check(sheet.page_setup.orientation == "landscape", path, sheet.title, sheet.page_setup.orientation)
        check(str(sheet.max_row) == re.sub(r"\D", "", last), path, "has rows behind its table")
        font = sheet.cell(HEADER_ROW + 1, 1).font.name
        check(font == ("Calibri" if language == "en" else "Noto Sans Arabic"), path, "has the font", font)
        titles = [cell.value for cell in sheet[HEADER_ROW]]
        check(titles == [column.name for column in table.tableColumns], path, "has a header that is not its table's")
        check(all(8 <= sheet.column_dimensions[cell.column_letter].width <= 70 for cell in sheet[HEADER_ROW]), path,
              "has columns too narrow or wide")
        said = [DIGITS["en"][DIGITS[language].index(c)] if c in DIGITS[language] else c for c in sheet["A3"].value]
        counts = re.findall(r"\d+", "".join(said).replace(GROUP[language], ""))
        check(counts[:2] == [str(shown), str(len(part))], path, sheet["A3"].value)
        cells = list(sheet.iter_rows(min_row=HEADER_ROW + 1, max_row=HEADER_ROW + shown))
        for row, expected in zip(cells, part):
            own = sorted(float(cell.value) for cell in row
                         if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool))
            other = sorted(value for value in map(number, expected) if value is not None)
            numeric_names = len(other) - len(own)  # names of digits alone are texts in a workbook
            check(numeric_names >= 0, path, own, other)
            if numeric_names == 0:
                check(all(close(a, b) for a, b in zip(own, other)), path, own, other)
        formats = {cell.number_format for row in cells for cell in row if isinstance(cell.value, float)}
        check(any("%" in text for text in formats) or "comments" in path.name or not formats, path, formats)
        if language != "en":
            check(all("[$-" in text for text in formats), path, "has Latin digits", formats)
    if path.name.startswith("effectiveness"):
        rules = [rule.type for ranges in sheets[0].conditional_formatting for rule in ranges.rules]
        check("dataBar" in rules, path, "has no data bars")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def formatted(text, column, language):
    """A number as a page shows it; None where rounding is a matter of taste."""
    value = Decimal(text)
    if column in SHARES:
        scaled = value * 1000
        if abs(scaled % 1 - Decimal("0.5")) < Decimal("0.01"):
            return None
        plain = f"{(scaled.to_integral_value() / 10):.1f}"
    else:
        plain = f"{int(value):,}"
    out = "".join(DIGITS[language][int(c)] if c.isdigit() else c for c in plain)
    return out.replace(",", GROUP[language]).replace(".", POINT[language])


def check_pdf(path, language, csv_path, title, shown_rows):
    facts = dict(line.split(":", 1) for line in run("pdfinfo", str(path)).splitlines() if ":" in line)
    pages = int(facts["Pages"])
    check(facts["Title"].strip() == title, path, facts["Title"])
    check("(A4)" in facts["Page size"], path, facts["Page size"])
    check(f"/Lang ({language})".encode() in path.read_bytes(), path, "does not say its language")
    fonts = run("pdffonts", str(path)).splitlines()[2:]
    check(fonts and all(" yes yes " in font for font in fonts), path, "has a font that is not embedded", fonts)
    check(all(re.search("Noto|CairoFont", font) for font in fonts), path, "has a strange font", fonts)
    text = run("pdftotext", "-layout", str(path), "-")
    check(text.count("\f") == pages, path, "has", text.count("\f"), "pages")
    digest = json.loads((RESULTS / "runs.json").read_text())[0]["digest"]
    for page, content in enumerate(text.split("\f")[:-1], 1):
        check(digest in content, path, "page", page, "does not say its digest")
        if language == "en":
            check(f"Page {page} of {pages}" in content, path, "does not count page", page)
    outline = run("pdftohtml", "-xml", "-i", "-stdout", str(path))
    header, rows = read_csv(csv_path)
    check(outline.count("<item ") >= len(sections(header, rows)), path, "has no bookmark for each section")
    report = path.name.rsplit("-20", 1)[0]
    if report not in TABLES:
        return
    plain = re.sub("[\u200e\u200f\u061c\u202a-\u202e]", "", text)
    tokens = Counter(re.findall(rf"[{DIGITS[language]}{GROUP[language]}{POINT[language]}]+", plain))
    for position, column in enumerate(header):
        if column not in SHARES | COUNTS:
            continue
        wanted = Counter(formatted(row[position], column, language) for row in rows[:shown_rows] if row[position])
        wanted.pop(None, None)
        for token, count in wanted.items():
            check(tokens[token] >= count, path, column, token, "stands", tokens[token], "times, not", count)


for language in DIGITS:
    listed = json.loads((RESULTS / f"reports-{language}.json").read_text())
    for name, title in ((report["report"], report["title"]) for report in listed):
        files = {ext: next((REPORTS / language).glob(f"{name}-20*.{ext}")) for ext in ("csv", "xlsx", "pdf")}
        if name in TABLES:
            check_csv_against_results(name, files["csv"])
        check_xlsx(files["xlsx"], language, files["csv"], title)
        book = openpyxl.load_workbook(files["xlsx"], read_only=True)
        check_pdf(files["pdf"], language, files["csv"], title, book.worksheets[-1].max_row - HEADER_ROW)
print(f"{checks} checks")

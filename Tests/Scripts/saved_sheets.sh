#!/usr/bin/env bash
# saved_sheets.sh: save a workbook as CSV with LibreOffice in two languages, and compare it with the CSV report.
set -euo pipefail
source "$(dirname "$0")/common.sh"

for language in en fa; do
    avicenna report effectiveness --language "$language" --formats xlsx,csv --output "$language" > /dev/null
    # Every sheet as a CSV file, with numbers as they are and not as they look.
    soffice "-env:UserInstallation=file://$PWD/profile" --headless \
        --convert-to 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1' \
        --outdir "$language" "$language/effectiveness-2026-10-20.xlsx" > /dev/null 2>&1
    /usr/bin/python3 "$SCRIPTS/compare_sheets.py" "$language"
done

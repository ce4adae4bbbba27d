#!/usr/bin/env bash
# make_workbooks.sh: import the clinic, and make workbooks of its files: as they are, and as typed on an Arabic keyboard.
set -euo pipefail
source "$(dirname "$0")/common.sh"

export HOME="$PWD/home"

# Makes workbooks in folder $1 of the CSV files of folder $2.
make_workbooks() {
    soffice --headless --infilter=CSV:44,34,76,1 --convert-to xlsx --outdir "$1" "$2"/*.csv > /dev/null 2>&1
}

make_workbooks sheets in
# Windows-1256 has neither ی nor half-spaces nor ligatures.
mkdir arabic
for file in in/*.csv; do
    sed $'s/ی/ي/g; s/ﬁ/fi/g; s/ک/ك/g; s/\xe2\x80\x8c/ /g' "$file" > "arabic/$(basename "$file")"
done
make_workbooks arabicSheets arabic

avicenna import in --database plain.db --quiet
for query in records record_keys; do sqlite3 plain.db < "$SCRIPTS/$query.sql" > "$query.txt"; done
wc -l < records.txt

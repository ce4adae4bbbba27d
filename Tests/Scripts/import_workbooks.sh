#!/usr/bin/env bash
# import_workbooks.sh FILTER FOLDER QUERY OPTIONS: save workbooks of FOLDER as CSV, import them, and compare the records.
set -euo pipefail
source "$(dirname "$0")/common.sh"

export HOME="$PWD/home"
rm -rf saved out.db*
soffice --headless --convert-to "$1" --outdir saved "$2"/*.xlsx > /dev/null 2>&1
for name in patients diagnoses recommendations feedback; do
    [ -f "saved/$name.csv" ] || mv "saved/$name-$name.csv" "saved/$name.csv"
done
read -ra options <<< "$4"
avicenna import saved --database out.db --quiet "${options[@]}"
sqlite3 out.db < "$SCRIPTS/$3.sql" > saved.txt
cmp "$3.txt" saved.txt

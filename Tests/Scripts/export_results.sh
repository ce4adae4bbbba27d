#!/usr/bin/env bash
# export_results.sh FOLDER: write results, runs and the lists of reports to FOLDER as JSON, as report_files.py reads them.
set -euo pipefail
source "$(dirname "$0")/common.sh"

mkdir "$1"
for table in effectiveness trends cohorts predictions; do
    avicenna results "$table" --format json > "$1/$table.json"
done
avicenna runs --format json > "$1/runs.json"
for language in en fa ar; do
    avicenna report --list --language "$language" --format json > "$1/reports-$language.json"
done

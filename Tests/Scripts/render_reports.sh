#!/usr/bin/env bash
# render_reports.sh FOLDER: write every report in every language and format to FOLDER/LANGUAGE.
set -euo pipefail
source "$(dirname "$0")/common.sh"

for language in en fa ar; do
    for report in $(avicenna report --list --format csv | tail -n +2 | cut -d, -f1); do
        avicenna report "$report" --language "$language" --formats csv,xlsx,pdf --output "$1/$language" > /dev/null
    done
done

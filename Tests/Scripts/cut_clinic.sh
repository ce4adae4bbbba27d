#!/usr/bin/env bash
# cut_clinic.sh: publish results in clinic.db, cut the import files, and copy the definitions.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna import in --database clinic.db --quiet
avicenna run nightly --only effectiveness,trends,cohorts,scores --as-of 2026-10-20 --quiet --database clinic.db
sqlite3 clinic.db 'PRAGMA journal_mode = DELETE' > /dev/null
for file in in/*.csv; do
    head -n 40 "$file" > t
    mv t "$file"
done
mkdir -p jobs reports
cp "$AVICENNA_JOBS"/*.yaml jobs
cp "$AVICENNA_REPORTS"/*.yaml reports

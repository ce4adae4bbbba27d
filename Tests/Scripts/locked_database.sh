#!/usr/bin/env bash
# locked_database.sh DATABASE: lock data/clinic.db, run commands on DATABASE, and print the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

exec 9> data/clinic.db.lock
flock 9
for command in "run nightly --as-of 2026-10-20" "import in" "prune --keep 9"; do
    read -ra words <<< "$command"
    print_status avicenna "${words[@]}" --database "$1" 9>&-
done
avicenna run nightly --as-of 2026-10-20 --dry-run --database "$1" 9>&- | grep -c lock
ls away data

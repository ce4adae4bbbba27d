#!/usr/bin/env bash
# slow_disk_runs.sh: run a job on a slow disk, killed at various syncs; compare results and print exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

run() { "$BINARY" run nightly --as-of "$1" --only effectiveness,trends,cohorts,scores --database a.db -q; }

"$(command -v clang || command -v cc)" -shared -fPIC -o slow_disk.so "$SCRIPTS/slow_disk.c" -ldl
avicenna import in --database a.db > /dev/null
run 2026-10-19
for last in 1 2 3 4 5 6; do
    status=0
    LD_PRELOAD=./slow_disk.so LAST_SYNC=$last run 2026-10-20 || status=$?
    echo "$status" >> statuses
    print_results a.db > now
    cmp -s now before || cmp -s now after || echo "$last: neither before nor after"
    LD_PRELOAD=./slow_disk.so run 2026-10-20
    print_results a.db | cmp - after || echo "$last: not made up for"
    run 2026-10-19
done
sqlite3 a.db 'PRAGMA integrity_check'
sort -u statuses

#!/usr/bin/env bash
# full_disk_runs.sh: run a job on disks that fill up, compare the results, and count the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

run() { avicenna run nightly --as-of "$1" --database small/a.db --output small/out -q; }

mount_disk small 16m
avicenna import in --database small/a.db --rejects small/r > /dev/null
run 2026-10-19
for free in 0 8 40 100 160 240 400 600 800; do
    # Fills the disk, and frees as many KiB.
    head -c 100000000 /dev/zero > small/filler 2> /dev/null || true
    truncate -s "-${free}k" small/filler
    status=0
    run 2026-10-20 2> errors || status=$?
    echo "$free $status" >> statuses
    rm small/filler
    print_results small/a.db > now
    cmp -s now before || cmp -s now after || echo "$free: neither before nor after"
    find small/out -name '.*'
    run 2026-10-20
    print_results small/a.db | cmp - after || echo "$free: not made up for"
    run 2026-10-19
    print_results small/a.db | cmp - before || echo "$free: not taken back"
done
sqlite3 small/a.db 'PRAGMA integrity_check'
cut -d' ' -f2 statuses | sort | uniq -c | tr -s ' '

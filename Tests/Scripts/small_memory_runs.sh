#!/usr/bin/env bash
# small_memory_runs.sh: run a job with too little memory and with enough, and print the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

run() { avicenna run nightly --as-of "$1" --only effectiveness,trends,cohorts,scores --database a.db -q; }
# Arguments: as many thousands of KiB.
run_within() ( ulimit -v "${1}000" && run 2026-10-20 )

avicenna import in --database a.db > /dev/null
run 2026-10-19
# More feedback than such a process can hold, all of it older than the results.
sqlite3 a.db "WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000)
    INSERT INTO feedback SELECT i, (SELECT min(recommendation_id) FROM recommendations), 4, NULL, NULL, 0, NULL, 1
    FROM n"
for limit in 300 790 800; do print_status run_within "$limit"; done
print_results a.db | cmp - before
sqlite3 a.db 'DELETE FROM feedback WHERE feedback_id >= 1000000'
print_status run 2026-10-20
print_results a.db | cmp - after
sqlite3 a.db 'PRAGMA integrity_check'

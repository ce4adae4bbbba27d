#!/usr/bin/env bash
# killed_backfill.sh: kill a backfill, print what commands say of the results, and backfill again.
set -euo pipefail
source "$(dirname "$0")/common.sh"

is_backfilling() {
    local days
    days=$(print_published_days) && test "$days" != 2026-10-20
}

avicenna import in > /dev/null
avicenna run night --as-of 2026-10-20 -q
print_results avicenna.db > before
"$BINARY" run night --from 2026-09-20 --to 2026-10-19 > /dev/null & process=$!
wait_until is_backfilling
kill -KILL "$process"
wait "$process" || true

{ avicenna runs --format csv > /dev/null; } 2>&1
# Its exit status is that of what it found.
avicenna doctor --format csv > checks || true
grep '^doubtful,results' checks
avicenna run night --from 2026-10-01 --to 2026-10-03 -q 2>&1 | tail -n 1
print_results avicenna.db | cmp - before
print_published_days

#!/usr/bin/env bash
# jumping_clock.sh: run a scheduled job while the clock jumps back and forth, and print its runs.
set -euo pipefail
source "$(dirname "$0")/common.sh"

at() { faketime "$1" "$BINARY" run night --if-due; }

avicenna import in > /dev/null
printf 'schedule: "15 2 * * *"\nstages: [effectiveness, trends, cohorts, scores]\ncatch_up: 3\n' > my-jobs/night.yaml
export TZ=UTC
at '2026-10-19 02:15:03'
at '2026-10-20 02:15:03'
at '2026-10-20 01:00:00'
at '2026-10-20 02:15:01'
at '2099-01-01 05:00:00'
at '2026-10-20 09:00:00'
at '2026-10-21 02:15:05'
at '2026-10-21 02:15:09'
avicenna runs --format csv | cut -d, -f3,4,5 | tail -n +2
print_results avicenna.db | cmp - after && echo same

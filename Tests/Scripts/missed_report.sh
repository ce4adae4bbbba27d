#!/usr/bin/env bash
# missed_report.sh: run a job in three nights; a report cannot be written in the second; print its runs.
set -euo pipefail
source "$(dirname "$0")/common.sh"

printf 'schedule: "15 2 * * *"\ncatch_up: 3\n' >> jobs/night.yaml
export TZ=UTC
avicenna import in > /dev/null
print_status run_at_night 2026-10-19
mkdir -p output/trending-2026-10-19.pdf/x
print_status run_at_night 2026-10-20 2> /dev/null
rm -r output/trending-2026-10-19.pdf
print_status run_at_night 2026-10-21
avicenna runs --format csv | cut -d, -f1,3,5

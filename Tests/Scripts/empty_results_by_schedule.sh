#!/usr/bin/env bash
# empty_results_by_schedule.sh: run a scheduled job on deleted feedback, and print what is published.
set -euo pipefail
source "$(dirname "$0")/common.sh"

echo 'schedule: "15 2 * * *"' >> jobs/night.yaml
export TZ=UTC
avicenna import in > /dev/null
print_status run_at_night 2026-10-20
print_results avicenna.db > before
sqlite3 avicenna.db 'UPDATE feedback SET deleted_at = created_at'
print_status run_at_night 2026-10-21
print_results avicenna.db | cmp - before
print_published_days

#!/usr/bin/env bash
# backfill_without_reports.sh: backfill days with a report that cannot be written; print what is published.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna import in > /dev/null
avicenna run night --as-of 2026-10-20 -q
print_results avicenna.db > before
printf 'stages: [effectiveness, trends, cohorts, scores, reports]\nreports: [effectiveness]\nformats: [csv]\n' \
    > jobs/night.yaml
mkdir -p output/effectiveness-2026-10-02.csv/x
print_status avicenna run night --from 2026-10-01 --to 2026-10-03 -q
print_results avicenna.db | cmp - before
print_published_days

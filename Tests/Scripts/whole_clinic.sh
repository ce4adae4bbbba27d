#!/usr/bin/env bash
# whole_clinic.sh: make whole.db, undisturbed, and files with its results of two days: 'before' and 'after'.
set -euo pipefail
source "$(dirname "$0")/common.sh"

run() { avicenna run nightly --as-of "$1" --only effectiveness,trends,cohorts,scores --database whole.db -q; }

mkdir my-jobs
printf 'stages: [effectiveness, trends, cohorts, scores, reports]\nreports: [effectiveness, predictions]\n' \
    > my-jobs/nightly.yaml
export AVICENNA_JOBS=my-jobs
avicenna import in --database whole.db > /dev/null
run 2026-10-19
print_results whole.db > before
run 2026-10-20
print_results whole.db > after

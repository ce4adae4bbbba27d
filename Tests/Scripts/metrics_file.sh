#!/usr/bin/env bash
# metrics_file.sh: write the metrics of a run, kept as 'first', and of one without a valid job; print run 1.
set -euo pipefail
source "$(dirname "$0")/common.sh"

echo '9999,1,9,,,,,2026-10-01T00:00:00Z,' >> in/feedback.csv
avicenna import in --allow-rejects 1 > /dev/null 2>&1
export AVICENNA_METRICS_FILE=metrics/avicenna.prom
avicenna run nightly --as-of 2026-10-20 -q
cp "$AVICENNA_METRICS_FILE" first
mkdir my-jobs
printf 'stages: [reports]\nreports: [nonesuch]\n' > my-jobs/nightly.yaml
printf 'stages: [effectiveness]\ntimeout: 1s\n' > my-jobs/slow.yaml
status=0
avicenna run nightly --as-of 2026-10-20 --jobs my-jobs || status=$?
test "$status" = 78
stat -c %a "$AVICENNA_METRICS_FILE"
ls -A metrics
avicenna runs 1 --format json

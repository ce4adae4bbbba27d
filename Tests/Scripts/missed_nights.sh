#!/usr/bin/env bash
# missed_nights.sh: run a due job that catches up on missed nights, and print its runs and the expected days.
set -euo pipefail
source "$(dirname "$0")/common.sh"

make_due_job
echo 'catch_up: 3' >> my-jobs/due.yaml
avicenna run due --jobs my-jobs --as-of "$(date -u -d '-9 days' +%F)" > /dev/null
avicenna run due --jobs my-jobs --if-due | grep -c run
avicenna runs --format csv | cut -d, -f3,4 | tail -n +2 | tac
for age in 9 4 3 2 1; do date -u -d "-$age days" +%F; done

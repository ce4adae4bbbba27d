#!/usr/bin/env bash
# simultaneous_due_runs.sh: start a due job ten times at once, and print the exit statuses and the number of runs.
set -euo pipefail
source "$(dirname "$0")/common.sh"

start_due_run() {
    local status=0
    avicenna run due --jobs my-jobs --if-due --wait 60 >> said 2>> notes || status=$?
    echo "$status" >> statuses
}

make_due_job
for _ in $(seq 10); do start_due_run & done
wait
sort -u statuses
grep -c '^due as of' said
avicenna runs --format csv | grep -c ',schedule,'
# Prints other notes than those of waiting.
grep -v '^waiting for another process' notes || true

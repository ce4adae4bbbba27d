#!/usr/bin/env bash
# retried_report.sh: run a job with a report that can be written at the second attempt only; print its runs.
set -euo pipefail
source "$(dirname "$0")/common.sh"

echo 'retry: {attempts: 2, wait: 1s}' >> jobs/night.yaml
avicenna import in > /dev/null
mkdir -p output/trending-2026-10-20.pdf/x
"$BINARY" run night --as-of 2026-10-20 -q 2> notes & process=$!
wait_until grep -qs 'trying again' notes
rm -r output/trending-2026-10-20.pdf
print_status wait "$process"
avicenna runs --format csv | cut -d, -f1,5

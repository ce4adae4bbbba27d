#!/usr/bin/env bash
# never_due.sh: print what commands say of the job 'night', which is never due.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna init > /dev/null
avicenna jobs --format csv | tail -n 1 | sed 's/.*,//'
# Its exit status is that of what it found.
avicenna doctor --format csv > checks || true
tr -d '"' < checks | grep -o '^doubtful,job night,never due'
avicenna crontab | tail -n 1
avicenna crontab --timezone Asia/Tehran > lines
grep -c 'run night' lines || true
print_status timeout 10 "$BINARY" run night --if-due
avicenna run night --if-due --dry-run

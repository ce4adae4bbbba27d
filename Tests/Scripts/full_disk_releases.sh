#!/usr/bin/env bash
# full_disk_releases.sh: release figures to a disk that is too small and then is enlarged; print the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

run() { avicenna run night --as-of "$1" -q; }

mount_disk small 8k
export AVICENNA_RELEASE_LEDGER=small/ledger
print_status run 2026-06-10
cp small/ledger first
print_status run 2026-10-20 2> errors
avicenna releases list --format csv | tail -n +2 | cut -d, -f1,6 > listed
cmp -n "$(stat -c %s first)" first small/ledger
mount -o remount,size=1m small
print_status run 2026-10-20
avicenna releases list --format csv | tail -n +2 | wc -l

#!/usr/bin/env bash
# full_disk_backup.sh: back up over a file on a disk that is too small, print the file, and exit as the backup did.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna import in > /dev/null
mount_disk small 64k
echo older > small/b
status=0
avicenna backup small/b --force || status=$?
ls -A small
cat small/b
exit "$status"

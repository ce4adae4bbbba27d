#!/usr/bin/env bash
# full_disk_import.sh: import on a disk that is too small, print what the database has, and exit as the import did.
set -euo pipefail
source "$(dirname "$0")/common.sh"

mount_disk small 900k
avicenna init --database small/a.db > /dev/null
status=0
avicenna import in --database small/a.db || status=$?
avicenna init --database small/a.db
exit "$status"

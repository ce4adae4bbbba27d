#!/usr/bin/env bash
# full_disk_workbooks.sh: write a workbook to ever larger disks and print the exit statuses, or 1 or 2 for a wrong outcome.
set -euo pipefail
source "$(dirname "$0")/common.sh"

is_whole() {
    /usr/bin/python3 -c "import openpyxl; assert openpyxl.load_workbook('$1').worksheets[-1].max_row > 100"
}

mkdir small
trap 'if mountpoint -q small; then umount small; fi' EXIT
for size in 20 40 60 80 100 120 140 160 180 200 220 240 260 280 300 340 380 420 500 600 800 1200; do
    mount -t tmpfs -o "size=${size}k" tmpfs small
    status=0
    avicenna report predictions --formats xlsx --output small 2> errors > /dev/null || status=$?
    if [ "$status" = 0 ]; then
        is_whole small/predictions-2026-10-20.xlsx || status=1
    elif [ -n "$(ls -A small)" ] || [ "$(wc -l < errors)" != 1 ]; then
        status=2
    fi
    umount small
    echo "$status"
done

#!/usr/bin/env bash
# full_disk_report.sh FORMAT: write a report over a file on a disk that is too small, print the file, and exit as the report did.
set -euo pipefail
source "$(dirname "$0")/common.sh"

mount_disk small 24k
echo older > "small/predictions-2026-10-20.$1"
status=0
avicenna report predictions --formats "$1" --output small || status=$?
ls -A small
cat small/*
exit "$status"

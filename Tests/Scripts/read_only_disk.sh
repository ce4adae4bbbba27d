#!/usr/bin/env bash
# read_only_disk.sh: run commands on a database on a read-only disk, and print the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

on_disk() { avicenna "$@" --database disk/a.db > /dev/null; }

mount_disk disk 32m
cp avicenna.db disk/a.db
mount -o remount,ro disk
print_status on_disk results effectiveness
print_status on_disk verify 1
print_status on_disk backup out/kept
print_status avicenna run nightly --as-of 2026-10-20 --database disk/a.db

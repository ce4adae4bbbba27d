#!/usr/bin/env bash
# read_only_folder_runs.sh: run a job as nobody in folders that may only be read, and print the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

run() { avicenna_as_nobody run nightly --as-of 2026-10-20 --database home/a.db --output home/out -q; }

chmod 755 .
chmod -R a+rX my-jobs
mkdir home
avicenna import in --database home/a.db > /dev/null
chown -R 65534 home

# The folder of the database.
chmod 555 home
chmod 444 home/*
print_status run

# The folder of reports.
chmod 755 home
chmod 600 home/*
mkdir home/out
chmod 555 home/out
chown -R 65534 home
print_status run

chmod 755 home/out
print_status run
print_results home/a.db | cmp - after
find home/out -type f | wc -l

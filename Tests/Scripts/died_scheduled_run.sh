#!/usr/bin/env bash
# died_scheduled_run.sh: run a due job whose last run died, twice, and print its runs.
set -euo pipefail
source "$(dirname "$0")/common.sh"

make_due_job
sqlite3 avicenna.db "INSERT INTO runs
    (job, as_of, trigger, started_at, status, software_version, model_version, settings) VALUES
    ('due', 20000, 'schedule', $(date +%s)000000, 'running', '', '', 'timezone=UTC success_rating=4')"
avicenna run due --jobs my-jobs --if-due | sed -n 1p
avicenna run due --jobs my-jobs --if-due
avicenna runs --format csv | cut -d, -f2,4,5

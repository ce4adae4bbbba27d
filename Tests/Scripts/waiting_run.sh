#!/usr/bin/env bash
# waiting_run.sh: run a job that waits until the database is unlocked; its notes go to the file 'note'.
set -euo pipefail
source "$(dirname "$0")/common.sh"

exec 9> avicenna.db.lock
flock 9
"$BINARY" run nightly --as-of 2026-10-20 --wait 60 2> note 9>&- & run=$!
wait_until grep -qs waiting note
exec 9>&-
wait "$run"

#!/usr/bin/env bash
# interrupted_waits.sh: interrupt runs that wait for a lock and for another attempt, and print how they end.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna import in > /dev/null
mkdir my-jobs
printf 'stages: [effectiveness]\nretry: {attempts: 2, wait: 100s}\n' > my-jobs/twice.yaml

exec 9> avicenna.db.lock
flock 9
"$BINARY" run twice --jobs my-jobs --wait 100 2> notes 9>&- & process=$!
wait_until grep -qs waiting notes
kill -TERM "$process"
print_status wait "$process"
tail -n 1 notes
exec 9>&-

# The first attempt fails, because no file may grow.
(
    ulimit -f 100
    exec "$BINARY" run twice --jobs my-jobs 2> notes
) & process=$!
wait_until grep -qs 'trying again' notes
kill -INT "$process"
print_status wait "$process"
tail -n 1 notes

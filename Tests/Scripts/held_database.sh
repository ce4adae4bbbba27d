#!/usr/bin/env bash
# held_database.sh: run jobs on a database that another program holds until the second job tries again.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna import in > /dev/null
echo 'stages: [effectiveness, trends, cohorts, scores]' > my-jobs/once.yaml
printf 'stages: [effectiveness, trends, cohorts, scores]\nretry: {attempts: 2, wait: 1s}\n' > my-jobs/twice.yaml

# The holder says itself that it holds the database: a look from outside would hold it for a moment as well.
mkfifo sql
sqlite3 -cmd '.timeout 60000' avicenna.db < sql > said & holder=$!
exec 8> sql
echo "BEGIN IMMEDIATE; SELECT 'held';" >&8
wait_until grep -qs held said
cat said

print_status avicenna run once --as-of 2026-10-20

"$BINARY" run twice --as-of 2026-10-20 -q 2> notes & process=$!
wait_until grep -qs 'trying again' notes
echo 'ROLLBACK;' >&8
print_status wait "$process"
exec 8>&-
wait "$holder"
print_results avicenna.db | cmp - after && echo same

#!/usr/bin/env bash
# read_beside_writer.sh SQL: read as nobody while a process that executed SQL has the database open.
set -euo pipefail
source "$(dirname "$0")/common.sh"

chmod 644 avicenna.db
/usr/bin/python3 "$SCRIPTS/hold_open.py" avicenna.db "$1" & holder=$!
wait_until test -e ready
status=0
avicenna_as_nobody audit verify > result || status=$?
echo "$status"
avicenna_as_nobody runs --format csv > listed
grep -c renamed listed || true
kill "$holder"
wait "$holder"
# Prints files of the database that its last user left.
find . -name 'avicenna.db-*'

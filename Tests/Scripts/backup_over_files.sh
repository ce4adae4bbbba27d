#!/usr/bin/env bash
# backup_over_files.sh: back up over other files without and with --force, and print the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

# A folder has no content.
digest() { { cat "$1" 2> /dev/null || true; } | sha256sum; }
quiet_backup() { avicenna backup "$@" > /dev/null; }

echo letter > letter
sqlite3 foreign.db 'CREATE TABLE t (x)'
avicenna import in --database clinic.db > /dev/null
for file in letter foreign.db clinic.db in; do
    before=$(digest "$file")
    status=0
    avicenna backup "$file" || status=$?
    echo "$file $status"
    test "$before" = "$(digest "$file")" || echo changed
done
for file in letter foreign.db clinic.db; do print_status quiet_backup "$file" --force; done

# The file is a backup now, also through a link.
print_status quiet_backup letter
ln -s letter to-letter
print_status quiet_backup to-letter

print_status avicenna backup in --force
# Prints files that were left unfinished.
find . -maxdepth 1 -name '*part*'

#!/usr/bin/env bash
# hard_links.sh: run commands on a database with two names and with one, and print the exit statuses.
set -euo pipefail
source "$(dirname "$0")/common.sh"

quiet_backup() { avicenna backup "$@" > /dev/null; }
silent_run() { avicenna run nightly --as-of 2026-10-20 -q --database "$1" 2> /dev/null; }

ln data/clinic.db second.db
print_status quiet_backup kept --database away/link.db
for database in data/clinic.db second.db away/link.db; do
    print_status avicenna runs --database "$database"
    print_status silent_run "$database"
done
rm second.db
print_status quiet_backup kept --database data/clinic.db
ln data/clinic.db second.db
print_status avicenna restore kept --force --database second.db
rm second.db
avicenna runs --database data/clinic.db --format csv | wc -l

#!/usr/bin/env bash
# large_pages.sh: print the malloc tunables of runs on a small and on a large database.
set -euo pipefail
source "$(dirname "$0")/common.sh"

# Prints those of a run that waits: by then it has started itself anew. Arguments: variables of its environment.
print_tunables() (
    rm -f notes
    exec 9> avicenna.db.lock
    flock 9
    env -u GLIBC_TUNABLES "$@" "$BINARY" run nightly --as-of 2026-10-20 --wait 100 2> notes 9>&- & run=$!
    wait_until grep -qs waiting notes
    grep -ao 'glibc.malloc.hugetlb=.' "/proc/$run/environ" || echo none
    cat "/proc/$run/comm"
    kill "$run"
    print_status wait "$run"
)

avicenna import in > /dev/null
print_tunables
sqlite3 avicenna.db 'CREATE TABLE filler (bytes); INSERT INTO filler VALUES (zeroblob(70000000))'
print_tunables
print_tunables GLIBC_TUNABLES=glibc.malloc.check=0
print_tunables GLIBC_TUNABLES=glibc.malloc.hugetlb=0
print_status avicenna run nightly --as-of 2026-10-20 --only effectiveness

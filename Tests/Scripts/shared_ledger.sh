#!/usr/bin/env bash
# shared_ledger.sh: release figures of four databases to one ledger at once; count its months and digests.
set -euo pipefail
source "$(dirname "$0")/common.sh"

export AVICENNA_RELEASE_LEDGER=shared
for n in 1 2 3 4; do avicenna import in --database "$n.db" > /dev/null; done
for n in 1 2 3 4; do avicenna run night --as-of 2026-09-20 -q --database "$n.db" & done
wait
for n in 1 2 3 4; do avicenna run night --as-of 2026-09-20 -q --database "$n.db" || echo "$n"; done
grep -c '^month' shared
for n in 1 2 3 4; do sqlite3 "$n.db" 'SELECT month, digest FROM releases'; done | sort -u | wc -l

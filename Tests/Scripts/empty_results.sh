#!/usr/bin/env bash
# empty_results.sh: run a job on deleted feedback without and with --force, and print what is published.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna import in > /dev/null
avicenna run night --as-of 2026-10-20 -q
print_results avicenna.db > before
sqlite3 avicenna.db "UPDATE feedback SET deleted_at = created_at"
print_status avicenna run night --as-of 2026-10-20
print_results avicenna.db | cmp - before
print_published_days
avicenna runs --format csv | cut -d, -f1,5
print_status avicenna run night --as-of 2026-10-20 --force -q
avicenna results effectiveness --format csv | wc -l

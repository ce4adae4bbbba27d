#!/usr/bin/env bash
# mirrored_imports.sh: mirror files that changed and lack records, then add a record with SQL; print what the audit says.
set -euo pipefail
source "$(dirname "$0")/common.sh"

sed -i '2s/,[1-5],/,1,/;3s/,[1-5],/,1,/;4,40d' in/feedback.csv
sed -i '$d' in/patients.csv
quiet_import() { avicenna import in --mirror > /dev/null; }
print_status quiet_import
avicenna audit verify
sqlite3 avicenna.db 'SELECT count(*) FROM feedback'

sed -i '5,6d' in/feedback.csv
quiet_import
print_status avicenna audit verify

sqlite3 avicenna.db "INSERT INTO feedback
    SELECT max(feedback_id) + 1, recommendation_id, 4, NULL, NULL, created_at, NULL, 1 FROM feedback"
print_status avicenna audit verify

#!/usr/bin/env bash
# feedback_trigger.sh: trigger runs by no new feedback, by too little and by enough; print the last run.
set -euo pipefail
source "$(dirname "$0")/common.sh"

avicenna import in > /dev/null
avicenna run nightly --only effectiveness,trends,cohorts,scores -q
avicenna run --trigger feedback
avicenna run --trigger feedback --dry-run
for id in 9001 9002 9003 9004 9005; do
    echo "$id,1,5,,,,,$(date -u -d '-1 hour' +%FT%TZ),"
done >> in/feedback.csv
avicenna import in > /dev/null
AVICENNA_FEEDBACK_TRIGGER=6 avicenna run --trigger feedback
avicenna run --trigger feedback -v | grep -vE '^(seconds|digest)'
avicenna run --trigger feedback
avicenna runs --format csv --limit 1 | tail -n 1 | cut -d, -f2,4,5

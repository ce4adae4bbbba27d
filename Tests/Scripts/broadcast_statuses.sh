#!/usr/bin/env bash
# broadcast_statuses.sh PORT PATIENT_TOKEN SERVICE_TOKEN: broadcast to a relay and print the statuses of the answers.
set -euo pipefail
source "$(dirname "$0")/common.sh"

url=http://127.0.0.1:$1/ws/broadcast-effectiveness-update
ask() { curl -s -m 60 -o /dev/null -w '%{http_code} ' -X POST -H 'Content-Type: application/json' "$@" "$url"; }

body='{"diagnosis_id":1,"data":{}}'
ask -d "$body"
ask -H "Authorization: Bearer $2" -d "$body"
for body in "$body" '{"diagnosis_id":99999999,"data":{}}' '{"diagnosis_id":"1","data":{}}' '{"diagnosis_id":1,"data":[]}' \
    '[]' 'x' '{"diagnosis_id":1,"data":{},"data":{}}' $'{"diagnosis_id":1,"data":{"x":"\xff"}}' \
    '{"diagnosis_id":1,"data":{"x":01}}' "{\"diagnosis_id\":1,\"data\":{\"x\":\"$(head -c 70000 /dev/zero | tr '\0' x)\"}}"; do
    ask -H "Authorization: Bearer $3" -d "$body"
done

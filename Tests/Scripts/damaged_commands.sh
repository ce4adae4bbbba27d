#!/usr/bin/env bash
# damaged_commands.sh FIRST_SEED LAST_SEED STAGES: damage databases, and print which commands do not end with one line.
set -euo pipefail
source "$(dirname "$0")/common.sh"

for seed in $(seq "$1" "$2"); do
    rm -f damaged.db*
    cp avicenna.db damaged.db
    damage=$(/usr/bin/python3 "$SCRIPTS/damage.py" damaged.db "$seed")
    for command in "results effectiveness" "results predictions" "verify 2" "runs" "audit verify" \
        "report clinic-monthly --formats csv" "run nightly -q --only $3"; do
        read -ra words <<< "$command"
        status=0
        avicenna "${words[@]}" --database damaged.db > /dev/null 2> errors || status=$?
        # A run that fails also says which results are still published.
        lines=$(grep -vc '^the published results are' errors || true)
        case "$status $lines" in
            "0 0" | "65 1" | "66 1" | "69 1" | "70 1" | "78 1") ;;
            *)
                echo "$seed $damage: $command ends with $status"
                cat errors
                ;;
        esac
    done
done

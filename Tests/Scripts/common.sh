# Functions for the shell scripts of the tests, which source this file. BINARY is the path of avicenna.
# shellcheck shell=bash

# Runs avicenna. A process that is to receive signals is started as "$BINARY" instead, so that $! is its own number.
avicenna() { "$BINARY" "$@"; }

# Runs avicenna as the user nobody.
avicenna_as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$BINARY" "$@"; }

# Runs a command that may fail, then prints its exit status.
print_status() {
    local status=0
    "$@" || status=$?
    echo "$status"
}

# Waits until a command succeeds. Exits with status 99 if it still fails after a minute.
wait_until() {
    local deadline=$((SECONDS + 60))
    until "$@"; do
        if ((SECONDS >= deadline)); then
            echo "timed out after 60 s, waiting until: $*" >&2
            exit 99
        fi
        sleep 0.02
    done
}

# Succeeds if another process holds the lock of a database.
is_locked() { ! flock -n "$1.lock" true; }

# Mounts an empty disk of a size, such as 64k, at a new folder until the script ends. Exits with status 99 if it cannot.
mount_disk() {
    mkdir "$1"
    mount -t tmpfs -o "size=$2" tmpfs "$1" || exit 99
    # shellcheck disable=SC2064  # the name of now
    trap "umount '$1'" EXIT
}

# Prints all tables of published results of a database as CSV.
print_results() {
    local table
    for table in effectiveness trends cohorts predictions; do
        avicenna results "$table" --format csv --database "$1" || return
    done
}

# Prints the days of the published results of avicenna.db.
print_published_days() {
    sqlite3 -readonly avicenna.db "SELECT DISTINCT date(as_of * 86400, 'unixepoch') FROM publications"
}

# Writes my-jobs/due.yaml, a job that was due two minutes ago and is due again in 58 minutes, and imports the clinic.
make_due_job() {
    mkdir -p my-jobs
    printf 'schedule: "%s * * * *"\nstages: [effectiveness]\n' "$(date -u -d '-2 minutes' +%-M)" > my-jobs/due.yaml
    avicenna import in > /dev/null
}

# Runs the job night, if it is due, at 02:15:03 of a day.
run_at_night() { faketime "$1 02:15:03" "$BINARY" run night --if-due -q; }

#!/bin/sh
# The entry point of a replica: copies the primary's data when its volume is new, and starts as a
# standby that follows it. One that was away for too long is told so in its log; it is made anew by
# removing its volume.
set -eu
secrets="${SECRETS:-/run/secrets}"
primary="${PRIMARY:-db}"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    PGPASSWORD="$(cat "$secrets/replication_password")"
    export PGPASSWORD
    # A copy that was broken off is of no use.
    rm -rf "$PGDATA.new"
    pg_basebackup --host="$primary" --port="${PRIMARY_PORT:-5432}" --username=replication \
        --pgdata="$PGDATA.new" --checkpoint=fast --wal-method=stream --write-recovery-conf
    rm -rf "$PGDATA"
    mv "$PGDATA.new" "$PGDATA"
    unset PGPASSWORD
fi
exec docker-entrypoint.sh "$@"

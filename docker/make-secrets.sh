#!/bin/sh
# Makes what docker-compose.yml needs and nobody may know: passwords in secrets/, one a file, and
# .env, where the settings go. What is there already is left as it is, so it is safe to repeat.
#
# The folder lets only its owner in. The files in it can be read by all, because each container gets
# its files as they are, and reads them as a user of its own.
set -eu
cd "$(dirname "$0")/.."
umask 077

random() {
    # 48 letters and figures: 285 bits, and nothing to quote in a URL or in SQL.
    LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 48
}

keep() { # keep NAME TEXT: the file of that name, unless it is there
    if [ -s "secrets/$1" ]; then
        return
    fi
    printf '%s\n' "$2" >"secrets/$1.new"
    chmod 444 "secrets/$1.new"
    mv -f "secrets/$1.new" "secrets/$1"
    echo "secrets/$1 is made."
}

mkdir -p secrets
chmod 700 secrets
keep secret_key "$(random)"
keep postgres_password "$(random)"
keep database_password "$(random)"
keep replication_password "$(random)"

# The same password, in the forms in which it is asked for.
password="$(cat secrets/database_password)"
keep database_url "postgres://budget:$password@db:5432/budget"
keep pooled_database_url "postgres://budget:$password@pgbouncer:6432/budget"
keep replica_url "postgres://budget:$password@replica:5432/budget"
keep pgbouncer_users "\"budget\" \"$password\""

if [ ! -e .env ]; then
    cp docker/env.example .env
    echo ".env is made: write into it the names that the site answers to, as ALLOWED_HOSTS."
elif ! grep -q '^SECRETS=' .env; then
    printf '\n# Where docker/make-secrets.sh has put the passwords.\nSECRETS=./secrets\n' >>.env
    echo ".env knows where they are."
fi

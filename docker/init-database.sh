#!/bin/sh
# Run by PostgreSQL's image when its volume is new. Makes the site's role, which the policies that
# keep households apart hold for, and the database that it owns; and a role that replicas come with.
set -eu
secrets="${SECRETS:-/run/secrets}"

secret() {
    cat "$secrets/$1"
}

psql --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres --quiet \
    --set ON_ERROR_STOP=1 --set password="$(secret database_password)" \
    --set replication_password="$(secret replication_password)" <<'SQL'
CREATE ROLE budget LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB PASSWORD :'password';
CREATE DATABASE budget OWNER budget TEMPLATE template0
    ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';
REVOKE CONNECT, TEMPORARY ON DATABASE budget FROM PUBLIC;
CREATE ROLE replication LOGIN REPLICATION NOSUPERUSER PASSWORD :'replication_password';
SQL

# "all" databases does not mean replication.
echo "host replication replication samenet scram-sha-256" >>"$PGDATA/pg_hba.conf"

-- The application's role and its database, made by RDS's master, which is no superuser itself.
-- Run by prepare.sh, which adds the password; may be run again at any time.
\set ON_ERROR_STOP on
\set QUIET on

SELECT 'CREATE ROLE budget' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'budget') \gexec

-- It may make databases, because a backup is tried in one of its own (backup --check).
ALTER ROLE budget LOGIN CREATEDB;

-- Whoever gives a database away must be able to become its new owner.
GRANT budget TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
SELECT 'CREATE DATABASE budget' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'budget') \gexec
SELECT 'ALTER DATABASE budget OWNER TO budget'
    FROM pg_database WHERE datname = 'budget' AND pg_get_userbyid(datdba) <> 'budget' \gexec

-- Row-level policies hold for no superuser and for nobody with BYPASSRLS: then nothing may run.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_roles AS role
        WHERE (role.rolsuper OR role.rolbypassrls OR role.rolname IN ('rds_superuser', 'rdsadmin'))
        AND pg_has_role('budget', role.oid, 'MEMBER')
    ) THEN
        RAISE EXCEPTION 'The role "budget" is exempt from row-level security, or may become a role that is.';
    END IF;
END
$$;

\echo The role budget is ready.
-- The last line asks for the password, twice: psql sends its hash, so that no log has more.
\password budget

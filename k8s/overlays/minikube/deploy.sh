#!/bin/sh
# Brings Budgeomètre up in minikube, or up to date. May be run again at any time.
set -eu

usage() {
    cat <<'END'
usage: deploy.sh [--profile NAME] [--no-seed] [--help]

Starts minikube with the docker driver where it does not run, builds the image inside it, and
deploys the site step by step. Run it again after a change: the data stay.

  --profile NAME  the minikube cluster to use (minikube)
  --no-seed       no demonstration household
  --help          this text

cleanup.sh takes it all away again.
END
}

profile=minikube
seed=yes
while [ $# -gt 0 ]; do
    case $1 in
        --profile)
            [ $# -gt 1 ] || { echo "--profile needs a name." >&2; exit 2; }
            profile=$2
            shift
            ;;
        --profile=*) profile=${1#*=} ;;
        --no-seed) seed=no ;;
        --help | -h) usage; exit 0 ;;
        *) echo "Unknown option: $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
namespace=budgeometre
component=app.kubernetes.io/component

say() { printf '\n== %s\n' "$*"; }
cluster() { minikube --profile "$profile" "$@"; }
kube() { kubectl --context "$profile" --namespace "$namespace" "$@"; }
secret() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

# What went wrong, as far as the cluster knows: explain SELECTOR SENTENCE
explain() {
    {
        printf '\n%s\n\n-- pods\n' "$2"
        kube get pods --selector "$1" --output wide || true
        printf '\n-- what happened last\n'
        kube get events --sort-by .lastTimestamp | tail -n 15 || true
        printf '\n-- their last words\n'
        kube logs --selector "$1" --all-containers --prefix --tail 30 || true
        printf '\nMend it and run this again, or look closer:\n'
        printf '  kubectl --context %s --namespace %s describe pods --selector %s\n' \
            "$profile" "$namespace" "$1"
    } >&2
    exit 1
}

apply() { kube apply --filename "$manifests" --selector "$1"; }

# wait_for_rollout KIND/NAME COMPONENT
wait_for_rollout() {
    kube rollout status "$1" --timeout 300s || explain "$component=$2" "$1 is not ready."
}

# wait_for_job NAME SECONDS: also ends at once when the job has failed
wait_for_job() {
    waited=0
    while :; do
        state=$(kube get job "$1" \
            --output 'jsonpath={.status.conditions[?(@.status=="True")].type}')
        case $state in
            *Complete*) return ;;
            *Failed*) explain "job-name=$1" "The job $1 failed." ;;
        esac
        [ "$waited" -lt "$2" ] || explain "job-name=$1" "The job $1 was not done in $2 seconds."
        sleep 2
        waited=$((waited + 2))
    done
}

for program in minikube kubectl docker; do
    command -v "$program" >/dev/null || {
        echo "$program is missing. https://minikube.sigs.k8s.io/docs/start tells how to get it." >&2
        exit 1
    }
done

say "minikube"
if [ "$(cluster status --format '{{.Host}}/{{.APIServer}}' 2>/dev/null)" = Running/Running ]; then
    echo "It runs already."
else
    cluster start --driver docker --container-runtime docker --cpus 2 --memory 4096
fi
cluster addons enable ingress
cluster addons enable metrics-server
# Until the controller answers, it refuses every ingress that is applied.
kubectl --context "$profile" --namespace ingress-nginx rollout status \
    deployment/ingress-nginx-controller --timeout 300s || {
    kubectl --context "$profile" --namespace ingress-nginx get pods >&2
    echo "The ingress controller is not ready." >&2
    exit 1
}

say "image"
# By the Docker inside of it, so that nothing is to be pushed or loaded.
inside=$(cluster docker-env --shell bash)
(
    eval "$inside"
    docker build --tag budgeometre:minikube "$root"
)

manifests=$(mktemp)
trap 'rm -f "$manifests"' EXIT
trap 'exit 130' INT TERM
address=$(cluster ip)
kubectl kustomize "$here" | sed "s/minikube-address/$address/" >"$manifests"
[ -s "$manifests" ] || { echo "kubectl kustomize gave nothing." >&2; exit 1; }

say "namespace, settings and secrets"
apply "!$component"
# A database keeps the password that it was made with: what exists stays as it is.
if ! kube get secret database >/dev/null 2>&1; then
    password=$(secret)
    # On the server's side: else the values are noted in an annotation as well.
    kube apply --server-side --filename - <<END
apiVersion: v1
kind: Secret
metadata: {name: budgeometre}
stringData:
  SECRET_KEY: $(secret)
  DATABASE_URL: postgres://budget:$password@database:5432/budget
---
apiVersion: v1
kind: Secret
metadata: {name: database}
stringData:
  postgres_password: $(secret)
  database_password: $password
  replication_password: $(secret)
END
fi

say "database"
apply "$component=database"
wait_for_rollout statefulset/database database

say "migrations"
kube delete job migrate --ignore-not-found
apply "$component=migrate"
wait_for_job migrate 600

say "site"
# The tag stays the same from build to build, so that pods of before must be told.
known=$(kube get deployment web --ignore-not-found --output name)
apply "$component in (web, scheduled)"
[ -z "$known" ] || kube rollout restart deployment/web
wait_for_rollout deployment/web web

if [ "$seed" = yes ]; then
    say "demonstration household"
    kube delete job seed --ignore-not-found
    apply "$component=seed"
    wait_for_job seed 900
fi

say "ready"
cat <<END
Three ways in:

  1. kubectl --context $profile --namespace $namespace port-forward service/web 8080:80
     then http://localhost:8080

  2. http://budgeometre.local, once /etc/hosts has this line:
       $address budgeometre.local
     On macOS and Windows: 127.0.0.1 instead, and leave this running:
       minikube --profile $profile tunnel

  3. minikube --profile $profile service web --namespace $namespace
END
[ "$seed" = no ] || printf '\nSign in as demo@example.org with demo-budgeometre.\n'
cat <<END

The administrator of /admin/:
  kubectl --context $profile --namespace $namespace exec --stdin --tty deployment/web -- \\
      python manage.py createsuperuser
END

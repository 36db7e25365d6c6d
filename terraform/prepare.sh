#!/bin/sh
# Between `terraform apply` and `kubectl apply -k k8s/overlays/aws`: makes the application's role in
# PostgreSQL, takes its secrets from Secrets Manager into the cluster, and installs the load balancer
# controller. May be run again at any time, and must be after a secret has changed.
set -eu

cd "$(dirname "$0")"

namespace=budgeometre
# Raise it as https://github.com/kubernetes-sigs/aws-load-balancer-controller/releases says.
controller=1.14.0

for program in terraform aws kubectl helm jq curl; do
    command -v "$program" >/dev/null || { echo "$program is missing: install it first." >&2; exit 1; }
done

outputs=$(terraform output -json)
output() {
    printf '%s' "$outputs" | jq -er "$1" || { echo "There is no output $1: run terraform apply first." >&2; exit 1; }
}

region=$(output .region.value)
cluster=$(output .cluster_name.value)
vpc=$(output .vpc_id.value)
host=$(output .database_host.value)

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# The value of a secret, or of one that nobody has put there yet what the second argument says.
secret() {
    name=$(output ".secret_names.value[\"$1\"]")
    if value=$(aws secretsmanager get-secret-value --region "$region" --secret-id "$name" \
        --query SecretString --output text 2>"$errors"); then
        printf '%s' "$value"
    elif [ $# -gt 1 ] && grep -q ResourceNotFoundException "$errors"; then
        printf '%s' "$2"
    else
        cat "$errors" >&2
        exit 1
    fi
}

master=$(secret master-password)
password=$(secret application-password)
application=$(secret application)
additional=$(secret additional '{}')

echo "== the cluster $cluster"
aws eks update-kubeconfig --region "$region" --name "$cluster" --alias "$cluster" >/dev/null
# Named in each call, so that nothing goes to another cluster if somebody switches meanwhile.
k() { kubectl --context "$cluster" "$@"; }
# Once only: the overlay adds labels to it.
k get namespace "$namespace" >/dev/null 2>&1 || k apply -f ../k8s/base/namespace.yaml

echo "== the authorities of RDS's certificates"
authorities=$(curl --fail --silent --show-error \
    "https://truststore.pki.rds.amazonaws.com/$region/$region-bundle.pem")
printf '%s\n' "$authorities" |
    k create configmap rds-ca --namespace "$namespace" --from-file=ca.pem=/dev/stdin \
        --dry-run=client --output=yaml |
    k apply -f -

echo "== the role in PostgreSQL"
# Outside of the site's namespace, whose network policies let only the site reach the database. The
# passwords come in by standard input: they are in no argument and in nothing that is stored.
# shellcheck disable=SC2016 # It is the pod's shell that reads these variables.
pod='IFS= read -r PGPASSWORD
    while IFS= read -r line && [ "$line" != . ]; do printf "%s\n" "$line"; done >"$PGSSLROOTCERT"
    export PGPASSWORD
    exec psql --no-psqlrc --file=-'
{
    printf '%s\n' "$master" "$authorities" .
    cat role.sql
    printf '%s\n%s\n' "$password" "$password"
} | k run "budgeometre-role-$$" --namespace default --rm --stdin --quiet --restart=Never \
    --image=public.ecr.aws/docker/library/postgres:18-alpine \
    --env=PGHOST="$host" --env=PGUSER=budget_master --env=PGDATABASE=postgres \
    --env=PGSSLMODE=verify-full --env=PGSSLROOTCERT=/tmp/ca.pem \
    --command -- sh -euc "$pod"

echo "== the settings that are secret"
printf '%s' "$application$additional" |
    jq -s --arg namespace "$namespace" '{
        apiVersion: "v1",
        kind: "Secret",
        metadata: {name: "budgeometre", namespace: $namespace},
        type: "Opaque",
        stringData: add
    }' |
    # On the server's side: else kubectl notes the values in an annotation as well.
    k apply --server-side --force-conflicts --field-manager=prepare -f -
# Pods read their settings when they start.
if k --namespace "$namespace" get deployment web >/dev/null 2>&1; then
    k --namespace "$namespace" rollout restart deployment web
fi

echo "== the load balancer controller"
helm upgrade aws-load-balancer-controller aws-load-balancer-controller \
    --install --kube-context "$cluster" --namespace kube-system --wait \
    --repo https://aws.github.io/eks-charts --version "$controller" \
    --set clusterName="$cluster" --set region="$region" --set vpcId="$vpc" \
    --set serviceAccount.name=aws-load-balancer-controller \
    --set enableShield=false --set enableWaf=false --set enableWafv2=false

cat <<END

Ready. What is left:
  1. build the image and push it to $(output .image.value);
  2. put the outputs of terraform where k8s/overlays/aws says "yours";
  3. kubectl --context $cluster apply -k k8s/overlays/aws
END

#!/bin/sh
# Makes the passwords and tokens of compose.yaml: secrets/NAME, and the tokens' hashes in .env. What is
# there already stays. Containers read the files as other users, so the folder keeps others out.
set -eu
cd "$(dirname "$0")"
umask 022
mkdir -p secrets
chmod 700 secrets

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

for name in database_password store_access_key store_secret_key grafana_password; do
  [ -s "secrets/$name" ] || random > "secrets/$name"
done
# A box knows its tokens by their beginning: deno task token makes the same.
for name in operator_token metrics_token; do
  [ -s "secrets/$name" ] || printf 'stp_%s' "$(random)" > "secrets/$name"
done

hash() { sha256sum "secrets/$1" | cut -d ' ' -f 1; }

{
  echo "SETPOINT_OPERATOR_SHA256=$(hash operator_token)"
  echo "SETPOINT_METRICS_SHA256=$(hash metrics_token)"
} > .env
echo "The token that may activate versions is in secrets/operator_token"

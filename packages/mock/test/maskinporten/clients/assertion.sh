#!/bin/sh
# A token request with openssl, which signs, and curl, which sends. KEY_FILE is the private key in PEM, KEY_ID its `kid`.
set -eu
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
now=$(date +%s)
header=$(printf '{"alg":"RS256","typ":"JWT","kid":"%s"}' "$KEY_ID" | base64url)
claims=$(printf '{"aud":"%s","iss":"%s","scope":"nav:test/api","iat":%s,"exp":%s,"jti":"%s"}' \
  "$MASKINPORTEN_ISSUER" "$MASKINPORTEN_CLIENT_ID" "$now" "$((now + 30))" "$(openssl rand -hex 16)" | base64url)
signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha256 -sign "$KEY_FILE" -binary | base64url)
curl -sS --fail-with-body "$MASKINPORTEN_TOKEN_ENDPOINT" \
  --data-urlencode 'grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer' \
  --data-urlencode "assertion=$header.$claims.$signature"

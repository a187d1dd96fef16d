# Secrets from files, for whatever runs in the container: sourced by the entry point, by commands
# (docker/command.sh) and by scripts/where.sh. Wants `fail`.
# shellcheck shell=bash

# NAME_FILE names a file with the value of NAME: Docker's and Kubernetes' way to hand secrets over.
for name in ANTHROPIC_API_KEY DATABASE_URL GATEWAY_INTERNAL_SECRET GEMINI_API_KEY GOOGLE_CLIENT_SECRET \
  LLM_API_KEY PGPASSWORD SMTP_URL TWILIO_AUTH_TOKEN WEBHOOK_SECRET; do
  file=${name}_FILE
  [ -n "${!file:-}" ] || continue
  [ -r "${!file}" ] || fail "$file is ${!file}, which cannot be read."
  # An empty file is a secret that is not set.
  [ ! -s "${!file}" ] || export "$name=$(<"${!file}")"
  unset "$file"
done
unset name file

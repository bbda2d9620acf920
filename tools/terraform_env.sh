#!/bin/sh
# Print the settings that Terraform needs on this machine. Usage: eval "$(tools/terraform_env.sh)"
#
# - Unset TF_CLI_CONFIG_FILE if it names a missing file, because Terraform would warn at every call.
# - If a folder is a mirror with the AWS provider, `terraform init` installs providers from it and not from the network.
#
# Print nothing if neither is needed. The search for a mirror starts in the given folder (default: /) and leaves out
# home folders; there is no search if TF_CLI_ARGS_init is set already.
set -eu
root=${1:-/}

if [ -n "${TF_CLI_CONFIG_FILE:-}" ] && [ ! -e "$TF_CLI_CONFIG_FILE" ]; then
    echo "unset TF_CLI_CONFIG_FILE"
fi

if [ -n "${TF_CLI_ARGS_init:-}" ] || ! command -v terraform >/dev/null 2>&1; then
    exit 0
fi

provider=$(find "$root" -maxdepth 8 \
    \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /home \
       -o -path /mnt -o -path /media -o -path /Users -o -path /System -o -path /Library -o -path /Applications \
       -o -path /Volumes -o -path /private -o -name node_modules -o -name site-packages -o -name .git \) -prune \
    -o -type d -path '*/hashicorp/aws' -print 2>/dev/null | head -n 1)

if [ -n "$provider" ]; then
    mirror=$(dirname "$(dirname "$(dirname "$provider")")")   # mirror/<host>/hashicorp/aws
    printf 'export TF_CLI_ARGS_init="-plugin-dir=%s"\n' "$mirror"
fi

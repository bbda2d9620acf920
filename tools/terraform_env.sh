#!/bin/sh
# Prints what a shell has to set for Terraform to work here; use: eval "$(tools/terraform_env.sh)"
#
# - TF_CLI_CONFIG_FILE that names a missing file is unset: Terraform would warn at every call.
# - Where a folder holds the AWS provider as a mirror, `terraform init` takes providers from it and asks nobody.
#
# Prints nothing where Terraform can do without. Looks for a mirror under the folder given (default: /), not inside
# home folders, and not when TF_CLI_ARGS_init already says how to initialise.
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

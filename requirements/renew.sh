#!/usr/bin/env bash
# Renews the lock files: universal (every Python >= 3.11), hashed. The base is locked at the versions of the whole.
set -euo pipefail
cd "$(dirname "$0")/.."
all=$(mktemp)
trap 'rm -f "$all"' EXIT
compile=(uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate pyproject.toml)
"${compile[@]}" --generate-hashes --all-extras --group test --group check --output-file requirements/dev.lock
"${compile[@]}" --all-extras --group test --group check --output-file "$all"
"${compile[@]}" --generate-hashes --constraint "$all" --output-file requirements/base.lock

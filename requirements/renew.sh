#!/usr/bin/env bash
# Renews the lock files: universal (every Python >= 3.11), hashed. The base is locked at the versions of the whole.
# Extras stay in the locks: pip looks at the newest version of what is asked for with an extra and pinned without it, and
# refuses it for want of a pin.
set -euo pipefail
cd "$(dirname "$0")/.."
all=$(mktemp)
trap 'rm -f "$all"' EXIT
compile=(uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --no-header --no-annotate pyproject.toml)
"${compile[@]}" --generate-hashes --all-extras --group test --group check --output-file requirements/dev.lock
cp requirements/dev.lock "$all"  # so that it keeps to the same versions
"${compile[@]}" --all-extras --group test --group check --output-file "$all"
"${compile[@]}" --generate-hashes --constraint "$all" --output-file requirements/base.lock
# What `make docs`, `make audit` and `make mutate` need besides, at the same versions of what they share.
"${compile[@]}" --generate-hashes --all-extras --group test --group check --group docs --group audit --group mutate \
    --constraint "$all" --output-file requirements/tools.lock

"""Other people's session checks, each as its documentation sets it up for production, on the same two stores.

A folder holds one: a small application and the lock of what it needs, installed from the registries when the
benchmark first wants it, under `var/bench/`. To renew a lock: `uv pip compile --generate-hashes --no-emit-index-url
requirements.in`, or `npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts`.
"""

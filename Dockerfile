# syntax=docker/dockerfile:1
# Production image: the locked runtime dependencies and the package, nothing else. No compiler, no pip cache, no secret.
# Give it DATABASE_URL, VALKEY_URL and AUTHSVC_ENCRYPTION_KEYS by the environment; run `authsvc migrate` once per release.
# The health check is that of `serve` over plain http: run `worker` with --no-healthcheck, and give your own where AUTHSVC_TLS_* is set.
# Address and port come from the environment here, whatever a file says.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
COPY config/requirements/build.txt config/requirements/runtime.txt config/requirements/
RUN python -m venv /opt/authsvc \
 && /opt/authsvc/bin/pip install --require-hashes --only-binary :all: -r config/requirements/runtime.txt \
 && pip install --require-hashes --only-binary :all: -r config/requirements/build.txt
COPY pyproject.toml README.md ./
COPY authsvc authsvc
# The wheel is built with the locked build backend outside the environment that ships.
RUN pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
 && /opt/authsvc/bin/pip install --no-index --no-deps /tmp/wheel/*.whl \
 && /opt/authsvc/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin authsvc
COPY --from=build /opt/authsvc /opt/authsvc
ENV PATH=/opt/authsvc/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 AUTHSVC_HOST=0.0.0.0 AUTHSVC_PORT=8080
WORKDIR /
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# The base image has no curl; Python is there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"AUTHSVC_PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["authsvc"]
CMD ["serve"]

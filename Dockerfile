# The image of Stanch: the service (`serve`, `worker`) and the one-shot `scan`. docs/installing.md tells how to run it.
#
# Python packages are pinned by hash, in requirements/. The base image is named by its tag: no digest was at hand to be
# read where this was written, and one is not made up. Debian's packages are those of the day of the build.

FROM debian:trixie-slim AS base
# Debian keeps only the newest version of a package, so that a pinned one cannot be installed after the next update.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git python3 tini \
    && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig/aux-cache

FROM base AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY requirements/package.txt requirements/service.txt requirements/
# Without pip in what goes into the image: nothing is installed there later.
RUN python3 -m venv /build \
    && python3 -m venv --without-pip /opt/stanch \
    && /build/bin/pip install --no-cache-dir --require-hashes --requirement requirements/package.txt \
    && /build/bin/pip --python /opt/stanch/bin/python install --no-cache-dir --no-compile --require-hashes \
        --requirement requirements/service.txt
COPY . .
# Bytecode that names a hash in the place of a time is the same in every build, and is never written anew.
RUN /build/bin/python -m hatchling build --target wheel \
    && /build/bin/pip --python /opt/stanch/bin/python install --no-cache-dir --no-compile --no-index --no-deps \
        dist/*.whl \
    && /build/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
        --output-file /opt/stanch/sbom.cdx.json /opt/stanch/bin/python \
    && /opt/stanch/bin/python -m compileall -qf --invalidation-mode unchecked-hash /opt/stanch/lib

FROM base
LABEL org.opencontainers.image.title="Stanch" \
    org.opencontainers.image.description="Finds resource leaks in pull requests, and writes the fix" \
    org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 stanch \
    && useradd --system --uid 10001 --gid stanch --home-dir /var/lib/stanch --shell /usr/sbin/nologin stanch \
    && install --directory --owner stanch --group stanch --mode 0700 /var/lib/stanch
COPY --from=build /opt/stanch /opt/stanch
ENV PATH=/opt/stanch/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp \
    STANCH_HOST=0.0.0.0 \
    STANCH_PORT=8080 \
    STANCH_STATE_FOLDER=/var/lib/stanch
USER 10001:10001
WORKDIR /var/lib/stanch
VOLUME /var/lib/stanch
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ['STANCH_PORT']}/healthz\", timeout=4)"]
# tini waits for the processes that a killed sandbox or PostgreSQL leaves behind.
ENTRYPOINT ["tini", "--", "stanch"]
CMD ["serve"]

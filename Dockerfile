# Two stages: the first builds, the second holds nothing but Python and what runs.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/warn
# dependencies first: they change seldom, and every one is checked against its hash
COPY requirements.txt ./
RUN /opt/warn/bin/pip install --require-hashes --requirement requirements.txt
# hatchling with its own dependencies, from the same kind of lock; it does not reach the second stage
COPY requirements-dev.txt ./
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes --requirement requirements-dev.txt
COPY pyproject.toml README.md LICENSE ./
COPY warn warn
COPY rules rules
COPY templates templates
RUN /opt/build/bin/python -m hatchling build -t wheel -d /wheels \
    && /opt/warn/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python:3.12-slim
RUN groupadd --gid 10001 warn \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin warn \
    && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/warn /opt/warn
# nothing is written outside /data and /tmp; a rules/ or .env in /data is found because the process starts there
ENV PATH=/opt/warn/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WARN_VAR=/data/var \
    WARN_WEB__HOST=0.0.0.0 \
    WARN_WEB__PORT=8642
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8642
STOPSIGNAL SIGTERM
# ready = the database answers and something was judged in the last quarter of an hour
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['WARN_WEB__PORT']}/readyz\", timeout=8)"]
ENTRYPOINT ["python", "-m", "warn"]
CMD ["run"]

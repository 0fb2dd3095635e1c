# One file for all of our images; SERVICE names what goes in, and only that one's packages are installed.
#
#   docker build --target service --build-arg SERVICE=campaigns -t cococity/campaigns .
#   docker build --target tools   --build-arg SERVICE=operations -t cococity/operations .
#
# `service` holds one service and what all share. `tools` holds the deploy step, the command line, and what
# only a demo runs (SERVICE=demo). No secret is in any image: they are files that are mounted.
ARG PYTHON=python:3.11-slim

FROM ${PYTHON} AS packages
ARG SERVICE
COPY requirements/${SERVICE}.txt /requirements.txt
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements.txt

FROM ${PYTHON} AS base
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 COCOCITY_HOST=0.0.0.0 COCOCITY_PORT=8080
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent cococity \
 && install -d -o cococity -g cococity /cache /files /mails /secrets /nats /gateway
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY contracts contracts
COPY chassis chassis

FROM base AS tools
COPY services services
COPY operations operations
COPY demo demo
COPY deploy deploy
RUN for name in all postgres directory assessment campaigns notifications operations; do \
      install -d -o cococity -g cococity -m 700 /secrets/$name; done
USER cococity
CMD ["python", "-m", "operations", "--help"]

FROM base AS service
ARG SERVICE
ENV SERVICE=${SERVICE}
COPY services/__init__.py services/__init__.py
COPY services/${SERVICE} services/${SERVICE}
USER cococity
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=6 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
CMD ["sh", "-c", "exec python -m services.$SERVICE"]

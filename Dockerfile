# The image of a service: docker build --build-arg SERVICE=trainer .
FROM python:3.11.15-slim@sha256:db3ff2e1800a8581e2c48a27c3995339d47bdf046da21c7627accd3d51053a93 AS python

FROM python AS packages
ARG SERVICE
COPY requirements/${SERVICE}.txt /tmp/requirements.txt
# Wheels only: nothing is compiled, so no compiler is installed, and the service's environment has no pip.
# The lock is complete, so nothing is resolved.
RUN python -m venv --without-pip /opt/service \
 && python -m pip --python /opt/service/bin/python install --no-cache-dir --disable-pip-version-check \
    --only-binary=:all: --no-deps --require-hashes -r /tmp/requirements.txt \
 && python -m pip --python /opt/service/bin/python check

FROM python
ARG SERVICE
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin hankstank
ENV SERVICE=${SERVICE} \
    PORT=8080 \
    PATH=/opt/service/bin:$PATH \
    PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=packages /opt/service /opt/service
COPY services/__init__.py services/
COPY services/${SERVICE} services/${SERVICE}
COPY shared shared
# Bytecode is compiled once here: at a cold start the user may not write files.
RUN python -m compileall -q --invalidation-mode unchecked-hash services shared
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["python", "-m", "shared.runtime.start"]

# The service in a container: dependencies from the lock with hashes, no build tools and no root in what runs.
# The compiler is for kernels.c of index/ and search/: an image without the compiled libraries is not made.
FROM python:3.12-slim AS build
WORKDIR /src
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/exonym
COPY requirements.txt ./
RUN /opt/exonym/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY index ./index
COPY search ./search
COPY service ./service
COPY tools/compile_kernels.py ./tools/compile_kernels.py
RUN /opt/exonym/bin/python tools/compile_kernels.py \
 && /opt/exonym/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/exonym/bin/python -m pip uninstall --yes hatchling editables pip

FROM python:3.12-slim
RUN groupadd --gid 10001 exonym \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin exonym \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/exonym /opt/exonym
ENV PATH=/opt/exonym/bin:$PATH \
    EXONYM_DATA=/data \
    EXONYM_HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
ENTRYPOINT ["exonym"]
CMD ["serve", "--json"]

# One image for every role: web by default, worker and beat by their command (see docker-compose.yml).

# 1. The front end: Tailwind reads class names in templates and Python files.
FROM node:22-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY scripts/build-frontend.mjs scripts/
COPY static static
COPY templates templates
COPY shop shop
COPY channels channels
COPY cms cms
RUN npm run build

# 2. The packages, exactly as locked, in a virtual environment that moves as it is.
FROM python:3.11-slim AS python
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --require-hashes --no-deps -r /tmp/base.txt

# 3. What runs: no compiler, no Node, no root.
FROM python:3.11-slim AS runtime
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin accord \
    && mkdir -p /data/media /data/static && chown -R accord:accord /data
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=shop.settings.production \
    DATA_DIR=/data
WORKDIR /app
COPY --from=python /venv /venv
COPY manage.py LICENSE ./
COPY scripts/compile_messages.py scripts/
COPY locale locale
COPY templates templates
COPY channels channels
COPY cms cms
COPY shop shop
COPY fixtures fixtures
COPY --from=frontend /build/static static
# Static files are hashed and compressed into the image; these values serve this one step and stay out of it.
RUN python scripts/compile_messages.py \
    && SECRET_KEY=only-for-collecting-static-files-at-build-time \
       BANK_ACCOUNT_KEYS=b25seS1mb3ItY29sbGVjdGluZy1zdGF0aWMtZmlsZXM= \
       ALLOWED_HOSTS=build.example.com \
       DATABASE_URL=postgres://build:build@build.example.com/build \
       REDIS_BROKER_URL=redis://build.example.com/0 \
       REDIS_CACHE_URL=redis://build.example.com/1 \
       python manage.py collectstatic --noinput --verbosity=0 \
    && chown -R accord:accord /data
USER accord
EXPOSE 8000
VOLUME /data/media
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "python:shop.gunicorn", "shop.wsgi:application"]

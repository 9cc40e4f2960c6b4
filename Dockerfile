# Svar as one image: web server, worker and beat differ in their command only (see docker-compose.yml).

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
WORKDIR /app
COPY requirements.lock .
RUN /opt/venv/bin/pip install --quiet --require-hashes -r requirements.lock
COPY . .
# The values here are for this build step alone: collecting files signs nothing and answers nobody.
RUN /opt/venv/bin/python scripts/compile_messages.py \
 && SECRET_KEY=build ALLOWED_HOSTS=build SVAR_VAR="$(mktemp -d)" /opt/venv/bin/python manage.py collectstatic --noinput -v 0 \
 && /opt/venv/bin/python -m compileall -q helpcenter deflection tickets knowledge

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 SVAR_VAR=/var/lib/svar
RUN useradd --system --uid 10001 --home-dir /var/lib/svar --shell /usr/sbin/nologin svar \
 && install -d -o svar -g svar -m 750 /var/lib/svar
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER svar
VOLUME /var/lib/svar
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "scripts/healthcheck.py"]
CMD ["python", "manage.py", "serve", "--part", "web"]

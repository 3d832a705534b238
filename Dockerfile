FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --create-home --uid 10001 tracing-ui && mkdir /data && chown tracing-ui /data
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY manage.py ./
COPY tracing_ui tracing_ui
COPY spans spans
COPY templates templates
COPY static static
RUN SECRET_KEY=unused-while-building DJANGO_SETTINGS_MODULE=tracing_ui.settings \
    python -m tracing_ui.staticfiles

USER tracing-ui
ENV TRACING_UI_HOST=0.0.0.0 TRACING_UI_DATA_DIR=/data
VOLUME /data
EXPOSE 8000 4317 4318
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('TRACING_UI_PORT', '8000') + '/healthz')"]
CMD ["python", "manage.py", "serve"]

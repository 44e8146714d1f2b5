# One recipe for the gateway and the four workers: docker build -f docker/app.Dockerfile --build-arg APP=worker-high .
# Plain Dockerfile syntax, so that BuildKit and the legacy builder both take it. All apps share every layer but the
# last: the first image costs an install and a build, each further one a COPY.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG APP

# Only what decides an install, so that `npm ci` stays cached until a manifest changes.
FROM $NODE_IMAGE AS manifests
WORKDIR /repo
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete

FROM $NODE_IMAGE AS build
WORKDIR /repo
COPY --from=manifests /repo .
RUN npm ci
COPY . .
RUN NX_DAEMON=false npx nx run-many -t build --parallel=1

# What a worker loads beside its own file: packages with native code, and what they need. The native worker comes with
# the binaries of five platforms; one is enough.
FROM $NODE_IMAGE AS modules-worker
WORKDIR /repo
COPY --from=manifests /repo .
RUN npm ci --omit=dev --workspace=libs/worker-runtime \
 && rm -rf node_modules/@fleet \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

# The gateway runs no worker. npm brings one all the same: it follows the devDependencies of linked workspaces.
FROM $NODE_IMAGE AS modules-gateway
WORKDIR /repo
COPY --from=manifests /repo .
RUN npm ci --omit=dev --workspace=apps/gateway \
 && rm -rf node_modules/@fleet node_modules/@swc node_modules/webpack \
      node_modules/@temporalio/core-bridge node_modules/@temporalio/worker

FROM modules-worker AS modules-worker-high
FROM modules-worker AS modules-worker-standard
FROM modules-worker AS modules-worker-background
FROM modules-worker AS modules-worker-scheduled
FROM modules-$APP AS modules

FROM $NODE_IMAGE
# Captions of images and labels of charts need a font; the slim image has none.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# A container is reached from outside itself, hence 0.0.0.0; the gateway then refuses to start without FLEET_API_TOKEN.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    FLEET_HOST=0.0.0.0 \
    FLEET_GATEWAY_PORT=8080 \
    FLEET_HIGH_HEALTH_PORT=9101 \
    FLEET_STANDARD_HEALTH_PORT=9102 \
    FLEET_BACKGROUND_HEALTH_PORT=9103 \
    FLEET_SCHEDULED_HEALTH_PORT=9104
COPY --from=modules /repo/node_modules node_modules
ARG APP
ENV FLEET_APP=$APP
COPY --from=build /repo/apps/$APP/dist .
# The number and not the name: Kubernetes' runAsNonRoot can check it.
USER 1000
# Alive, not ready: an app whose Temporal is away answers 200 here and 503 on /readyz, and a restart would not help it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "\
const queue = process.env.FLEET_APP.replace('worker-', '').toUpperCase(); \
const port = process.env[queue === 'GATEWAY' ? 'FLEET_GATEWAY_PORT' : `FLEET_${queue}_HEALTH_PORT`]; \
require('http').get(`http://127.0.0.1:${port}/healthz`, (r) => process.exit(r.statusCode === 200 ? 0 : 1)) \
  .on('error', (e) => { console.error(e.message); process.exit(1); })"]
CMD ["node", "main.js"]

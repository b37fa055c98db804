{{/* The Deployment of a service. Takes the dict of aqtra.service. */}}
{{- define "aqtra.deployment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $global := include "aqtra.global" $root | fromYaml -}}
{{- $service := $root.Chart.Name -}}
{{- $name := include "aqtra.name" $root -}}
{{- $full := include "aqtra.fullname" $root -}}
{{- $me := dict "root" $root "name" $service -}}
{{- $image := include "aqtra.image" (dict "root" $root "name" $service "image" $values.image) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "aqtra.labels" $me | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ if kindIs "invalid" $values.replicas }}{{ ternary 1 2 $global.trial.enabled }}{{ else }}{{ $values.replicas }}{{ end }}
  {{- end }}
  revisionHistoryLimit: 3
  # A pod that does not become ready within this time is a rollout that failed.
  progressDeadlineSeconds: 600
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  selector:
    matchLabels:
      {{- include "aqtra.selector" $me | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "aqtra.labels" $me | nindent 8 }}
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: {{ $service }}
        # A change of what these name replaces the pods.
        checksum/config: {{ include "aqtra.configMap" . | sha256sum }}
        checksum/secrets: {{ list $global.redis.existingSecret $global.admin.existingSecret | toJson | sha256sum }}
        {{- with $values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      {{- include "aqtra.podSecurity" $root | nindent 6 }}
      # More than AQTRA_DRAIN_WAIT + twice AQTRA_DRAIN_TIMEOUT + AQTRA_SHUTDOWN_TIMEOUT at their defaults. The process goes on
      # serving while load balancers notice, so that no preStop hook is needed.
      terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
      {{- include "aqtra.scheduling" (dict "root" $root "name" $service "affinity" .affinity) | nindent 6 }}
      {{- with .pod }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- if .postgres }}
      initContainers:
        # Waits until the setup job has made this version's tables.
        - name: await-schema
          image: {{ $image }}
          imagePullPolicy: {{ $global.image.pullPolicy }}
          command: [/usr/bin/{{ $service }}, await-schema]
          {{- include "aqtra.containerSecurity" $root | nindent 10 }}
          {{- include "aqtra.environment" . | nindent 10 }}
          resources:
            {{- dict "requests" (dict "cpu" "10m" "memory" "32Mi") "limits" (dict "memory" "128Mi") | toYaml | nindent 12 }}
          volumeMounts:
            - {name: aqtra, mountPath: /etc/aqtra, readOnly: true}
            - {name: tmp, mountPath: /tmp}
      {{- end }}
      containers:
        - name: {{ $service }}
          image: {{ $image }}
          imagePullPolicy: {{ $global.image.pullPolicy }}
          {{- include "aqtra.containerSecurity" $root | nindent 10 }}
          {{- include "aqtra.environment" . | nindent 10 }}
          ports:
            - {name: grpc, containerPort: 9443}
            - {name: metrics, containerPort: 9444}
            {{- with .ports }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- include "aqtra.probes" $root | nindent 10 }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - {name: aqtra, mountPath: /etc/aqtra, readOnly: true}
            - {name: tmp, mountPath: /tmp}
            {{- with .mounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        # One volume, so that all secrets are there, or the pod waits.
        - name: aqtra
          projected:
            defaultMode: 0440
            sources:
              - secret:
                  name: {{ $name }}-tls
                  items:
                    - {key: tls.crt, path: tls/tls.crt}
                    - {key: tls.key, path: tls/tls.key}
                    - {key: ca.crt, path: tls/ca.crt}
              {{- if .postgres }}
              - secret:
                  name: {{ $full }}-postgres-ca
                  items:
                    - {key: ca.crt, path: postgres/ca.crt}
              {{- if eq (include "aqtra.usesRedis" $root) "true" }}
              - secret:
                  name: {{ $full }}-redis
                  items:
                    - {key: ca.crt, path: redis/ca.crt}
              {{- end }}
              {{- end }}
              {{- if and $global.tracing.endpoint $global.tracing.existingSecret }}
              - secret:
                  name: {{ $global.tracing.existingSecret }}
                  items:
                    - {key: ca.crt, path: tracing/ca.crt}
              {{- end }}
              {{- with .sources }}
              {{- toYaml . | nindent 14 }}
              {{- end }}
        - name: tmp
          emptyDir:
            sizeLimit: 256Mi
        {{- with .volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end -}}

{{/* Whether there is a Redis: "true" or "". */}}
{{- define "aqtra.usesRedis" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
{{- if or $global.trial.enabled $global.redis.existingSecret }}true{{ end -}}
{{- end -}}

{{/* The environment of a service's containers. Takes the dict of aqtra.service. */}}
{{- define "aqtra.environment" -}}
{{- $root := .root -}}
{{- $full := include "aqtra.fullname" $root -}}
envFrom:
  - configMapRef: {name: {{ include "aqtra.name" $root }}}
env:
  # Go's collector keeps below the container's limit. It counts 48 MiB that the process reserves and never touches, so there is
  # that much room left.
  - name: GOMEMLIMIT
    valueFrom:
      resourceFieldRef: {resource: limits.memory}
  {{- if .postgres }}
  - name: {{ include "aqtra.prefix" $root.Chart.Name }}_DATABASE_URL
    valueFrom:
      secretKeyRef: {name: {{ include "aqtra.name" $root }}-database, key: url}
  {{- if eq (include "aqtra.usesRedis" $root) "true" }}
  - name: AQTRA_REDIS_URL
    valueFrom:
      secretKeyRef: {name: {{ $full }}-redis, key: url}
  - name: AQTRA_REDIS_CA_FILE
    value: /etc/aqtra/redis/ca.crt
  {{- end }}
  {{- end }}
  {{- with .env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

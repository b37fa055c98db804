{{/*
Who may do what setup does: secrets of the namespace, nothing else. Takes a dict of root, name (of the account, after the
installation's) and annotations (those of a hook, or none).
*/}}
{{- define "platform.setupAccess" -}}
{{- $full := include "aqtra.fullname" .root -}}
{{- $name := printf "%s-%s" $full .name -}}
{{- $labels := include "aqtra.labels" (dict "root" .root "name" "setup") -}}
{{- $annotations := .annotations -}}
{{- if $annotations }}{{ $annotations = merge (dict "helm.sh/hook-weight" "-10") $annotations }}{{ end -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  labels:
    {{- $labels | nindent 4 }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  labels:
    {{- $labels | nindent 4 }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
rules:
  - apiGroups: [""]
    resources: [secrets]
    verbs: [get, list, create, update, delete]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  labels:
    {{- $labels | nindent 4 }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
subjects:
  - kind: ServiceAccount
    name: {{ $name }}
    namespace: {{ .root.Release.Namespace }}
{{- if (include "aqtra.global" .root | fromYaml).networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  labels:
    {{- $labels | nindent 4 }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels:
      {{- include "aqtra.selector" (dict "root" .root "name" "setup") | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress:
    {{- include "aqtra.egressToDNS" .root | nindent 4 }}
    {{- include "aqtra.egressToPostgres" .root | nindent 4 }}
    {{- include "aqtra.egressToRedis" .root | nindent 4 }}
    # The Kubernetes API, whose address differs from cluster to cluster.
    - ports:
        - {port: 443, protocol: TCP}
        - {port: 6443, protocol: TCP}
{{- end }}
{{- end -}}

{{/* What the pods of setup have in common. Takes a dict of root and account. */}}
{{- define "platform.setupPod" -}}
{{- $values := .root.Values.setup -}}
restartPolicy: Never
serviceAccountName: {{ .account }}
{{ include "aqtra.podSecurity" .root | replace "automountServiceAccountToken: false" "automountServiceAccountToken: true" }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "platform.setupVolumes" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
- name: postgres-ca
  emptyDir: {sizeLimit: 1Mi}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- range $from, $name := dict "postgres" $global.postgres.existingSecret "redis" $global.redis.existingSecret }}
{{- if $name }}
- name: from-{{ $from }}
  secret:
    secretName: {{ $name }}
    optional: true
    defaultMode: 0440
    items:
      - {key: ca.crt, path: ca.crt}
{{- end }}
{{- end }}
{{- end -}}

{{/* A container of aqtra-setup that asks Postgres or makes things. Takes a dict of root, name and command. */}}
{{- define "platform.setupContainer" -}}
{{- $root := .root -}}
{{- $global := include "aqtra.global" $root | fromYaml -}}
{{- $full := include "aqtra.fullname" $root -}}
- name: {{ .name }}
  image: {{ include "aqtra.image" (dict "root" $root "name" "setup" "image" $root.Values.setup.image) }}
  imagePullPolicy: {{ $global.image.pullPolicy }}
  command: [/usr/bin/aqtra-setup, {{ .command }}]
  {{- include "aqtra.containerSecurity" $root | nindent 2 }}
  env:
    - {name: AQTRA_SETUP_NAMESPACE, value: {{ $root.Release.Namespace | quote }}}
    - {name: AQTRA_SETUP_RELEASE, value: {{ $root.Release.Name | quote }}}
    - {name: AQTRA_SETUP_FULLNAME, value: {{ $full | quote }}}
    - {name: AQTRA_SETUP_HOSTS, value: {{ (include "platform.hosts" $root | fromYaml).hosts | join "," | quote }}}
    - {name: AQTRA_SETUP_CERTIFICATES, value: {{ $global.certificates.mode }}}
    - {name: AQTRA_SETUP_TRIAL, value: {{ $global.trial.enabled | quote }}}
    - {name: AQTRA_SETUP_CA_OUT, value: /etc/aqtra/postgres}
    {{- if $global.trial.enabled }}
    {{- range $variable, $key := dict "AQTRA_SETUP_POSTGRES_URL" "postgres-url" "AQTRA_SETUP_REDIS_URL" "redis-url" }}
    - name: {{ $variable }}
      valueFrom:
        secretKeyRef: {name: {{ $full }}-trial, key: {{ $key }}}
    {{- end }}
    {{- else }}
    - name: AQTRA_SETUP_POSTGRES_URL
      valueFrom:
        secretKeyRef: {name: {{ $global.postgres.existingSecret }}, key: url}
    - {name: AQTRA_SETUP_POSTGRES_CA_FILE, value: /etc/aqtra/from/postgres/ca.crt}
    {{- if $global.redis.existingSecret }}
    - name: AQTRA_SETUP_REDIS_URL
      valueFrom:
        secretKeyRef: {name: {{ $global.redis.existingSecret }}, key: url}
    - {name: AQTRA_SETUP_REDIS_CA_FILE, value: /etc/aqtra/from/redis/ca.crt}
    {{- end }}
    {{- end }}
  resources:
    {{- toYaml $root.Values.setup.resources | nindent 4 }}
  volumeMounts:
    - {name: postgres-ca, mountPath: /etc/aqtra/postgres}
    - {name: tmp, mountPath: /tmp}
    {{- if $global.postgres.existingSecret }}
    - {name: from-postgres, mountPath: /etc/aqtra/from/postgres, readOnly: true}
    {{- end }}
    {{- if $global.redis.existingSecret }}
    - {name: from-redis, mountPath: /etc/aqtra/from/redis, readOnly: true}
    {{- end }}
{{- end -}}

{{/* The container that makes the tables of a service. Takes a dict of root and service. */}}
{{- define "platform.migrateContainer" -}}
{{- $global := include "aqtra.global" .root | fromYaml -}}
{{- $full := include "aqtra.fullname" .root -}}
{{- $image := (index .root.Values .service).image -}}
- name: migrate-{{ .service }}
  image: {{ include "aqtra.image" (dict "root" .root "name" .service "image" $image) }}
  imagePullPolicy: {{ $global.image.pullPolicy }}
  command: [/usr/bin/{{ .service }}, migrate]
  {{- include "aqtra.containerSecurity" .root | nindent 2 }}
  env:
    {{- $prefix := include "aqtra.prefix" .service }}
    {{- range $variable, $key := dict "URL" "url" "OWNER_URL" "owner-url" }}
    - name: {{ $prefix }}_DATABASE_{{ $variable }}
      valueFrom:
        secretKeyRef: {name: {{ $full }}-{{ $.service }}-database, key: {{ $key }}}
    {{- end }}
  resources:
    {{- toYaml .root.Values.setup.resources | nindent 4 }}
  volumeMounts:
    - {name: postgres-ca, mountPath: /etc/aqtra/postgres, readOnly: true}
    - {name: tmp, mountPath: /tmp}
{{- end -}}

{{/* Takes a dict of root and annotations. */}}
{{- define "platform.setupJob" -}}
{{- $root := .root -}}
{{- $full := include "aqtra.fullname" $root -}}
{{- $me := dict "root" $root "name" "setup" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $full }}-setup-{{ $root.Release.Revision }}
  labels:
    {{- include "aqtra.labels" $me | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  # Setup itself waits for Postgres; a mistake does not get better by repeating it.
  backoffLimit: 1
  activeDeadlineSeconds: {{ $root.Values.setup.timeoutSeconds }}
  # A failed one stays for as long to be looked at.
  ttlSecondsAfterFinished: 86400
  podReplacementPolicy: Failed
  template:
    metadata:
      labels:
        {{- include "aqtra.labels" $me | nindent 8 }}
    spec:
      {{- include "platform.setupPod" (dict "root" $root "account" (printf "%s-setup" $full)) | nindent 6 }}
      initContainers:
        {{- if not (include "aqtra.global" $root | fromYaml).trial.enabled }}
        # Nothing is made when Postgres cannot be used.
        {{- include "platform.setupContainer" (dict "root" $root "name" "check" "command" "check") | nindent 8 }}
        {{- end }}
        {{- include "platform.setupContainer" (dict "root" $root "name" "setup" "command" "apply") | nindent 8 }}
        {{- range list "gateway" "component-library" "workflow" }}
        {{- include "platform.migrateContainer" (dict "root" $root "service" .) | nindent 8 }}
        {{- end }}
      containers:
        {{- include "platform.migrateContainer" (dict "root" $root "service" "storage") | nindent 8 }}
      volumes:
        {{- include "platform.setupVolumes" $root | nindent 8 }}
{{- end -}}

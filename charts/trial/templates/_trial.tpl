{{/* What Postgres and Redis both have beside their pods. Takes a dict of root, name and port. */}}
{{- define "trial.objects" -}}
{{- $full := include "aqtra.fullname" .root -}}
{{- $values := index .root.Values .name -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $full }}-{{ .name }}
  labels:
    {{- include "aqtra.labels" . | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $full }}-{{ .name }}
  labels:
    {{- include "aqtra.labels" . | nindent 4 }}
spec:
  selector:
    {{- include "aqtra.selector" . | nindent 4 }}
  ports:
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ $full }}-{{ .name }}
  labels:
    {{- include "aqtra.labels" . | nindent 4 }}
spec:
  accessModes: [ReadWriteOnce]
  {{- with $values.storageClassName }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ $values.size }}
{{- if (include "aqtra.global" .root | fromYaml).networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $full }}-{{ .name }}
  labels:
    {{- include "aqtra.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "aqtra.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  # It calls nobody.
  egress: []
  ingress:
    - ports:
        - {port: {{ .name }}, protocol: TCP}
      from:
        {{- $root := .root }}
        {{- range list "gateway" "component-library" "workflow" "storage" "setup" }}
        - podSelector:
            matchLabels:
              {{- include "aqtra.selector" (dict "root" $root "name" .) | nindent 14 }}
        {{- end }}
{{- end }}
{{- end -}}

{{- define "trial.scheduling" -}}
{{- range $field, $value := pick .Values "nodeSelector" "tolerations" "affinity" }}
{{- with $value }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes the command that succeeds when the server takes clients. */}}
{{- define "trial.probes" -}}
startupProbe:
  exec:
    command: {{ toJson . }}
  periodSeconds: 1
  timeoutSeconds: 5
  # Postgres may have to recover first.
  failureThreshold: 300
livenessProbe:
  exec:
    command: {{ toJson . }}
  periodSeconds: 20
  timeoutSeconds: 10
  failureThreshold: 6
readinessProbe:
  exec:
    command: {{ toJson . }}
  periodSeconds: 10
  timeoutSeconds: 5
{{- end -}}

{{/* Its certificate, made by the setup job, and one key of the trial's secret. Takes a dict of full, name and key. */}}
{{- define "trial.secrets" -}}
- secret:
    name: {{ .full }}-{{ .name }}-tls
    items:
      - {key: tls.crt, path: tls/tls.crt}
      - {key: tls.key, path: tls/tls.key}
      - {key: ca.crt, path: tls/ca.crt}
- secret:
    name: {{ .full }}-trial
    items:
      - {key: {{ .key }}, path: trial/{{ .key }}}
{{- end -}}

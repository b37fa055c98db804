{{/*
All objects of one service. Takes a dict of
  root      the chart's root context
  postgres  whether it keeps something in Postgres; it also uses Redis then, where there is one
  settings  further settings, which the user's `env` may not name
  env       further environment variables, such as those from secrets (list)
  sources   further sources of the volume at /etc/aqtra (list)
  ports     further ports of the container (list)
  mounts, volumes  further ones (lists)
  affinity  the chart's own
  pod       further fields of the pod
  ingress   further rules of the network policy (list)
*/}}
{{- define "aqtra.service" -}}
{{- $root := .root -}}
{{- $me := dict "root" $root "name" $root.Chart.Name -}}
{{- $name := include "aqtra.name" $root -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  labels:
    {{- include "aqtra.labels" $me | nindent 4 }}
automountServiceAccountToken: false
---
{{ include "aqtra.configMap" . }}
---
# Without an address of its own: callers see every pod that is ready and share their calls among them.
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels:
    {{- include "aqtra.labels" $me | nindent 4 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: false
  selector:
    {{- include "aqtra.selector" $me | nindent 4 }}
  ports:
    - {name: grpc, port: 9443, targetPort: grpc, appProtocol: grpc}
    - {name: metrics, port: 9444, targetPort: metrics, appProtocol: https}
---
{{ include "aqtra.deployment" . }}
{{- if $root.Values.pdb.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels:
    {{- include "aqtra.labels" $me | nindent 4 }}
spec:
  maxUnavailable: {{ $root.Values.pdb.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "aqtra.selector" $me | nindent 6 }}
{{- end }}
{{- with $root.Values.autoscaling }}
{{- if .enabled }}
{{- if lt (int .maxReplicas) (int .minReplicas) }}
{{- fail (printf "\n\n%s.autoscaling: maxReplicas (%d) is below minReplicas (%d)." $root.Chart.Name (int .maxReplicas) (int .minReplicas)) }}
{{- end }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels:
    {{- include "aqtra.labels" $me | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $name }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .targetCPUUtilization }}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
{{- end }}
{{- end }}
{{- if (include "aqtra.global" $root | fromYaml).networkPolicy.enabled }}
---
{{ include "aqtra.networkPolicy" . }}
{{- end }}
{{- end -}}

{{/*
The settings of a service that are no secret. AQTRA_PEER_PATIENCE is longer than it takes to learn of a new pod (addresses are looked
up every 4 s) and to connect to it.
*/}}
{{- define "aqtra.configMap" -}}
{{- $root := .root -}}
{{- $global := include "aqtra.global" $root | fromYaml -}}
{{- $settings := dict
  "AQTRA_LOG_LEVEL" $global.log.level
  "AQTRA_LOG_FORMAT" "json"
  "AQTRA_TRACE_RATIO" (toString $global.tracing.ratio)
  "AQTRA_PEER_PATIENCE" "5s"
  "AQTRA_TLS_CERT_FILE" "/etc/aqtra/tls/tls.crt"
  "AQTRA_TLS_KEY_FILE" "/etc/aqtra/tls/tls.key"
  "AQTRA_TLS_CA_FILE" "/etc/aqtra/tls/ca.crt" -}}
{{- if $global.tracing.endpoint -}}
{{- $_ := set $settings "AQTRA_OTLP_ENDPOINT" $global.tracing.endpoint -}}
{{- if $global.tracing.existingSecret -}}
{{- $_ := set $settings "AQTRA_OTLP_CA_FILE" "/etc/aqtra/tracing/ca.crt" -}}
{{- end -}}
{{- end -}}
{{- range (include "aqtra.callees" $root | fromYaml).names -}}
{{- $_ := set $settings (printf "%s_ADDRESS" (include "aqtra.prefix" .)) (printf "%s-%s:9443" (include "aqtra.fullname" $root) .) -}}
{{- end -}}
{{- $settings = merge $settings (.settings | default dict) -}}
{{- range $key, $value := $root.Values.env -}}
{{- if hasKey $settings $key -}}
{{- fail (printf "\n\n%s.env: the chart sets %s itself." $root.Chart.Name $key) -}}
{{- end -}}
{{- if kindIs "float64" $value }}{{ $value = toJson $value }}{{ end -}}
{{- $_ := set $settings $key (toString $value) -}}
{{- end -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "aqtra.name" $root }}
  labels:
    {{- include "aqtra.labels" (dict "root" $root "name" $root.Chart.Name) | nindent 4 }}
data:
  {{- range $key, $value := $settings }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
{{- end -}}

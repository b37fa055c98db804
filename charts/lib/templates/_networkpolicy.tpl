{{/* The network policy of a service: who may reach it follows the table of calls, and so does whom it may reach. */}}
{{- define "aqtra.networkPolicy" -}}
{{- $root := .root -}}
{{- $global := include "aqtra.global" $root | fromYaml -}}
{{- $policy := $global.networkPolicy -}}
{{- $service := $root.Chart.Name -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "aqtra.name" $root }}
  labels:
    {{- include "aqtra.labels" (dict "root" $root "name" $service) | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "aqtra.selector" (dict "root" $root "name" $service) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - {port: grpc, protocol: TCP}
      from:
        {{- range index (include "aqtra.callers" $root | fromYaml) $service }}
        - podSelector:
            matchLabels:
              {{- include "aqtra.selector" (dict "root" $root "name" .) | nindent 14 }}
        {{- end }}
    - ports:
        - {port: metrics, protocol: TCP}
      from:
        # Of `helm test`.
        - podSelector:
            matchLabels:
              {{- include "aqtra.selector" (dict "root" $root "name" "test") | nindent 14 }}
        {{- with $policy.metrics }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .ingress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  egress:
    {{- include "aqtra.egressToDNS" $root | nindent 4 }}
    - ports:
        - {port: 9443, protocol: TCP}
      to:
        {{- range (include "aqtra.callees" $root | fromYaml).names }}
        - podSelector:
            matchLabels:
              {{- include "aqtra.selector" (dict "root" $root "name" .) | nindent 14 }}
        {{- end }}
    {{- if .postgres }}
    {{- include "aqtra.egressToPostgres" $root | nindent 4 }}
    {{- include "aqtra.egressToRedis" $root | nindent 4 }}
    {{- end }}
    {{- if $global.tracing.endpoint }}
    - ports:
        - {port: {{ regexFind "[0-9]+$" $global.tracing.endpoint }}, protocol: TCP}
      {{- with $policy.tracing }}
      to:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
    {{- with .egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "aqtra.egressToDNS" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
  {{- with (include "aqtra.global" . | fromYaml).networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Of a trial: to its Postgres. Else: to where networkPolicy.postgres says, or anywhere at the port. */}}
{{- define "aqtra.egressToPostgres" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
- ports:
    - {port: {{ ternary 5432 $global.postgres.port $global.trial.enabled }}, protocol: TCP}
  {{- if $global.trial.enabled }}
  to:
    - podSelector:
        matchLabels:
          {{- include "aqtra.selector" (dict "root" . "name" "postgres") | nindent 10 }}
  {{- else if $global.networkPolicy.postgres }}
  to:
    {{- toYaml $global.networkPolicy.postgres | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "aqtra.egressToRedis" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
{{- if eq (include "aqtra.usesRedis" .) "true" -}}
- ports:
    - {port: {{ ternary 6379 $global.redis.port $global.trial.enabled }}, protocol: TCP}
  {{- if $global.trial.enabled }}
  to:
    - podSelector:
        matchLabels:
          {{- include "aqtra.selector" (dict "root" . "name" "redis") | nindent 10 }}
  {{- else if $global.networkPolicy.redis }}
  to:
    {{- toYaml $global.networkPolicy.redis | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

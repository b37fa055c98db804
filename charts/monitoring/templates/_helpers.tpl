{{- define "monitoring.namespace" -}}
{{- .Values.platform.namespace | default .Release.Namespace -}}
{{- end }}

{{/* What the names of the platform's objects begin with. */}}
{{- define "monitoring.fullname" -}}
{{- .Values.platform.fullname | default .Values.platform.release -}}
{{- end }}

{{/* The name of the installation in the label "platform" of all its metrics and alerts. */}}
{{- define "monitoring.platform" -}}
{{ include "monitoring.namespace" . }}/{{ include "monitoring.fullname" . }}
{{- end }}

{{- define "monitoring.services" -}}
{{ list "gateway" "component-library" "workflow" "dataflow" "storage" "python-runner" | toJson }}
{{- end }}

{{- define "monitoring.labels" -}}
app.kubernetes.io/name: monitoring
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: monitoring
app.kubernetes.io/part-of: aqtra
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* A file of rules for this installation. Argument: a dict of root and file. */}}
{{- define "monitoring.rules" -}}
{{- $platform := include "monitoring.platform" .root -}}
{{- $namespace := include "monitoring.namespace" .root -}}
{{- $text := .root.Files.Get .file
  | replace `platform="aqtra"` (printf `platform="%s"` $platform)
  | replace `platform: aqtra}` (printf `platform: "%s", namespace: "%s"}` $platform $namespace)
  | replace `namespace="aqtra"` (printf `namespace="%s"` $namespace)
  | replace `pod=~"aqtra-.*"` (printf `pod=~"%s-.*"` (include "monitoring.fullname" .root))
  | replace "runbook_url: RUNBOOK.md" (printf "runbook_url: %s" .root.Values.runbook) -}}
{{- /* Alerts are proven with this interval; the Prometheus that reads them may have another. */ -}}
{{- regexReplaceAll `(?m)^  - name: (.*)$` $text (printf "  - name: ${1}\n    interval: %s" .root.Values.scrape.interval) }}
{{- end }}

{{/* The text of a notification, with one line as one line. */}}
{{- define "monitoring.text" -}}
{{- .root.Files.Get (printf "notify/%s.tmpl" .name) | trim | toJson }}
{{- end }}

{{- define "monitoring.told" -}}
{{- with .Values.alertmanager }}
{{- if or .slack.enabled .email.enabled }}
{{- if and (not .existingSecret) (or .slack.enabled .email.username .email.caKey) }}
{{- fail "alertmanager.existingSecret must name the secret with the Slack address or the mail password" }}
{{- end }}
{{- if and .email.enabled (not (and .email.to .email.from .email.smarthost)) }}
{{- fail "alertmanager.email needs to, from and smarthost" }}
{{- end }}
{{- true }}
{{- end }}
{{- end }}
{{- end }}

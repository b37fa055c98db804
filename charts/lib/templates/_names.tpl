{{/*
All templates take the chart's root context, unless they say otherwise. Names of templates begin with "aqtra.".

The values that all charts share, with their defaults. A chart of Helm sees of its parent's values only `global`.
*/}}
{{- define "aqtra.global" -}}
{{- $given := deepCopy (.Values.global | default dict) -}}
{{- mustMergeOverwrite (include "aqtra.globalDefaults" . | fromYaml) $given | toYaml -}}
{{- end -}}

{{- define "aqtra.globalDefaults" -}}
fullnameOverride: ""
image:
  registry: ""
  tag: ""
  pullPolicy: IfNotPresent
  pullSecrets: []
trial:
  enabled: false
postgres:
  existingSecret: ""
  port: 5432
redis:
  existingSecret: ""
  port: 6379
public:
  url: https://localhost:8443
  hosts: []
  existingSecret: ""
certificates:
  mode: built-in
  issuerRef: {}
  publicIssuerRef: {}
  duration: 720h
  renewBefore: 240h
admin:
  existingSecret: ""
secrets:
  keep: null
log:
  level: info
tracing:
  endpoint: ""
  existingSecret: ""
  ratio: 0.05
networkPolicy:
  enabled: true
  dns:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
  metrics:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: monitoring
  public: []
  postgres: []
  redis: []
  tracing: []
{{- end -}}

{{/* The name of the installation, which the names of all its objects begin with. */}}
{{- define "aqtra.fullname" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
{{- $name := $global.fullnameOverride | default .Release.Name -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "\n\nThe name %q cannot be used: Kubernetes wants names of Services to begin with a lower-case letter and to hold only lower-case letters, digits and dashes. Choose another release name, or set global.fullnameOverride." $name) -}}
{{- end -}}
{{- if gt (len $name) 39 -}}
{{- fail (printf "\n\nThe name %q has %d characters, and at most 39 are possible: the longest name made from it, CronJob %s-certificates, may have 52 in Kubernetes. Choose a shorter release name, or set global.fullnameOverride." $name (len $name) $name) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* The name of this chart's objects: <fullname>-<service>. */}}
{{- define "aqtra.name" -}}
{{ include "aqtra.fullname" . }}-{{ .Chart.Name }}
{{- end -}}

{{/* Labels that select the pods of a component; they never change. Takes a dict of root and name. */}}
{{- define "aqtra.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Labels of all objects. Takes a dict of root and name. */}}
{{- define "aqtra.labels" -}}
{{ include "aqtra.selector" . }}
app.kubernetes.io/component: {{ .name }}
app.kubernetes.io/part-of: aqtra
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The reference of an image. Takes a dict of root, name, and image: a full reference that goes before what global.image says. */}}
{{- define "aqtra.image" -}}
{{- $global := include "aqtra.global" .root | fromYaml -}}
{{- if .image -}}
{{- .image -}}
{{- else -}}
{{- with $global.image.registry }}{{ trimSuffix "/" . }}/{{ end }}aqtra/{{ .name }}:{{ $global.image.tag | default .root.Chart.AppVersion -}}
{{- end -}}
{{- end -}}

{{/* Whether keys and data stay when the release is removed: "true" or "". */}}
{{- define "aqtra.keep" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
{{- if kindIs "invalid" $global.secrets.keep -}}
{{- if not $global.trial.enabled }}true{{ end -}}
{{- else if $global.secrets.keep }}true{{ end -}}
{{- end -}}

{{/* The prefix of a service's settings: AQTRA_PYTHON_RUNNER for python-runner. Takes the service's name. */}}
{{- define "aqtra.prefix" -}}
AQTRA_{{ . | upper | replace "-" "_" }}
{{- end -}}

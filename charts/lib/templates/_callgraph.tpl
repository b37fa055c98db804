{{/*
Who may call a service: the same table as Callers in pkg/rpc/peer.go, which a test compares. Network policies and addresses of
peers are made from it.
*/}}
{{- define "aqtra.callers" -}}
gateway: [gateway, workflow, dataflow]
component-library: [gateway, workflow, dataflow, storage, python-runner]
workflow: [gateway, component-library, dataflow, storage]
dataflow: [gateway, component-library, workflow, python-runner]
storage: [gateway, component-library, workflow, dataflow, python-runner]
python-runner: [gateway, component-library, workflow, dataflow]
{{- end -}}

{{/* The services that this chart's service calls, as a YAML list under `names`. */}}
{{- define "aqtra.callees" -}}
{{- $me := .Chart.Name -}}
{{- $names := list -}}
{{- range $service, $callers := include "aqtra.callers" . | fromYaml -}}
{{- if has $me $callers }}{{ $names = append $names $service }}{{ end -}}
{{- end -}}
{{- dict "names" $names | toYaml -}}
{{- end -}}

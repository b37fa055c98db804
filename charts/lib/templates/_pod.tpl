{{/* What Pod Security `restricted` asks of a pod. 65532 is the user of all images; the group may read mounted secrets. */}}
{{- define "aqtra.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- $global := include "aqtra.global" . | fromYaml }}
{{- with $global.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What it asks of a container. The last lines a program wrote become its reason in `kubectl describe`. */}}
{{- define "aqtra.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
terminationMessagePolicy: FallbackToLogsOnError
{{- end -}}

{{/*
Where the scheduler puts pods. Pods of one service spread over nodes and zones as far as these have room.
Takes a dict of root, name, and affinity: the chart's own, which goes before the user's.
*/}}
{{- define "aqtra.scheduling" -}}
{{- $values := .root.Values -}}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with mustMergeOverwrite (dict) ($values.affinity | default dict) (.affinity | default dict) }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  {{- $selector := include "aqtra.selector" . }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
    # Only pods of the same revision count: those that a rolling update is about to remove do not.
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end -}}

{{/* The probes of a service: /healthz while the process lives, /readyz while it can serve. The kubelet does not verify certificates. */}}
{{- define "aqtra.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: metrics, scheme: HTTPS}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: metrics, scheme: HTTPS}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: metrics, scheme: HTTPS}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}

{{/*
What can be known to be wrong before anything changes. Secrets are looked for only where the cluster can be asked: its namespaces
have a service account `default`; `helm template` sees none.
*/}}
{{- define "platform.check" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
{{- if $global.trial.enabled -}}
{{- if $global.postgres.existingSecret -}}
{{- fail "\n\nglobal.postgres.existingSecret names a Postgres of yours, but global.trial.enabled asks for one of the trial's own. Unset one of them." -}}
{{- end -}}
{{- if $global.redis.existingSecret -}}
{{- fail "\n\nglobal.redis.existingSecret names a Redis of yours, but global.trial.enabled asks for one of the trial's own. Unset one of them." -}}
{{- end -}}
{{- if ne $global.certificates.mode "built-in" -}}
{{- fail "\n\nA trial makes its certificates itself: global.certificates.mode must be built-in with global.trial.enabled." -}}
{{- end -}}
{{- else if not $global.postgres.existingSecret -}}
{{- fail "\n\nThere is no Postgres: name a secret with its address in global.postgres.existingSecret, or set global.trial.enabled=true to try Aqtra with a Postgres of its own." -}}
{{- end -}}
{{- if and (eq $global.certificates.mode "built-in") (or $global.certificates.issuerRef $global.certificates.publicIssuerRef) -}}
{{- fail "\n\nglobal.certificates names an issuer, which is used only with global.certificates.mode=cert-manager." -}}
{{- end -}}
{{- if not (index (urlParse $global.public.url) "hostname") -}}
{{- fail (printf "\n\nglobal.public.url %q names no host." $global.public.url) -}}
{{- end -}}
{{- if lookup "v1" "ServiceAccount" .Release.Namespace "default" -}}
{{- include "platform.checkSecret" (dict "root" . "value" "global.postgres.existingSecret" "name" $global.postgres.existingSecret "keys" (list "url")) -}}
{{- include "platform.checkSecret" (dict "root" . "value" "global.redis.existingSecret" "name" $global.redis.existingSecret "keys" (list "url" "ca.crt")) -}}
{{- include "platform.checkSecret" (dict "root" . "value" "global.public.existingSecret" "name" $global.public.existingSecret "keys" (list "tls.crt" "tls.key")) -}}
{{- include "platform.checkSecret" (dict "root" . "value" "global.admin.existingSecret" "name" $global.admin.existingSecret "keys" (list "email" "password")) -}}
{{- include "platform.checkSecret" (dict "root" . "value" "global.tracing.existingSecret" "name" $global.tracing.existingSecret "keys" (list "ca.crt")) -}}
{{- end -}}
{{- end -}}

{{/* Takes a dict of root, value (the setting that names it), name and keys. */}}
{{- define "platform.checkSecret" -}}
{{- if .name -}}
{{- $secret := lookup "v1" "Secret" .root.Release.Namespace .name -}}
{{- if not $secret -}}
{{- fail (printf "\n\n%s names the secret %q, but namespace %s has none of that name." .value .name .root.Release.Namespace) -}}
{{- end -}}
{{- range .keys -}}
{{- if not (hasKey ($secret.data | default dict) .) -}}
{{- fail (printf "\n\n%s names the secret %q, which has no key %q." $.value $.name .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The host names of the public certificate, as a YAML list under `hosts`. */}}
{{- define "platform.hosts" -}}
{{- $global := include "aqtra.global" . | fromYaml -}}
{{- $hosts := prepend $global.public.hosts (index (urlParse $global.public.url) "hostname") -}}
{{- dict "hosts" ($hosts | uniq) | toYaml -}}
{{- end -}}

{{/* The names of something within the cluster, as a YAML list under `names`. Takes a dict of root and name. */}}
{{- define "platform.clusterNames" -}}
{{- $ns := .root.Release.Namespace -}}
{{- dict "names" (list .name (printf "%s.%s" .name $ns) (printf "%s.%s.svc" .name $ns) (printf "%s.%s.svc.cluster.local" .name $ns)) | toYaml -}}
{{- end -}}

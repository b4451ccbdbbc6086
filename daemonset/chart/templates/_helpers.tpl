{{- define "plumbline.selector" -}}
app.kubernetes.io/name: plumbline
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "plumbline.labels" -}}
{{ include "plumbline.selector" . }}
app.kubernetes.io/component: agent
app.kubernetes.io/part-of: plumbline
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "plumbline.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "plumbline.port" -}}
{{ regexFind "[0-9]+$" .Values.listen }}
{{- end }}

{{- define "plumbline.publish" -}}
{{- $what := list -}}
{{- if .Values.publish.report }}{{ $what = append $what "report" }}{{ end -}}
{{- if .Values.publish.events }}{{ $what = append $what "events" }}{{ end -}}
{{- if .Values.publish.openReports }}{{ $what = append $what "openreports" }}{{ end -}}
{{- if .Values.publish.readiness }}{{ $what = append $what "readiness" }}{{ end -}}
{{ join "," $what }}
{{- end }}

{{- /* Are profiles loaded? */}}
{{- define "plumbline.loads" -}}
{{- if or .Values.appArmor.configMap .Values.appArmor.objects }}true{{ end -}}
{{- end }}

{{- /* securityfs keeps its own mode below /host, unless what is mounted there is read-only too. A node whose kernel has none can have no mount of it. */}}
{{- define "plumbline.securityfs" -}}
{{- if or .Values.appArmor.configMap (and .Values.appArmor.objects (has .Values.hostRoot.recursiveReadOnly (list "IfPossible" "Enabled"))) }}true{{ end -}}
{{- end }}

{{- /* What the operator does with each agent, whichever of its objects says so. */}}
{{- define "plumbline.scrape" -}}
- port: https
  scheme: https
  path: /metrics
  interval: 30s
  # a Secret with a token of the account that may read /metrics
  authorization:
    credentials: {name: {{ .Release.Name }}-metrics-token, key: token}
  tlsConfig:
    {{- if .Values.tls.existingSecret }}
    ca: {secret: {name: {{ .Values.tls.existingSecret }}, key: ca.crt}}
    serverName: {{ .Release.Name }}
    {{- else }}
    # the certificate is made at start, and nobody has signed it; tls.existingSecret names a better one
    insecureSkipVerify: true
    {{- end }}
  relabelings:
    - sourceLabels: [__meta_kubernetes_pod_node_name]
      targetLabel: node
{{- end }}

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
{{ join "," $what }}
{{- end }}

// Package charts keeps the schemas of the charts' values, and its tests say what every rendered manifest must be.
package charts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

type schema = map[string]any

// object allows only the properties named: a typo is refused.
func object(properties schema) schema {
	return schema{"type": "object", "additionalProperties": false, "properties": properties}
}

func list(items schema) schema { return schema{"type": "array", "items": items} }

func oneOf(values ...string) schema { return schema{"enum": values} }

func orNull(s schema) schema {
	s = maps.Clone(s)
	s["type"] = []any{s["type"], "null"}
	return s
}

func number(least, most int) schema {
	return schema{"type": "integer", "minimum": least, "maximum": most}
}

func pattern(p string) schema { return schema{"type": "string", "pattern": p} }

var (
	text     = schema{"type": "string"}
	boolean  = schema{"type": "boolean"}
	anything = schema{"type": "object"}
	names    = schema{"type": "object", "additionalProperties": schema{"type": "string"}}
	quantity = schema{"type": []any{"string", "number"}, "pattern": `^[0-9.]+(m|k|M|G|T|Ki|Mi|Gi|Ti)?$`}
	duration = pattern(`^([0-9]+(h|m|s))+$`)
	// A secret, or none.
	secret = pattern(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$`)
	peers  = list(object(schema{"podSelector": anything, "namespaceSelector": anything, "ipBlock": anything}))
	issuer = object(schema{"name": text, "kind": text, "group": text})
)

func resources() schema {
	amounts := object(schema{"cpu": quantity, "memory": quantity, "ephemeral-storage": quantity})
	return object(schema{"requests": amounts, "limits": amounts})
}

// global is what all charts share.
func global() schema {
	port := number(1, 65535)
	return object(schema{
		"fullnameOverride": text,
		"image": object(schema{
			"registry": text, "tag": text, "pullPolicy": oneOf("IfNotPresent", "Always", "Never"),
			"pullSecrets": list(object(schema{"name": text})),
		}),
		"trial":        object(schema{"enabled": boolean}),
		"postgres":     object(schema{"existingSecret": secret, "port": port}),
		"redis":        object(schema{"existingSecret": secret, "port": port}),
		"public":       object(schema{"url": pattern(`^https://[^/?#]+/?$`), "hosts": list(pattern(`^[-a-zA-Z0-9.:*]+$`)), "existingSecret": secret}),
		"certificates": object(schema{"mode": oneOf("built-in", "cert-manager"), "issuerRef": issuer, "publicIssuerRef": issuer, "duration": duration, "renewBefore": duration}),
		"admin":        object(schema{"existingSecret": secret}),
		"secrets":      object(schema{"keep": orNull(boolean)}),
		"log":          object(schema{"level": oneOf("debug", "info", "warn", "error")}),
		"tracing": object(schema{
			"endpoint": pattern(`^(.+:[0-9]+)?$`), "existingSecret": secret, "ratio": schema{"type": "number", "minimum": 0, "maximum": 1},
		}),
		"networkPolicy": object(schema{
			"enabled": boolean, "dns": peers, "metrics": peers, "public": peers, "postgres": peers, "redis": peers, "tracing": peers,
		}),
	})
}

// service returns the schema of a service's values; settings are those that its `env` may name.
func service(name string, settings []setting) schema {
	env := schema{}
	for _, s := range settings {
		env[s.Name] = schema{"type": []any{"string", "number", "boolean"}, "description": s.Doc}
	}
	properties := schema{
		"global": global(), "aqtra-lib": anything,
		"image":                         text,
		"replicas":                      orNull(number(1, 100)),
		"resources":                     resources(),
		"autoscaling":                   object(schema{"enabled": boolean, "minReplicas": number(1, 100), "maxReplicas": number(1, 1000), "targetCPUUtilization": number(1, 10000)}),
		"pdb":                           object(schema{"enabled": boolean, "maxUnavailable": schema{"type": []any{"integer", "string"}, "minimum": 1, "pattern": "^[0-9]+%$"}}),
		"env":                           object(env),
		"terminationGracePeriodSeconds": number(1, 3600),
		"podLabels":                     names, "podAnnotations": names, "nodeSelector": names,
		"tolerations": list(anything), "affinity": anything, "priorityClassName": text,
	}
	switch name {
	case "gateway":
		properties["service"] = object(schema{
			"type": oneOf("ClusterIP", "NodePort", "LoadBalancer"), "port": number(1, 65535), "nodePort": orNull(number(1, 65535)),
			"annotations": names, "externalTrafficPolicy": oneOf("Cluster", "Local"), "loadBalancerSourceRanges": list(text),
		})
		properties["ingress"] = object(schema{
			"enabled": boolean, "className": text, "annotations": names, "hosts": list(text), "tlsSecret": secret,
		})
	case "storage":
		properties["files"] = object(schema{
			"existingClaim": text, "size": quantity, "storageClassName": orNull(text), "accessMode": oneOf("ReadWriteOnce", "ReadWriteMany"),
			"s3": object(schema{
				"bucket": text, "prefix": text, "endpoint": pattern("^(https://.+)?$"), "region": text, "pathStyle": boolean,
				"existingSecret": secret, "caSecret": secret, "networkPolicy": list(anything),
			}),
		})
	case "workflow":
		properties["egress"] = object(schema{"internet": boolean, "allow": list(pattern(`^[0-9a-fA-F.:]+/[0-9]+$`)), "ports": list(number(1, 65535))})
		properties["mail"] = object(schema{
			"existingSecret": secret, "caSecret": secret, "from": text, "tls12": boolean, "perHour": number(1, 1_000_000),
			"ports": list(number(1, 65535)), "networkPolicy": list(anything),
		})
	case "python-runner":
		properties["runtimeClassName"], properties["gvisor"] = text, boolean
	}
	return object(properties)
}

func trial() schema {
	part := func(more schema) schema {
		properties := schema{"image": text, "size": quantity, "storageClassName": orNull(text), "resources": resources()}
		maps.Copy(properties, more)
		return object(properties)
	}
	return object(schema{
		"global": global(), "aqtra-lib": anything,
		"postgres":     part(schema{"maxConnections": number(50, 10000)}),
		"redis":        part(nil),
		"nodeSelector": names, "tolerations": list(anything), "affinity": anything,
	})
}

// platform leaves the values of each service to that service's schema.
func platform() schema {
	properties := schema{
		"global": global(), "aqtra-lib": anything,
		"setup": object(schema{
			"image": text, "schedule": text, "timeoutSeconds": number(10, 86400), "resources": resources(),
			"nodeSelector": names, "tolerations": list(anything),
		}),
		"trial": anything,
	}
	for _, name := range services {
		properties[name] = anything
	}
	return object(properties)
}

var services = []string{"gateway", "component-library", "workflow", "dataflow", "storage", "python-runner"}

// render is the file of a schema.
func render(title string, s schema) ([]byte, error) {
	s = maps.Clone(s)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = title
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(s)
	return b.Bytes(), err
}

// setting is one line of a program's --help.
type setting struct {
	Name, Doc string
	Secret    bool
}

var settingLine = regexp.MustCompile(`(?m)^  (AQTRA_[A-Z0-9_]+) \(([^)]*)\)\n {8}(.*)$`)

// help asks a service's program for its settings.
func help(bin, service string) ([]setting, error) {
	out, err := exec.Command(filepath.Join(bin, service), "--help").Output()
	if err != nil {
		return nil, fmt.Errorf("ask %s for its settings: %w", service, err)
	}
	var found []setting
	for _, m := range settingLine.FindAllStringSubmatch(string(out), -1) {
		found = append(found, setting{Name: m[1], Doc: m[3] + " (" + m[2] + ")", Secret: strings.Contains(m[2], "secret")})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s --help lists no settings", service)
	}
	return found, nil
}

// ours are settings that are not the user's to set: what the chart sets itself or the images fix.
var ours = regexp.MustCompile(`_ADDRESS$|_LISTEN$|^AQTRA_TLS_|^AQTRA_CERTS_DIR$|^AQTRA_LOG_|^AQTRA_OTLP_|^AQTRA_TRACE_RATIO$|^AQTRA_PUBLIC_|^AQTRA_HOSTS$|` +
	`^AQTRA_ADMIN_|^AQTRA_REDIS_|^AQTRA_STORAGE_(KEY_FILE|CREATE_KEY|FILES_URL)$|_SANDBOXED_BY$|_EGRESS_|_SANDBOX_PYTHON$|_LAUNCHER$|_UID$|_UI_DS$`)

// Schemas returns the file values.schema.json of every chart; bin is the folder of the services' programs.
func Schemas(bin string) (map[string][]byte, error) {
	files := map[string]schema{"trial": trial(), "platform": platform()}
	for _, name := range services {
		settings, err := help(bin, name)
		if err != nil {
			return nil, err
		}
		settings = slices.DeleteFunc(settings, func(s setting) bool { return s.Secret || ours.MatchString(s.Name) })
		files[name] = service(name, settings)
	}
	texts := make(map[string][]byte, len(files))
	for name, s := range files {
		b, err := render("Values of the chart "+name, s)
		if err != nil {
			return nil, err
		}
		texts[name] = b
	}
	return texts, nil
}

// find returns the path of a program: in the folder that the environment variable names, in the project's .bin, or on the PATH.
func find(variable, program string) (string, error) {
	for _, path := range []string{os.Getenv(variable), filepath.Join("..", "..", ".bin", program)} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err == nil {
			return filepath.Abs(path)
		}
	}
	return exec.LookPath(program)
}

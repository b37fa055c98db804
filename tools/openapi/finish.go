package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
)

const about = `The API of Aqtra. REST and gRPC are the same API on the same port: what is here by path is there as a method, in the
packages aqtra.*.v1, with reflection on.

Sign in with POST /v1/sessions: browsers get a cookie; with "returnToken": true the answer holds a token for
"Authorization: Bearer". API keys go the same way. The tenant follows from the credential.

64-bit integers and decimals are strings, enums are names, times are RFC 3339 in UTC. Unknown fields and parameters are
refused. Every error has one form; its "reason" is for programs, its "violations" name the fields at fault. Updates change the
fields named in "updateMask", a list of field paths separated by commas, written as in the proto files ("display_name").`

// finish makes the final document of the merged parts.
func finish(doc object, rules map[string]*authzv1.Rule) (object, error) {
	paths, schemas := asObject(doc["paths"]), asObject(doc["schemas"])
	fixValues(schemas)
	flatten(schemas)
	used := make(map[string]bool)
	addFiles(paths)
	for path, item := range paths {
		for verb, op := range asObject(item) {
			op := asObject(op)
			id := asString(op["operationId"])
			rule := rules[id]
			if rule == nil {
				return nil, fmt.Errorf("%s %s (%s) is not public", verb, path, id)
			}
			finishOperation(op, rule)
			for _, t := range op["tags"].([]any) {
				used[asString(t)] = true
			}
		}
	}
	flatten(paths)
	schemas["Error"] = errorSchema()
	return object{
		"openapi": "3.1.0",
		"info":    object{"title": "Aqtra API", "version": "v1", "description": about},
		"servers": []any{object{"url": "/"}},
		"tags":    usedTags(doc["tags"].([]any), used),
		"paths":   paths,
		"components": object{
			"schemas": reachable(paths, schemas),
			"responses": object{"Error": object{
				"description": "The request was refused.",
				"content":     object{"application/json": object{"schema": ref("Error")}},
			}},
			"securitySchemes": object{
				"cookie": object{"type": "apiKey", "in": "cookie", "name": "__Host-aqtra", "description": "Session of a browser, set at sign-in."},
				"bearer": object{"type": "http", "scheme": "bearer", "description": "Session token or API key."},
			},
		},
		"security": []any{object{"bearer": []any{}}, object{"cookie": []any{}}},
	}, nil
}

// fixValues makes typed values what they are at the edge.
func fixValues(schemas object) {
	schemas["aqtra.type.v1.Value"] = object{
		"description": "Any JSON: null, true, 12, \"text\", a list or an object. Decimals are strings (\"12.5\") so that no reader loses " +
			"digits, integers beyond 2^53 likewise; dates are \"2026-01-31\", times \"13:05:00\", datetimes RFC 3339 with \"Z\", bytes base64.",
	}
	schemas["aqtra.type.v1.ListValue"] = object{"type": "array", "items": ref("aqtra.type.v1.Value")}
	schemas["aqtra.type.v1.MapValue"] = object{"type": "object", "additionalProperties": ref("aqtra.type.v1.Value")}
}

// flatten says in words what the generator says of oneofs in nested schemas, which tools and people both fail to read.
func flatten(v any) {
	switch v := v.(type) {
	case object:
		if all, ok := v["oneOf"].([]any); ok && v["properties"] != nil {
			if names := alternatives(all); len(names) > 0 {
				delete(v, "oneOf")
				v["description"] = strings.TrimSpace(asString(v["description"]) + "\n\nAt most one of these is set: " + strings.Join(names, ", ") + ".")
			}
		}
		for _, x := range v {
			flatten(x)
		}
	case []any:
		for _, x := range v {
			flatten(x)
		}
	}
}

func alternatives(all []any) []string {
	var names []string
	for _, one := range all {
		required, _ := asObject(one)["required"].([]any)
		if len(required) == 1 {
			names = append(names, asString(required[0]))
		}
	}
	return names
}

func finishOperation(op object, rule *authzv1.Rule) {
	op["responses"].(object)["default"] = object{"$ref": "#/components/responses/Error"}
	switch a := rule.GetAccess().(type) {
	case *authzv1.Rule_Public:
		op["security"] = []any{}
	case *authzv1.Rule_Permission:
		op["x-permission"] = a.Permission
	}
	if id := asString(op["operationId"]); strings.HasPrefix(asString(op["summary"]), methodName(id)+" ") {
		op["summary"] = sentence(strings.TrimPrefix(asString(op["summary"]), methodName(id)+" "))
	}
	params, _ := op["parameters"].([]any)
	for _, p := range params {
		p := asObject(p)
		switch p["name"] {
		case "requestId":
			asObject(p["schema"])["maxLength"] = 100
		case "pageSize":
			asObject(p["schema"])["minimum"] = 0
		case "updateMask":
			p["description"] = strings.TrimSpace(asString(p["description"]) + " Field paths as in the proto files, separated by commas.")
		}
	}
	// A stream is a line of JSON per message.
	ok := asObject(asObject(op["responses"])["200"])
	if content := asObject(ok["content"]); strings.Contains(asString(ok["description"]), "(streaming responses)") {
		ok["description"] = strings.TrimSpace(strings.ReplaceAll(asString(ok["description"]), "(streaming responses)", "")) + " One line of JSON each."
		content["application/x-ndjson"] = content["application/json"]
		delete(content, "application/json")
		if asString(op["operationId"]) == "Entries_ExportEntries" { // not in pieces, but the text itself
			content["application/x-ndjson"] = object{"schema": ref("aqtra.storage.v1.Entry")}
			content["text/csv"] = object{"schema": object{"type": "string"}}
		}
		// Who asks for events by "Accept" gets each message as the data of one.
		if asString(op["operationId"]) == "Changes_WatchChanges" {
			content["text/event-stream"] = map[string]any{"schema": map[string]any{"type": "string"}}
		}
	}
}

func methodName(id string) string {
	_, name, _ := strings.Cut(id, "_")
	return name
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func errorSchema() object {
	text := object{"type": "string"}
	return object{
		"type": "object", "required": []any{"error"}, "description": "How every refused request is answered.",
		"properties": object{"error": object{
			"type": "object", "required": []any{"code", "status", "reason", "message"},
			"properties": object{
				"code":    object{"type": "integer", "description": "HTTP status."},
				"status":  object{"type": "string", "description": "gRPC status, such as NOT_FOUND."},
				"reason":  object{"type": "string", "description": "Why, for programs.", "enum": reasons()},
				"message": object{"type": "string", "description": "Why, for people."},
				"details": object{"type": "object", "additionalProperties": text},
				"violations": object{"type": "array", "items": object{
					"type": "object", "required": []any{"field", "description"},
					"properties": object{"field": object{"type": "string", "description": "Path of the field, such as entry.fields.total."}, "description": text},
				}},
			},
		}},
	}
}

// addFiles adds what has no JSON form.
func addFiles(paths object) {
	bytes := object{"schema": object{"type": "string", "format": "binary"}}
	paths["/v1/files:upload"] = object{"post": object{
		"tags": []any{"Files"}, "operationId": "Files_UploadFile",
		"summary":     "Stores a file.",
		"description": "The body is the file itself, with its own content type. It is streamed; Content-Length, if given, must hold.",
		"parameters": []any{object{
			"name": "name", "in": "query", "required": true, "description": "Name of the file.",
			"schema": object{"type": "string", "minLength": 1, "maxLength": 1024},
		}, object{
			"name": "folder", "in": "query", "description": "Path of the folder that it goes into, such as \"reports/2026\"; none when absent.",
			"schema": object{"type": "string", "maxLength": 1000},
		}},
		"requestBody": object{"required": true, "content": object{"*/*": bytes}},
		"responses": object{"200": object{
			"description": "File describes a stored file.", "content": object{"application/json": object{"schema": ref("aqtra.storage.v1.File")}},
		}},
	}}
	paths["/v1/uploads/{upload}:part"] = object{"put": object{
		"tags": []any{"Files"}, "operationId": "Files_UploadPart",
		"summary":     "Stores the next part of an upload.",
		"description": "The body is the part itself: as many bytes as partSize says, and of the last part those that are left. A part that does not arrive in full is not stored.",
		"parameters": []any{
			object{"name": "upload", "in": "path", "required": true, "schema": object{"type": "string"}},
			object{"name": "offset", "in": "query", "required": true, "description": "Where the part begins: how much has arrived.", "schema": object{"type": "integer", "minimum": 0}},
		},
		"requestBody": object{"required": true, "content": object{"*/*": bytes}},
		"responses": object{"200": object{
			"description": "Upload is a file that arrives in parts.", "content": object{"application/json": object{"schema": ref("aqtra.storage.v1.Upload")}},
		}},
	}}
	paths["/v1/published/openapi.json"] = object{"get": object{
		"tags": []any{"Published"}, "operationId": "ApiDocuments_GetApiDocument",
		"summary":     "Returns the OpenAPI document of your own apps.",
		"description": "Like this document, with what is live: typed fields, your dataflows, workflows and scripts, as far as you may use them.",
		"responses":   object{"200": object{"description": "An OpenAPI 3.1 document.", "content": object{"application/json": object{"schema": object{"type": "object"}}}}},
	}}
	paths["/v1/files/{file}:thumbnail"] = object{"get": object{
		"tags": []any{"Files"}, "operationId": "Files_GetThumbnail",
		"summary": "Sends a small picture of an image: PNG, JPEG, GIF or WebP of at most 32 MiB.",
		"parameters": []any{
			object{"name": "file", "in": "path", "required": true, "schema": object{"type": "string"}},
			object{"name": "size", "in": "query", "required": true, "description": "Pixels of the longer side; what is smaller stays as it is.",
				"schema": object{"type": "integer", "enum": []any{64, 256, 512}}},
		},
		"responses": object{"200": object{"description": "The picture.", "content": object{"image/png": bytes, "image/jpeg": bytes}}},
	}}
	header := func(description string) object {
		return object{"description": description, "schema": object{"type": "string"}}
	}
	ok := object{
		"description": "The bytes of the file.", "content": object{"*/*": bytes},
		"headers": object{"ETag": header("SHA-256 of the content."), "Content-Disposition": header("Name of the file.")},
	}
	paths["/v1/files/{file}:download"] = object{"get": object{
		"tags": []any{"Files"}, "operationId": "Files_DownloadFile",
		"summary": "Sends the bytes of a file, or one range of them.",
		"parameters": []any{
			object{"name": "file", "in": "path", "required": true, "schema": object{"type": "string"}},
			object{"name": "Range", "in": "header", "description": "One range, such as bytes=0-1023.", "schema": object{"type": "string"}},
			object{"name": "If-None-Match", "in": "header", "description": "ETag that is already there.", "schema": object{"type": "string"}},
		},
		"responses": object{
			"200": ok,
			"206": object{"description": "The range.", "content": object{"*/*": bytes}},
			"304": object{"description": "The file that is already there is the right one."},
		},
	}}
}

// usedTags keeps the tags that have operations, each once: services of two packages may share a name.
func usedTags(tags []any, used map[string]bool) []any {
	var out []any
	first := make(map[string]object)
	for _, t := range tags {
		t := asObject(t)
		name := asString(t["name"])
		if other := first[name]; other != nil {
			other["description"] = asString(other["description"]) + "\n" + asString(t["description"])
		} else if used[name] {
			first[name] = t
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b any) int {
		return cmp.Compare(asString(asObject(a)["name"]), asString(asObject(b)["name"]))
	})
	return out
}

// reachable returns the schemas that operations use, directly or not.
func reachable(paths, schemas object) object {
	out := object{}
	var visit func(any)
	visit = func(v any) {
		switch v := v.(type) {
		case object:
			if name, ok := strings.CutPrefix(asString(v["$ref"]), "#/components/schemas/"); ok && out[name] == nil {
				out[name] = schemas[name]
				visit(schemas[name])
			}
			for _, x := range v {
				visit(x)
			}
		case []any:
			for _, x := range v {
				visit(x)
			}
		}
	}
	visit(paths)
	visit(ref("Error"))
	return out
}

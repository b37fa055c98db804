package apidoc

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// object is a JSON object.
type object = map[string]any

const (
	schemaRef   = "#/components/schemas/"
	entrySchema = "aqtra.storage.v1.Entry"
	entriesPath = "/v1/components/{component}/entries"
)

// general is the document of the whole API.
type general struct {
	doc     object
	paths   object
	schemas object
	// entryPaths are the paths about entries of a component, sorted.
	entryPaths []string
	// special are the names of the schemas that show entries of the component in the path.
	special map[string]bool
}

func readGeneral(text []byte) (general, error) {
	var g general
	if err := json.Unmarshal(text, &g.doc); err != nil {
		return g, fmt.Errorf("read the document of the API: %w", err)
	}
	g.paths, _ = g.doc["paths"].(object)
	g.schemas = g.part("schemas")
	if g.schemas[entrySchema] == nil || g.paths[entriesPath] == nil {
		return g, fmt.Errorf("the document of the API lacks %s or %s", entrySchema, entriesPath)
	}
	for _, path := range slices.Sorted(maps.Keys(g.paths)) {
		if strings.HasPrefix(path, entriesPath) {
			g.entryPaths = append(g.entryPaths, path)
		}
	}
	g.special = map[string]bool{entrySchema: true}
	for grown := true; grown; {
		grown = false
		for name, schema := range g.schemas {
			// Expanded entries are those of other components.
			if !g.special[name] && name != "aqtra.storage.v1.ExpandedEntries" && refers(schema, g.special) {
				g.special[name], grown = true, true
			}
		}
	}
	return g, nil
}

// part is one map of the document's components.
func (g general) part(name string) object {
	components, _ := g.doc["components"].(object)
	out, _ := components[name].(object)
	return out
}

// eachRef calls f with the name of every schema that v refers to.
func eachRef(v any, f func(name string)) {
	switch v := v.(type) {
	case object:
		if ref, ok := v["$ref"].(string); ok && strings.HasPrefix(ref, schemaRef) {
			f(strings.TrimPrefix(ref, schemaRef))
		}
		for _, inner := range v {
			eachRef(inner, f)
		}
	case []any:
		for _, inner := range v {
			eachRef(inner, f)
		}
	}
}

func refers(v any, to map[string]bool) bool {
	found := false
	eachRef(v, func(name string) { found = found || to[name] })
	return found
}

// writer gathers the operations and schemas of a tenant's document.
type writer struct {
	general
	paths, schemas object
}

// add adds the operations of one path that the caller may call, with the component and the part in place of their variables.
func (w *writer) add(c *libraryv1.Component, template, variable string, one part, p principal.Principal) {
	item, _ := w.general.paths[template].(object)
	out := object{}
	for verb, op := range item {
		op, ok := op.(object)
		if permission, _ := op["x-permission"].(string); !ok || permission != "" && !p.Can(permission, c.GetId()) {
			continue
		}
		made, _ := w.copied(c, op).(object)
		id, _ := op["operationId"].(string)
		made["operationId"] = strings.TrimSuffix(strings.Join([]string{id, c.GetId(), one.id}, "_"), "_")
		made["tags"] = []any{c.GetId()}
		if one.title != "" {
			made["summary"] = one.title
		}
		if all, ok := made["parameters"].([]any); ok {
			made["parameters"] = slices.DeleteFunc(all, func(one any) bool {
				param, _ := one.(object)
				return param["in"] == "path" && (param["name"] == "component" || param["name"] == variable)
			})
		}
		if id == "Entries_CreateEntry" {
			made["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": object{"$ref": schemaRef + c.GetId() + ".NewEntry"}}}}
			w.schemas[c.GetId()+".NewEntry"] = newEntry(c)
			w.need(c, entrySchema)
		}
		out[verb] = made
	}
	if len(out) > 0 {
		path := strings.ReplaceAll(template, "{component}", c.GetId())
		w.paths[strings.ReplaceAll(path, "{"+variable+"}", one.id)] = out
	}
}

// copied is v with the schemas of the component in place of the general ones, which are added where they are missing.
func (w *writer) copied(c *libraryv1.Component, v any) any {
	switch v := v.(type) {
	case object:
		out := make(object, len(v))
		for key, inner := range v {
			out[key] = w.copied(c, inner)
		}
		if ref, ok := v["$ref"].(string); ok {
			if name := strings.TrimPrefix(ref, schemaRef); w.special[name] {
				out["$ref"] = schemaRef + w.need(c, name)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = w.copied(c, inner)
		}
		return out
	}
	return v
}

// need adds a schema of the component and returns its name.
func (w *writer) need(c *libraryv1.Component, name string) string {
	own := c.GetId() + "." + name[strings.LastIndex(name, ".")+1:]
	if w.schemas[own] != nil {
		return own
	}
	w.schemas[own] = object{} // for schemas that show themselves
	made, _ := w.copied(c, w.general.schemas[name]).(object)
	if name == entrySchema {
		properties, _ := made["properties"].(object)
		properties["fields"] = object{"$ref": schemaRef + c.GetId() + ".Fields"}
		made["description"] = "An entry of " + c.GetId() + "."
		w.schemas[c.GetId()+".Fields"] = fieldsSchema(c)
	}
	w.schemas[own] = made
	return own
}

// close adds the general schemas that are referred to and the general answers need.
func (w *writer) close() {
	var add func(v any)
	add = func(v any) {
		eachRef(v, func(name string) {
			if w.schemas[name] == nil && w.general.schemas[name] != nil {
				w.schemas[name] = w.general.schemas[name]
				add(w.general.schemas[name])
			}
		})
	}
	add(w.paths)
	add(maps.Clone(w.schemas))
	add(w.part("responses"))
}

package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/lru"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// maxPageDepth is how deep nodes of a page may stand in each other.
const maxPageDepth = 64

// pages checks every page that is not known from before: most saves change one of many.
func (r *run) pages(known *lru.Cache[Answer]) {
	for _, p := range r.component.GetPages() {
		key := hash("page", r.surface(), r.component.GetId(), encoded(p))
		found, ok := known.Get(key)
		if !ok {
			own := &run{universe: r.universe, component: r.component}
			own.page(p)
			found = Answer{Problems: own.problems, References: own.references}
			known.Add(key, found, found.weight())
		}
		for _, problem := range found.Problems {
			r.add(proto.CloneOf(problem))
		}
		for _, reference := range found.References {
			r.references = append(r.references, proto.CloneOf(reference))
		}
	}
}

func (r *run) page(p *libraryv1.Page) {
	path := "pages/" + p.GetId()
	r.roles(path+"/roles", p.GetRoles())
	v, present, err := value.FromProto(p.GetDocument())
	doc, ok := v.(map[string]any)
	switch {
	case err != nil || present && !ok:
		r.problem("invalid-page", path+"/document", "", "the page is not a document")
	case !present:
		r.problem("empty-page", path+"/document", "", "the page is empty; give it a root node")
	default:
		w := &pageWalk{run: r, path: path, seen: map[string]bool{}}
		w.nodes, _ = doc["nodes"].(map[string]any)
		w.document(doc)
	}
}

// pageWalk visits the nodes of one page from the root.
type pageWalk struct {
	*run
	path  string
	nodes map[string]any
	seen  map[string]bool
	deep  bool
}

// place is what a node stands in.
type place struct {
	item string
	// fields are the components whose fields a node may name, the nearest one first; anyForm allows every name.
	fields []string
}

func (w *pageWalk) document(doc map[string]any) {
	root, _ := doc["root"].(string)
	if _, ok := w.nodes[root]; !ok {
		w.unknown("node", w.path+"/root", root, slices.Sorted(maps.Keys(w.nodes)))
		return
	}
	own := w.component.GetId()
	w.node(root, place{item: own, fields: []string{own}}, 1)
	for _, id := range slices.Sorted(maps.Keys(w.nodes)) {
		if !w.seen[id] && !w.deep {
			w.problem("unreachable-node", w.at(id), "", "the node stands in no slot of the page")
		}
	}
}

func (w *pageWalk) at(id string) string { return w.path + "/nodes/" + id }

func (w *pageWalk) node(id string, in place, depth int) {
	if depth > maxPageDepth {
		if !w.deep {
			w.problem("too-deep", w.at(id), "", "nodes stand more than %d deep in each other", maxPageDepth)
		}
		w.deep = true
		return
	}
	w.seen[id] = true
	n, _ := w.nodes[id].(map[string]any)
	props, _ := n["props"].(map[string]any)
	in = w.enter(props, in)
	w.props(props, w.at(id)+"/props", in, false)
	slots, _ := n["slots"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(slots)) {
		children, _ := slots[name].([]any)
		for i, c := range children {
			child, _ := c.(string)
			path := fmt.Sprintf("%s/slots/%s/%d", w.at(id), name, i)
			switch _, ok := w.nodes[child]; {
			case !ok:
				w.unknown("node", path, child, slices.Sorted(maps.Keys(w.nodes)))
			case w.seen[child]:
				w.problem("shared-node", path, "", "the node %q stands in the page twice", child)
			default:
				w.node(child, in, depth+1)
			}
		}
	}
}

// enter returns the place that a node's settings make of the one it stands in.
func (w *pageWalk) enter(props map[string]any, in place) place {
	source, _ := props["source"].(map[string]any)
	component, _ := props["component"].(string)
	for _, part := range []string{"page", "dataflow", "workflow", "script"} {
		if _, acts := props[part]; acts {
			component = "" // the node does something with the component, and shows none of its entries
		}
	}
	if c, ok := source["component"].(string); ok {
		component = c
	}
	if _, ok := source["dataflow"].(string); ok {
		component = anyForm
	}
	if _, ok := w.components[component]; !ok && component != anyForm {
		return in
	}
	return place{item: component, fields: append([]string{component}, in.fields...)}
}

// props checks settings at any depth. In free ones the keys are names of the author's own.
func (w *pageWalk) props(props map[string]any, path string, in place, free bool) {
	if !free {
		w.action(props, path)
	}
	for _, key := range slices.Sorted(maps.Keys(props)) {
		at := path + "/" + key
		switch v := props[key].(type) {
		case string:
			if !free && v != "" {
				w.name(props, key, v, at, in)
			}
		default:
			if key == "input" {
				w.input(props, v, at)
			}
			w.setting(v, key, at, in, free || isFree(key))
		}
	}
}

// input records the fields that a page sends to a dataflow that takes those of its component.
func (w *pageWalk) input(props map[string]any, v any, path string) {
	of := w.component
	switch id := props["component"].(type) {
	case string:
		if id != "" {
			of = w.components[id]
		}
	case map[string]any:
		return // known only when the page is open
	}
	sent, _ := v.(map[string]any)
	for _, d := range of.GetDataflows() {
		if d.GetId() != props["dataflow"] || !takesModel(d) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(sent)) {
			switch f := findField(of, name); {
			case f != nil:
				w.referKey(path+"/"+name, name, of.GetId(), f.GetId())
			case takesOnlyModel(d):
				w.unknown("field", path+"/"+name, name, fieldNames(of))
			}
		}
	}
}

// takesModel reports whether the input of a dataflow has the fields of its component.
func takesModel(d *libraryv1.Dataflow) bool {
	return slices.ContainsFunc(d.GetSteps(), func(s *libraryv1.Step) bool { return s.GetType() == modelStep })
}

// takesOnlyModel reports whether a dataflow refuses what is no field of its component.
func takesOnlyModel(d *libraryv1.Dataflow) bool {
	return slices.ContainsFunc(d.GetSteps(), func(s *libraryv1.Step) bool {
		validate, set := s.GetParams()["validate"]
		return s.GetType() == modelStep && (!set || validate.GetBool())
	})
}

// modelStep is the step that takes them.
const modelStep = "get-action-model"

func isFree(key string) bool {
	switch key {
	case "params", "input", "values", "mapping", "labels", "data":
		return true
	}
	return false
}

func (w *pageWalk) setting(v any, key, path string, in place, free bool) {
	switch v := v.(type) {
	case map[string]any:
		if text, bound := v["$expr"]; bound {
			w.binding(v, text, key, path, in)
			return
		}
		w.props(v, path, in, free)
	case []any:
		for i, item := range v {
			w.setting(item, key, fmt.Sprintf("%s/%d", path, i), in, free)
		}
	}
}

func (w *pageWalk) binding(v map[string]any, text any, key, path string, in place) {
	s, ok := text.(string)
	if !ok || len(v) != 1 {
		w.problem("invalid-binding", path, "", `a bound setting is {"$expr": "expression"} and nothing else`)
		return
	}
	var want *value.Type
	switch key {
	case "visible", "disabled", "enabled", "required", "readOnly", "hidden":
		want = &value.Type{Kind: value.Bool}
	}
	w.expression(path, s, scope{entry: w.component.GetId(), item: in.item, user: true, params: true}, want)
}

// name checks a setting that names something.
func (w *pageWalk) name(props map[string]any, key, v, path string, in place) {
	switch key {
	case "component":
		w.referComponent(path, v)
	case "page", "dataflow", "workflow", "script":
		of := w.component
		if id, ok := props["component"].(string); ok && id != "" {
			if of = w.components[id]; of == nil {
				return // reported where it stands
			}
		} else if _, bound := props["component"].(map[string]any); bound {
			return // known only when the page is open
		}
		w.referPart(path, key, of, v)
	case "field":
		w.field(v, path, in)
	case "filter", "orderBy":
		if flow, _ := props["dataflow"].(string); flow == "" {
			w.rows(key, v, path, in.item)
		}
	}
}

// field checks a name, or a path through references, against the components that the node stands in.
func (w *pageWalk) field(name, path string, in place) {
	var known []string
	for _, id := range in.fields {
		if id == anyForm {
			return
		}
		uses, instead := w.resolve(id, name)
		if instead == nil {
			for _, u := range uses {
				w.refer(path, "field", u.component, u.id, u.at)
			}
			return
		}
		known = append(known, instead...)
	}
	w.unknown("field", path, name, known)
}

type fieldUse struct {
	component, id string
	at            span
}

// resolve follows a path such as "customer.name" and returns the fields that it uses or, when it leads nowhere, the paths
// that could stand instead.
func (w *pageWalk) resolve(component, path string) (uses []fieldUse, instead []string) {
	prefix, rest := "", path
	for {
		name, more, dotted := strings.Cut(rest, ".")
		c := w.components[component]
		f := findField(c, name)
		_, system := objectmodel.SystemField(name)
		system = system && len(c.GetModel().GetFields()) > 0
		if f == nil && (!system || dotted) {
			instead = []string{}
			for _, known := range fieldNames(c) {
				instead = append(instead, prefix+known)
			}
			return nil, instead
		}
		if system {
			return uses, nil
		}
		at := whole(name)
		at.offset = utf8.RuneCountInString(prefix)
		uses = append(uses, fieldUse{component, f.GetId(), at})
		if !dotted {
			return uses, nil
		}
		prefix, component, rest = prefix+name+".", f.GetCatalog().GetComponent(), more
	}
}

func findField(c *libraryv1.Component, name string) *libraryv1.Field {
	for _, f := range c.GetModel().GetFields() {
		if f.GetName() == name {
			return f
		}
	}
	return nil
}

func fieldNames(c *libraryv1.Component) []string {
	if len(c.GetModel().GetFields()) == 0 {
		return nil
	}
	var names []string
	for _, f := range c.GetModel().GetFields() {
		names = append(names, f.GetName())
	}
	for _, f := range objectmodel.SystemFields() {
		names = append(names, f.Name)
	}
	return names
}

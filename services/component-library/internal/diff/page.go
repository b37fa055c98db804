package diff

import (
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// tree is a page's document by node.
type tree struct {
	root    string
	nodes   map[string]any
	parents map[string]spot
}

// spot is where a node stands.
type spot struct{ parent, slot string }

func read(p *libraryv1.Page) tree {
	v, _, _ := value.FromProto(p.GetDocument()) // pages were checked when they were saved; what cannot be read is empty
	doc, _ := v.(map[string]any)
	t := tree{parents: map[string]spot{}}
	t.root, _ = doc["root"].(string)
	t.nodes, _ = doc["nodes"].(map[string]any)
	for id := range t.nodes {
		for slot, children := range t.slots(id) {
			for _, c := range children {
				t.parents[c] = spot{id, slot}
			}
		}
	}
	return t
}

func (t tree) node(id string) map[string]any {
	n, _ := t.nodes[id].(map[string]any)
	return n
}

// slots are the children of a node.
func (t tree) slots(id string) map[string][]string {
	slots, _ := t.node(id)["slots"].(map[string]any)
	out := make(map[string][]string, len(slots))
	for name, v := range slots {
		items, _ := v.([]any)
		for _, item := range items {
			if c, ok := item.(string); ok {
				out[name] = append(out[name], c)
			}
		}
	}
	return out
}

// words name a node as the screen shows it: by its type and its text.
func (t tree) words(id string) string {
	if id == t.root {
		return "the page itself"
	}
	n := t.node(id)
	kind, _ := n["type"].(string)
	props, _ := n["props"].(map[string]any)
	for _, text := range []any{props["label"], props["title"], props["text"], n["name"], props["field"]} {
		if s, ok := text.(string); ok && s != "" {
			return spaced(kind) + " " + quote(s)
		}
	}
	return spaced(kind) + " " + quote(id)
}

// below counts the nodes in a node.
func (t tree) below(id string, depth int) int {
	n := 0
	if depth > 64 { // a node in itself; check refuses it
		return 0
	}
	for _, children := range t.slots(id) {
		for _, c := range children {
			n += 1 + t.below(c, depth+1)
		}
	}
	return n
}

// withAll names a node and how much is in it.
func (t tree) withAll(id string) string {
	if n := t.below(id, 0); n > 0 {
		return t.words(id) + " with " + count(n, "control") + " in it"
	}
	return t.words(id)
}

func (d *differ) page(at place, before, after *libraryv1.Page) {
	d.scalars(at, before.ProtoReflect(), after.ProtoReflect(), "title", "roles")
	b, a := read(before), read(after)
	for _, id := range slices.Sorted(maps.Keys(b.nodes)) {
		// What goes with the node it stood in is told with that one.
		if a.nodes[id] == nil && (b.parents[id].parent == "" || a.nodes[b.parents[id].parent] != nil) {
			d.removed(place{path: at.path + "/nodes/" + id, words: at.words}, b.withAll(id))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.nodes)) {
		if b.nodes[id] != nil {
			d.node(at.in("nodes/"+id, a.words(id)), b, a, id)
		} else if a.parents[id].parent == "" || b.nodes[a.parents[id].parent] != nil {
			d.added(place{path: at.path + "/nodes/" + id, words: at.words}, a.withAll(id))
		}
	}
	if b.root != a.root {
		d.changed(at.in("root", ""), "root", b.root, a.root)
	}
}

func (d *differ) node(at place, b, a tree, id string) {
	if from, to := b.parents[id], a.parents[id]; from != to {
		place := a.words(to.parent)
		if from.parent == to.parent {
			place = spaced(to.slot)
		}
		d.moved(at, "moved to %s", strings.TrimSpace(place))
	}
	was, is := b.node(id), a.node(id)
	for _, key := range []string{"type", "name"} {
		if !value.Equal(was[key], is[key]) {
			d.changed(at.in(key, ""), key, was[key], is[key])
		}
	}
	d.values(at.in("props", ""), "settings", orEmpty(was["props"]), orEmpty(is["props"]))
	before, after := b.slots(id), a.slots(id)
	for _, slot := range slices.Sorted(maps.Keys(after)) {
		stay := func(list []string) []string {
			return slices.DeleteFunc(slices.Clone(list), func(c string) bool { return b.parents[c] != a.parents[c] })
		}
		if !slices.Equal(stay(before[slot]), stay(after[slot])) {
			d.moved(at.in("slots/"+slot, ""), "the order of what is in it changed")
		}
	}
}

func orEmpty(v any) any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	return map[string]any{}
}

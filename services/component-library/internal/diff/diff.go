// Package diff tells in words how two revisions of a component differ. Things are matched by their stable ids, so that what was
// renamed or moved is not taken for something new.
package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Max is how many differences are told.
const Max = 1000

// Components returns what changed from before to after, in the order of the definition: at most Max, and whether there are more.
func Components(before, after *libraryv1.Component) (list []*libraryv1.Difference, more bool) {
	d := &differ{}
	d.scalars(place{}, before.ProtoReflect(), after.ProtoReflect(), "display_name", "description")
	parts(d, place{path: "model/fields"}, before.GetModel().GetFields(), after.GetModel().GetFields(), field, d.field)
	parts(d, place{path: "pages"}, before.GetPages(), after.GetPages(), titled[*libraryv1.Page]("page"), d.page)
	parts(d, place{path: "dataflows"}, before.GetDataflows(), after.GetDataflows(), titled[*libraryv1.Dataflow]("dataflow"), d.dataflow)
	parts(d, place{path: "workflows"}, before.GetWorkflows(), after.GetWorkflows(), titled[*libraryv1.Workflow]("workflow"), d.workflow)
	parts(d, place{path: "scripts"}, before.GetScripts(), after.GetScripts(), titled[*libraryv1.Script]("script"), d.script)
	d.settings(before.GetSettings(), after.GetSettings())
	if len(d.list) > Max {
		return d.list[:Max], true
	}
	return d.list, false
}

// place is where something is: as a path, and in words.
type place struct{ path, words string }

func (p place) in(path, words string) place {
	switch {
	case words == "":
		words = p.words
	case p.words != "":
		words = p.words + ", " + words
	}
	return place{path: strings.TrimPrefix(p.path+"/"+path, "/"), words: words}
}

type differ struct{ list []*libraryv1.Difference }

func (d *differ) add(kind libraryv1.DifferenceKind, at place, before, after any, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if at.words != "" {
		text = at.words + ": " + text
	}
	d.list = append(d.list, &libraryv1.Difference{Kind: kind, Path: at.path, Text: text, Before: encode(before), After: encode(after)})
}

func (d *differ) added(at place, what string) {
	d.add(libraryv1.DifferenceKind_DIFFERENCE_KIND_ADDED, at, nil, nil, "%s added", what)
}

func (d *differ) removed(at place, what string) {
	d.add(libraryv1.DifferenceKind_DIFFERENCE_KIND_REMOVED, at, nil, nil, "%s removed", what)
}

func (d *differ) moved(at place, format string, args ...any) {
	d.add(libraryv1.DifferenceKind_DIFFERENCE_KIND_MOVED, at, nil, nil, format, args...)
}

// changed tells that a setting has another value; nil is none.
func (d *differ) changed(at place, name string, before, after any) {
	const kind = libraryv1.DifferenceKind_DIFFERENCE_KIND_CHANGED
	_, wasBool := before.(bool)
	on, isBool := after.(bool)
	switch {
	case wasBool && after == nil, isBool && (wasBool || before == nil):
		d.add(kind, at, before, after, "%s switched %s", name, map[bool]string{true: "on", false: "off"}[on])
	case before == nil:
		d.add(kind, at, before, after, "%s set to %s", name, show(after))
	case after == nil:
		d.add(kind, at, before, after, "%s cleared, was %s", name, show(before))
	default:
		d.add(kind, at, before, after, "%s changed from %s to %s", name, show(before), show(after))
	}
}

// identified is something with a stable id.
type identified interface {
	comparable
	proto.Message
	GetId() string
}

// parts compares two lists of things with ids.
func parts[P identified](d *differ, at place, before, after []P, words func(P) string, inside func(at place, before, after P)) {
	list(d, at, before, after, P.GetId, words, func(at place, b, a P) {
		if !proto.Equal(b, a) {
			inside(at, b, a)
		}
	})
}

// list compares two lists of things with keys; of several with one key the last counts.
func list[P any](d *differ, at place, before, after []P, key, words func(P) string, inside func(at place, before, after P)) {
	was, is := map[string]P{}, map[string]P{}
	for _, p := range before {
		was[key(p)] = p
	}
	for _, p := range after {
		is[key(p)] = p
	}
	for _, p := range before {
		if _, stays := is[key(p)]; !stays {
			d.removed(place{path: at.path + "/" + key(p), words: at.words}, words(p))
		}
	}
	for _, p := range after {
		old, there := was[key(p)]
		if !there {
			d.added(place{path: at.path + "/" + key(p), words: at.words}, words(p))
			continue
		}
		inside(at.in(key(p), words(p)), old, p)
	}
	common := func(items []P) []string {
		var keys []string
		for _, p := range items {
			_, a := was[key(p)]
			_, b := is[key(p)]
			if a && b {
				keys = append(keys, key(p))
			}
		}
		return keys
	}
	if !slices.Equal(common(before), common(after)) {
		d.moved(at, "the order of %s changed", cmp.Or(spaced(at.path[strings.LastIndex(at.path, "/")+1:]), "the list"))
	}
}

func titled[P interface {
	GetId() string
	GetTitle() string
}](kind string) func(P) string {
	return func(p P) string { return kind + " " + quote(cmp.Or(p.GetTitle(), p.GetId())) }
}

// scalars compares fields that hold one value, or a list of them.
func (d *differ) scalars(at place, before, after protoreflect.Message, names ...protoreflect.Name) {
	for _, name := range names {
		f := before.Descriptor().Fields().ByName(name)
		b, a := plain(before, f), plain(after, f)
		if !value.Equal(b, a) {
			d.changed(at.in(string(name), ""), spaced(string(name)), b, a)
		}
	}
}

// plain is a field's content as a value; nil when it is not set or has its zero.
func plain(m protoreflect.Message, f protoreflect.FieldDescriptor) any {
	if !m.Has(f) {
		return nil
	}
	if f.IsList() {
		l := m.Get(f).List()
		items := make([]any, l.Len())
		for i := range items {
			items[i] = single(f, l.Get(i))
		}
		return items
	}
	return single(f, m.Get(f))
}

func single(f protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch {
	case f.Message() != nil:
		out := map[string]any{}
		v.Message().Range(func(inner protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
			out[string(inner.Name())] = plain(v.Message(), inner)
			return true
		})
		return out
	case f.Enum() != nil:
		name := string(f.Enum().Values().ByNumber(v.Enum()).Name())
		prefix := strings.ToUpper(strings.ReplaceAll(spaced(string(f.Enum().Name())), " ", "_")) + "_"
		return strings.ToLower(strings.TrimPrefix(name, prefix))
	}
	switch n := v.Interface().(type) {
	case int32:
		return int64(n)
	default:
		return n // string, bool, int64: what definitions are made of
	}
}

func field(f *libraryv1.Field) string { return "field " + quote(cmp.Or(f.GetTitle(), f.GetName())) }

func (d *differ) field(at place, before, after *libraryv1.Field) {
	at.path = "model/fields/" + after.GetName()
	if before.GetName() != after.GetName() {
		d.add(libraryv1.DifferenceKind_DIFFERENCE_KIND_CHANGED, at.in("name", ""), before.GetName(), after.GetName(),
			"renamed from %s to %s", before.GetName(), after.GetName())
	}
	b, a := before.ProtoReflect(), after.ProtoReflect()
	for i := range b.Descriptor().Fields().Len() {
		f := b.Descriptor().Fields().Get(i)
		switch {
		case f.Name() == "id" || f.Name() == "name":
		case f.Message() == nil:
			d.scalars(at, b, a, f.Name())
		default: // rules of the type
			inner := f.Message().Fields()
			for j := range inner.Len() {
				d.scalars(at.in(string(f.Name()), ""), b.Get(f).Message(), a.Get(f).Message(), inner.Get(j).Name())
			}
		}
	}
}

func (d *differ) dataflow(at place, before, after *libraryv1.Dataflow) {
	d.scalars(at, before.ProtoReflect(), after.ProtoReflect(), "title", "roles")
	parts(d, at.in("steps", ""), before.GetSteps(), after.GetSteps(), step, func(at place, b, a *libraryv1.Step) {
		d.scalars(at, b.ProtoReflect(), a.ProtoReflect(), "type", "title", "sources")
		d.values(at.in("params", ""), "settings", object(value.MapFromProto(b.GetParams())), object(value.MapFromProto(a.GetParams())))
	})
}

func step(s *libraryv1.Step) string { return "step " + quote(cmp.Or(s.GetTitle(), s.GetId())) }

// object is a map as a value. Documents were checked when they were saved; what cannot be read is none.
func object(m map[string]any, err error) any {
	if err != nil || len(m) == 0 {
		return nil
	}
	return m
}

func (d *differ) workflow(at place, before, after *libraryv1.Workflow) {
	d.scalars(at, before.ProtoReflect(), after.ProtoReflect(), "title", "roles")
	b, _, _ := value.FromProto(before.GetDocument()) // as above
	a, _, _ := value.FromProto(after.GetDocument())
	d.values(at.in("document", ""), "document", b, a)
}

func (d *differ) script(at place, before, after *libraryv1.Script) {
	d.scalars(at, before.ProtoReflect(), after.ProtoReflect(), "title", "roles")
	if before.GetSource() != after.GetSource() {
		plus, minus := lines(before.GetSource(), after.GetSource())
		d.add(libraryv1.DifferenceKind_DIFFERENCE_KIND_CHANGED, at.in("source", ""), before.GetSource(), after.GetSource(),
			"source changed, %s added and %s removed", count(plus, "line"), count(minus, "line"))
	}
}

func (d *differ) settings(before, after *libraryv1.Settings) {
	at := place{path: "settings", words: "settings"}
	d.scalars(at, before.ProtoReflect(), after.ProtoReflect(), "home_page", "hidden")
	parts(d, at.in("triggers", ""), before.GetTriggers(), after.GetTriggers(), trigger, func(at place, b, a *libraryv1.Trigger) {
		d.scalars(at, b.ProtoReflect(), a.ProtoReflect(), "operation", "workflow", "condition")
	})
	// Rules have no ids: what a role may do is compared.
	b, a := byRole(before), byRole(after)
	for _, role := range slices.Sorted(maps.Keys(b)) {
		if a[role] == nil {
			d.removed(at.in("access", ""), "access of role "+quote(role))
		}
	}
	for _, role := range slices.Sorted(maps.Keys(a)) {
		switch {
		case b[role] == nil:
			d.added(at.in("access", ""), "access of role "+quote(role)+": "+show(a[role]))
		case !value.Equal(b[role], a[role]):
			d.changed(at.in("access", ""), "access of role "+quote(role), b[role], a[role])
		}
	}
}

func trigger(t *libraryv1.Trigger) string { return "trigger of " + quote(t.GetWorkflow()) }

func byRole(s *libraryv1.Settings) map[string][]any {
	roles := map[string][]any{}
	for _, rule := range s.GetAccess() {
		text := make([]string, len(rule.GetOperations()))
		for i, o := range rule.GetOperations() {
			text[i] = strings.ToLower(strings.TrimPrefix(o.String(), "OPERATION_"))
		}
		all := strings.Join(text, ", ")
		if rule.GetFilter() != "" {
			all += " where " + rule.GetFilter()
		}
		roles[rule.GetRole()] = append(roles[rule.GetRole()], all)
	}
	return roles
}

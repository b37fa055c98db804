package ctl

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/aqtra/internal/textform"
)

// change is what has to be done for one component.
type change struct {
	id string
	// next is the component as it will be; nil removes it.
	next *libraryv1.Component
	// etag is that of the revision that was compared; empty for a new component.
	etag  string
	words []string
}

// plan compares the components of a folder with those of the installation. With prune, what the folder does not have goes.
func (c *Client) plan(ctx context.Context, local []*libraryv1.Component, prune bool) ([]change, error) {
	ids, err := c.ids(ctx)
	if err != nil {
		return nil, err
	}
	if err := related(local, ids); err != nil {
		return nil, err
	}
	var changes []change
	for _, l := range local {
		if !slices.Contains(ids, l.GetId()) {
			changes = append(changes, change{id: l.GetId(), next: l, words: []string{"is new"}})
			continue
		}
		remote, err := c.get(ctx, l.GetId())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.GetId(), err)
		}
		next, words := compare(l, textform.Plain(remote), prune)
		if len(words) > 0 {
			changes = append(changes, change{id: l.GetId(), next: next, etag: remote.GetEtag(), words: words})
		}
	}
	for _, id := range ids {
		if prune && !slices.ContainsFunc(local, func(l *libraryv1.Component) bool { return l.GetId() == id }) {
			remote, err := c.get(ctx, id)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			changes = append(changes, change{id: id, etag: remote.GetEtag(), words: []string{"is removed"}})
		}
	}
	return changes, nil
}

// compare gives the component as it will be, and in words how it differs from the one that is there.
func compare(local, remote *libraryv1.Component, prune bool) (next *libraryv1.Component, words []string) {
	next = proto.CloneOf(local)
	for _, f := range next.GetModel().GetFields() { // ids of fields are given by the server; people need not write them
		if f.GetId() == "" {
			for _, have := range remote.GetModel().GetFields() {
				if have.GetName() == f.GetName() {
					f.Id = have.GetId()
				}
			}
		}
	}
	for _, one := range []struct {
		what      string
		here, had proto.Message
	}{
		{"the model", next.GetModel(), remote.GetModel()},
		{"the settings", next.GetSettings(), remote.GetSettings()},
	} {
		if !same(one.here, one.had) {
			words = append(words, one.what+" changes")
		}
	}
	if next.GetDisplayName() != remote.GetDisplayName() {
		words = append(words, fmt.Sprintf("the name becomes %q", next.GetDisplayName()))
	}
	if next.GetDescription() != remote.GetDescription() {
		words = append(words, "the description changes")
	}
	var more []string
	next.Pages, more = parts("page", next.GetPages(), remote.GetPages(), prune)
	words = append(words, more...)
	next.Dataflows, more = parts("dataflow", next.GetDataflows(), remote.GetDataflows(), prune)
	words = append(words, more...)
	next.Workflows, more = parts("workflow", next.GetWorkflows(), remote.GetWorkflows(), prune)
	words = append(words, more...)
	next.Scripts, more = parts("script", next.GetScripts(), remote.GetScripts(), prune)
	return next, append(words, more...)
}

// same compares messages; one without content is like none.
func same(a, b proto.Message) bool {
	empty := func(m proto.Message) bool { return !m.ProtoReflect().IsValid() || proto.Size(m) == 0 }
	return empty(a) && empty(b) || proto.Equal(a, b)
}

type identified interface {
	proto.Message
	GetId() string
}

// parts merges the parts of one kind: what is only there stays, unless it is pruned.
func parts[P identified](kind string, here, there []P, prune bool) (next []P, words []string) {
	find := func(list []P, id string) int {
		return slices.IndexFunc(list, func(p P) bool { return p.GetId() == id })
	}
	next = here
	var order []string
	for _, p := range there {
		order = append(order, p.GetId())
		if find(here, p.GetId()) >= 0 {
			continue
		}
		if prune {
			words = append(words, fmt.Sprintf("%s %s is removed", kind, p.GetId()))
			continue
		}
		next = append(next, p)
	}
	var mine []string
	for _, p := range next {
		mine = append(mine, p.GetId())
		switch i := find(there, p.GetId()); {
		case i < 0:
			words = append(words, fmt.Sprintf("%s %s is new", kind, p.GetId()))
		case !proto.Equal(p, there[i]):
			words = append(words, fmt.Sprintf("%s %s changes", kind, p.GetId()))
		}
	}
	if len(words) == 0 && !slices.Equal(mine, order) {
		words = append(words, "the order of its "+kind+"s changes")
	}
	return next, words
}

var componentID = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

// related refuses components that refer to others which are neither in the folder nor there.
func related(local []*libraryv1.Component, there []string) error {
	known := map[string]bool{}
	for _, id := range there {
		known[id] = true
	}
	for _, c := range local {
		known[c.GetId()] = true
	}
	var missing []string
	for _, c := range local {
		eachComponent(c.ProtoReflect(), func(id string) {
			id = strings.Trim(id, "'") // a literal where an expression may stand
			if !componentID.MatchString(id) {
				return
			}
			if line := fmt.Sprintf("%s refers to the component %q", c.GetId(), id); !known[id] && !slices.Contains(missing, line) {
				missing = append(missing, line)
			}
		})
	}
	if len(missing) > 0 {
		return fmt.Errorf("components are missing here and there; export or make them first:\n  %s", strings.Join(missing, "\n  "))
	}
	return nil
}

// eachComponent finds the components that a definition names: values of members called component, in messages and in documents.
func eachComponent(m protoreflect.Message, found func(id string)) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			v.Map().Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
				message, nested := v.Interface().(protoreflect.Message)
				if !nested {
					return true
				}
				if text := textOf(message); text != "" && key.String() == "component" {
					found(text)
				}
				eachComponent(message, found)
				return true
			})
		case f.Kind() == protoreflect.MessageKind && f.IsList():
			for i := range v.List().Len() {
				eachComponent(v.List().Get(i).Message(), found)
			}
		case f.Kind() == protoreflect.MessageKind:
			eachComponent(v.Message(), found)
		case f.Kind() == protoreflect.StringKind && !f.IsList() && f.Name() == "component" && v.String() != "":
			found(v.String())
		}
		return true
	})
}

// textOf is the text that a value of a document is, if it is one.
func textOf(m protoreflect.Message) string {
	for _, name := range []protoreflect.Name{"text", "string_value"} {
		if f := m.Descriptor().Fields().ByName(name); f != nil && f.Kind() == protoreflect.StringKind && m.Has(f) {
			return m.Get(f).String()
		}
	}
	return ""
}

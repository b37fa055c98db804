package impact

import (
	"cmp"
	"fmt"

	"google.golang.org/protobuf/proto"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// API lists what callers of the API notice.
func (c *Change) API() []*libraryv1.ApiChange {
	var out []*libraryv1.ApiChange
	for _, p := range c.pairs {
		base := "/v1/components/" + p.id()
		add := func(path string, breaking bool, format string, args ...any) {
			if len(out) < maxItems {
				out = append(out, &libraryv1.ApiChange{Component: p.id(), Path: base + path, Text: fmt.Sprintf(format, args...), Breaking: breaking})
			}
		}
		switch {
		case p.before == nil:
			continue // nobody calls it yet
		case p.after == nil:
			add("", true, "%s is no longer live: all of its calls are refused", title(p.before))
			continue
		}
		for _, f := range p.fields() {
			f.tell(func(breaking bool, format string, args ...any) { add("/entries", breaking, format, args...) })
		}
		for _, k := range kinds() {
			if k.call == "" {
				continue
			}
			for _, b := range k.of(p.before) {
				if find(k.of(p.after), b.GetId()) == nil {
					add("/"+k.list+"/"+b.GetId()+":"+k.call, true, "the %s %s is gone", k.name, cmp.Or(b.GetTitle(), b.GetId()))
				}
			}
			for _, a := range k.of(p.after) {
				if find(k.of(p.before), a.GetId()) == nil {
					add("/"+k.list+"/"+a.GetId()+":"+k.call, false, "the %s %s is new", k.name, cmp.Or(a.GetTitle(), a.GetId()))
				}
			}
		}
	}
	return out
}

// tell says what is different about a field.
func (f fieldPair) tell(add func(breaking bool, format string, args ...any)) {
	switch {
	case f.after == nil:
		add(true, "the field %s is gone", f.before.GetName())
		return
	case f.before == nil && f.after.GetRequired():
		add(true, "the field %s is new, and new entries must have it", f.after.GetName())
		return
	case f.before == nil:
		add(false, "the field %s is new", f.after.GetName())
		return
	}
	name := f.after.GetName()
	if f.before.GetName() != name {
		add(true, "the field %s is called %s now", f.before.GetName(), name)
	}
	switch {
	case f.before.GetType() != f.after.GetType():
		add(true, "the field %s is %s now, it was %s", name, typeName(f.after), typeName(f.before))
	case refersTo(f.before) != refersTo(f.after):
		add(true, "the field %s refers to %s now, it referred to %s", name, refersTo(f.after), refersTo(f.before))
	case !proto.Equal(rules(f.before), rules(f.after)):
		add(true, "the field %s takes other values than before", name)
	}
	if f.after.GetRequired() && !f.before.GetRequired() {
		add(true, "entries must have the field %s now", name)
	}
	if f.after.GetSensitive() && !f.before.GetSensitive() {
		add(true, "the field %s can no longer be filtered or sorted on", name)
	}
	if f.after.GetPrimaryKey() != f.before.GetPrimaryKey() {
		add(true, "the key of entries is another one: %s", map[bool]string{true: name + " is part of it now", false: name + " is no longer part of it"}[f.after.GetPrimaryKey()])
	}
}

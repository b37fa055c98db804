package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

const (
	maxExpand      = 5
	maxExpandDepth = 3
	// maxExpandedItems is how many entries of one list are expanded.
	maxExpandedItems = 100
	// maxExpandedBytes bounds what expansion adds to one answer, where an entry counts each time that it is there.
	maxExpandedBytes = 8 << 20
	// maxMask bounds the names of a field mask.
	maxMask = 1000
)

// selection is what to return of the entries of one component: fields, and references to follow.
type selection struct {
	component *model.Component
	// names are the fields to return; empty is all.
	names []string
	// follow are the selections behind references, by the field.
	follow map[string]*selection
}

// selecting reads the field mask and the references to follow.
func (s *session) selecting(fields, expand []string) (*selection, error) {
	if len(expand) > maxExpand {
		return nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "too many references to follow", fault.Field("expand", fmt.Sprintf("at most %d", maxExpand)))
	}
	if len(fields) > maxMask {
		return nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "too many fields", fault.Field("fields", fmt.Sprintf("at most %d", maxMask)))
	}
	root := &selection{component: s.component, follow: map[string]*selection{}}
	for i, path := range expand {
		place := fmt.Sprintf("expand[%d]", i)
		names := strings.Split(path, ".")
		if len(names) > maxExpandDepth {
			return nil, query.Unknown(place, fmt.Sprintf("at most %d references one behind the other", maxExpandDepth))
		}
		at := root
		for _, name := range names {
			next, err := s.step(at, name, place)
			if err != nil {
				return nil, err
			}
			at = next
		}
	}
	for _, path := range fields {
		at, name := root, path
		for {
			head, rest, dotted := strings.Cut(name, ".")
			if !dotted {
				break
			}
			if at.follow[head] == nil {
				return nil, unknownMask("the field is behind a reference that is not expanded")
			}
			at, name = at.follow[head], rest
		}
		_, system := objectmodel.SystemField(name)
		if f, ok := at.component.Field(name); (!ok || !f.Stored()) && !system {
			return nil, unknownMask("there is no stored field of this name")
		}
		at.names = append(at.names, name)
	}
	return root, nil
}

func unknownMask(why string) error {
	return fault.Invalid(faultv1.Reason_REASON_UNKNOWN_FIELD, "a field to return is not known", fault.Field("fields", why))
}

// step follows one reference.
func (s *session) step(at *selection, name, place string) (*selection, error) {
	if next := at.follow[name]; next != nil {
		return next, nil
	}
	f, ok := at.component.Field(name)
	if !ok || !f.Stored() || f.Target == "" {
		return nil, query.UnknownName(place, name, at.component, func(f *model.Field) bool { return f.Stored() && f.Target != "" }, false)
	}
	target, ok := s.release.Component(f.Target)
	if !ok {
		return nil, query.Unknown(place, "there is no component "+f.Target)
	}
	at.follow[name] = &selection{component: target, follow: map[string]*selection{}}
	return at.follow[name], nil
}

// fields gives the fields to read, which include the references to follow and those of the order, and which of them were not
// asked for.
func (sel *selection) fields(orders []query.Order) ([]*model.Field, func(string) bool) {
	if len(sel.names) == 0 {
		return query.StoredFields(sel.component), nil
	}
	wanted := func(name string) bool { return slices.Contains(sel.names, name) }
	fields := slices.DeleteFunc(query.StoredFields(sel.component), func(f *model.Field) bool {
		sorted := slices.ContainsFunc(orders, func(o query.Order) bool { return o.Name == f.GetName() })
		return !sorted && !wanted(f.GetName()) && sel.follow[f.GetName()] == nil
	})
	return fields, func(name string) bool { return !wanted(name) }
}

// expander adds what references name to entries, by one statement for each reference of a selection, however many entries.
type expander struct {
	*session
	bytes int
}

// expand adds to each entry, in place, the entries that its references name.
func (s *session) expand(ctx context.Context, sel *selection, entries []Encoded) error {
	return (&expander{session: s}).expand(ctx, sel, entries)
}

func (x *expander) expand(ctx context.Context, sel *selection, entries []Encoded) error {
	if len(sel.follow) == 0 || len(entries) == 0 {
		return nil
	}
	decoded := make([]Entry, len(entries))
	for i, e := range entries {
		var err error
		if decoded[i], err = e.decode(func(name string) bool { return sel.follow[name] != nil }); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sel.follow)) {
		ids := map[string]bool{}
		for _, d := range decoded {
			for _, id := range targets(d.Fields[name]) {
				ids[id] = true
			}
		}
		found, err := x.read(ctx, sel.follow[name], slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		for i, d := range decoded {
			if entries[i].Message, err = x.add(entries[i].Message, name, targets(d.Fields[name]), found); err != nil {
				return err
			}
		}
	}
	return nil
}

// targets are the entries that a value refers to.
func targets(v any) []string {
	switch v := v.(type) {
	case value.Ref:
		return []string{string(v)}
	case []any:
		var ids []string
		for _, item := range v[:min(len(v), maxExpandedItems)] {
			if id, ok := item.(value.Ref); ok {
				ids = append(ids, string(id))
			}
		}
		return ids
	}
	return nil
}

// read returns those of the entries that the caller may read, each with what is behind it.
func (x *expander) read(ctx context.Context, sel *selection, ids []string) (map[string]Encoded, error) {
	sight := x.readable(sel.component)
	if len(ids) == 0 || !sight.All && len(sight.Filters) == 0 {
		return nil, nil
	}
	fields, hidden := sel.fields(nil)
	stmt, cols, err := x.scope.ByID(sel.component, ids, fields, false, sight)
	if err != nil {
		return nil, err
	}
	cols.Hidden = hidden
	rows, _, err := x.store.Entries(ctx, x.place, stmt, cols, nil)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(e Encoded) bool { return !e.Flags[0] })
	if err := x.expand(ctx, sel, rows); err != nil {
		return nil, err
	}
	found := make(map[string]Encoded, len(rows))
	for _, e := range rows {
		d, err := e.decode(func(string) bool { return false })
		if err != nil {
			return nil, err
		}
		found[d.ID] = e
	}
	return found, nil
}

// Numbers of the fields of storage.v1 that expansion writes.
const (
	expandedNumber protowire.Number = 10 // Entry.expanded
	itemsNumber    protowire.Number = 1  // ExpandedEntries.entries
	pairKey        protowire.Number = 1
	pairValue      protowire.Number = 2
)

// add appends the found entries of one field to an encoded entry.
func (x *expander) add(message []byte, name string, ids []string, found map[string]Encoded) ([]byte, error) {
	var items []byte
	for _, id := range ids {
		if e, ok := found[id]; ok {
			items = protowire.AppendBytes(protowire.AppendTag(items, itemsNumber, protowire.BytesType), e.Message)
		}
		if x.bytes+len(items) > maxExpandedBytes {
			return nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "the expanded entries are too large for one answer",
				fault.Field("expand", "ask for smaller pages, or for fewer fields of the expanded entries"))
		}
	}
	if len(items) == 0 {
		return message, nil
	}
	x.bytes += len(items)
	var pair []byte
	pair = protowire.AppendString(protowire.AppendTag(pair, pairKey, protowire.BytesType), name)
	pair = protowire.AppendBytes(protowire.AppendTag(pair, pairValue, protowire.BytesType), items)
	return protowire.AppendBytes(protowire.AppendTag(message, expandedNumber, protowire.BytesType), pair), nil
}

package engine

import (
	"context"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// MaxPage bounds a page of a list.
const MaxPage = 1000

// ListRequest asks for a page of entries.
type ListRequest struct {
	Component, Filter, Search, OrderBy string
	PageSize                           int32
	PageToken                          string
	// Fields are the names of the fields to return; empty is all. Expand are the references to follow.
	Fields, Expand     []string
	ShowDeleted, Count bool
}

// Page is a page of entries.
type Page struct {
	Entries []Encoded
	// Next continues; empty at the end.
	Next string
	// Total is set when it was asked for.
	Total *int64
}

// List returns a page of the entries that the caller may read.
func (e *Engine) List(ctx context.Context, r ListRequest) (Page, error) {
	s, err := e.open(ctx, r.Component)
	if err != nil {
		return Page{}, err
	}
	size, err := paging.Size(r.PageSize, MaxPage)
	if err != nil {
		return Page{}, err
	}
	orders, err := query.ParseOrder(s.component, r.OrderBy)
	if err != nil {
		return Page{}, err
	}
	if err := query.CheckSearch(r.Search); err != nil {
		return Page{}, err
	}
	sel, err := s.selecting(r.Fields, r.Expand)
	if err != nil {
		return Page{}, err
	}
	fields, hidden := sel.fields(orders)
	pages := paging.Of(s.place.Tenant, s.component.UID, r.Filter, r.OrderBy, fmt.Sprint(r.ShowDeleted), r.Search)
	last, err := readToken(r.PageToken, pages, orders)
	if err != nil {
		return Page{}, err
	}
	list := query.List{
		Component: s.component, Filter: r.Filter, Search: r.Search, Sight: s.sight(libraryv1.Operation_OPERATION_READ), Fields: fields,
		Orders: orders, After: last, Limit: size + 1, Deleted: r.ShowDeleted,
	}
	stmt, cols, err := s.scope.Select(list)
	if err != nil {
		return Page{}, aboutFilter(err)
	}
	var count *query.Statement
	if r.Count {
		c, err := s.scope.Count(list)
		if err != nil {
			return Page{}, err
		}
		count = &c
	}
	cols.Hidden = hidden
	entries, total, err := s.store.Entries(ctx, s.place, stmt, cols, count)
	if err != nil {
		return Page{}, err
	}
	var page Page
	if r.Count {
		page.Total = &total
	}
	if len(entries) > size {
		entries = entries[:size]
		last, err := entries[size-1].decode(func(name string) bool {
			return slices.ContainsFunc(orders, func(o query.Order) bool { return o.Name == name })
		})
		if err != nil {
			return Page{}, err
		}
		if page.Next, err = writeToken(pages, orders, last); err != nil {
			return Page{}, err
		}
	}
	page.Entries = entries
	return page, s.expand(ctx, sel, entries)
}

// aboutFilter moves the violations of an expression to the field of the request that held it.
func aboutFilter(err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindInvalid {
		return err
	}
	moved := *f
	moved.Violations = slices.Clone(f.Violations)
	for i := range moved.Violations {
		if moved.Violations[i].Field == "expression" {
			moved.Violations[i].Field = "filter"
		}
	}
	return &moved
}

// Get returns an entry with the fields that are named, or all, and what is behind the references to follow. One that is marked
// for deletion has its DeleteTime.
func (e *Engine) Get(ctx context.Context, component, id string, fields, expand []string) (Encoded, error) {
	s, err := e.open(ctx, component)
	if err != nil {
		return Encoded{}, err
	}
	sel, err := s.selecting(fields, expand)
	if err != nil {
		return Encoded{}, err
	}
	entry, err := s.get(ctx, id, sel)
	if err != nil {
		return Encoded{}, err
	}
	one := []Encoded{entry}
	err = s.expand(ctx, sel, one)
	return one[0], err
}

func (s *session) get(ctx context.Context, id string, sel *selection) (Encoded, error) {
	if !plausible(id) {
		return Encoded{}, notFound()
	}
	fields, hidden := sel.fields(nil)
	stmt, cols, err := s.scope.ByID(s.component, []string{id}, fields, false, s.sight(libraryv1.Operation_OPERATION_READ))
	if err != nil {
		return Encoded{}, err
	}
	cols.Hidden = hidden
	entries, _, err := s.store.Entries(ctx, s.place, stmt, cols, nil)
	if err != nil {
		return Encoded{}, err
	}
	if len(entries) == 0 || !entries[0].Flags[0] {
		return Encoded{}, notFound()
	}
	return entries[0], nil
}

// plausible keeps what cannot be an id from the database.
func plausible(id string) bool {
	if id == "" || len(id) > 100 {
		return false
	}
	for _, r := range id {
		if r < 0x20 || r > 0x7e {
			return false
		}
	}
	return true
}

// HistoryPage is a page of an entry's history.
type HistoryPage struct {
	Changes []HistoryChange
	Next    string
}

// HistoryChange is a change with its values by the fields' present names.
type HistoryChange struct {
	Change
	BeforeValues, AfterValues map[string]any
}

// History lists the changes of an entry that the caller may read, newest first.
func (e *Engine) History(ctx context.Context, component, id string, pageSize int32, token string) (HistoryPage, error) {
	s, err := e.open(ctx, component)
	if err != nil {
		return HistoryPage{}, err
	}
	size, err := paging.Size(pageSize, MaxPage)
	if err != nil {
		return HistoryPage{}, err
	}
	if _, err := s.get(ctx, id, &selection{component: s.component, names: []string{model.ID}}); err != nil {
		return HistoryPage{}, err
	}
	pages := paging.Of(s.place.Tenant, s.component.UID, "history", id)
	before, err := pages.Number(token, math.MaxInt64)
	if err != nil {
		return HistoryPage{}, err
	}
	rows, err := s.store.Changes(ctx, s.place.Tenant, s.place.Own(s.component.UID), id, before, int32(size+1))
	if err != nil {
		return HistoryPage{}, err
	}
	var page HistoryPage
	if len(rows) > size {
		rows = rows[:size]
		page.Next = pages.NumberToken(rows[size-1].ID)
	}
	for _, row := range rows {
		h := HistoryChange{Change: row}
		if h.BeforeValues, err = s.readValues(row.Before, id); err != nil {
			return HistoryPage{}, err
		}
		if h.AfterValues, err = s.readValues(row.After, id); err != nil {
			return HistoryPage{}, err
		}
		page.Changes = append(page.Changes, h)
	}
	return page, nil
}

// maxSortText bounds what of a text goes into a page token.
const maxSortText = 16 << 10

func writeToken(pages paging.List, orders []query.Order, last Entry) (string, error) {
	var list typev1.ListValue
	for _, o := range orders {
		v := last.Fields[o.Name]
		if o.System {
			v = last.system(o.Name)
		}
		if text, ok := v.(string); ok && len(text) > maxSortText {
			return "", fault.FailedPrecondition(faultv1.Reason_REASON_INVALID_FIELDS, "the entries have texts too long to sort by",
				fault.Field("order_by", o.Name+" has texts that are too long"))
		}
		p, err := value.ToProto(v)
		if err != nil {
			return "", fmt.Errorf("page token: %w", err)
		}
		list.Items = append(list.Items, p)
	}
	raw, err := proto.Marshal(&list)
	if err != nil {
		return "", fmt.Errorf("page token: %w", err)
	}
	return pages.Token(string(raw)), nil
}

func readToken(token string, pages paging.List, orders []query.Order) ([]any, error) {
	if token == "" {
		return nil, nil
	}
	place, err := pages.Place(token)
	if err != nil {
		return nil, err
	}
	var list typev1.ListValue
	if err := proto.Unmarshal([]byte(place), &list); err != nil || len(list.GetItems()) != len(orders) {
		return nil, paging.Invalid()
	}
	last := make([]any, len(orders))
	for i, o := range orders {
		v, present, err := value.FromProto(list.GetItems()[i])
		if err != nil || !present || v == nil && o.Required {
			return nil, paging.Invalid()
		}
		if last[i], err = value.Convert(v, value.Type{Kind: o.Kind}); err != nil {
			return nil, paging.Invalid()
		}
	}
	return last, nil
}

// system gives a system field by name.
func (e Entry) system(name string) any {
	switch name {
	case model.ID:
		return e.ID
	case model.Name:
		return e.Name
	case model.CreatorSubject:
		return e.CreatorSubject
	case model.UpdateSubject:
		return e.UpdateSubject
	case model.CreateTime:
		return e.CreateTime
	case model.UpdateTime:
		return e.UpdateTime
	}
	return nil
}

package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/schema"
)

const (
	maxCounts = 500
	maxSample = 1_000
)

// CountEntries implements the service.
func (s *Schema) CountEntries(ctx context.Context, r *storagev1.CountEntriesRequest) (*storagev1.CountEntriesResponse, error) {
	if len(r.GetCounts()) > maxCounts || r.GetSample() < 1 || r.GetSample() > maxSample {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
			fault.Field("counts", fmt.Sprintf("at most %d counts over at most %d entries are made at once", maxCounts, maxSample)))
	}
	place, err := s.store.Home(ctx, r.GetTenant())
	if err != nil {
		return nil, err
	}
	release, err := model.Compile("", r.GetComponents(), s.clock)
	if err != nil {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, err.Error())
	}
	out := &storagev1.CountEntriesResponse{}
	for _, want := range r.GetCounts() {
		got, err := s.count(ctx, place, release, want, int(r.GetSample()))
		if err != nil {
			return nil, err
		}
		out.Results = append(out.Results, got)
	}
	return out, nil
}

func (s *Schema) count(ctx context.Context, place engine.Place, release *model.Release, want *storagev1.EntryCount, sample int) (*storagev1.EntriesCounted, error) {
	c, ok := release.Component(want.GetComponent())
	if !ok || len(c.Fields) == 0 {
		return &storagev1.EntriesCounted{Problem: "the component has no entries"}, nil
	}
	scope := query.Scope{Schema: place.Schema, Release: release, Now: s.clock.Now(), User: query.User{Roles: []string{want.GetRole()}}}
	sight := query.Sight{Filters: want.GetFilters(), All: slices.Contains(want.GetFilters(), "")}
	stmt, err := scope.Sample(c, sight, sample)
	if err == nil {
		var rows [][]any
		integer := query.Result{Kind: value.Int}
		rows, err = s.store.Rows(ctx, place, stmt, []query.Result{integer, integer})
		if err == nil {
			all, _ := rows[0][0].(int64)
			some, _ := rows[0][1].(int64)
			return &storagev1.EntriesCounted{Sampled: all, Selected: some}, nil
		}
	}
	// Tables and columns of the wrong form are what the publication changes; they are no failure.
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && pe.Code[:2] == "42" {
		return &storagev1.EntriesCounted{Problem: "the rule needs a field that is not in the database yet"}, nil
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.KindFailedPrecondition || f.Kind == fault.KindInvalid) {
		return &storagev1.EntriesCounted{Problem: f.Message}, nil
	}
	return nil, err
}

// misfits compares stored values with the rules of the fields that changed.
func (s *Schema) misfits(ctx context.Context, name string, release *model.Release, changed []*storagev1.FieldName) ([]schema.Conflict, error) {
	var out []schema.Conflict
	for _, n := range changed {
		c, ok := release.Component(n.GetComponent())
		if !ok {
			continue
		}
		f, ok := c.FieldByID(n.GetField())
		if !ok {
			continue
		}
		found, err := s.changer.Misfits(ctx, name, c, f)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

package rpc

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/journal"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
)

// Entries serves aqtra.storage.v1.Entries.
type Entries struct {
	storagev1.UnimplementedEntriesServer

	engine  *engine.Engine
	history *journal.Log
}

// NewEntries serves an engine, and the seals of the history that it keeps.
func NewEntries(e *engine.Engine, history *journal.Log) *Entries {
	return &Entries{engine: e, history: history}
}

// ListEntries implements the service.
func (s *Entries) ListEntries(ctx context.Context, r *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error) {
	page, err := s.engine.List(ctx, engine.ListRequest{
		Component: r.GetComponent(), Filter: strings.TrimSpace(r.GetFilter()), OrderBy: r.GetOrderBy(), PageSize: r.GetPageSize(),
		PageToken: r.GetPageToken(), Fields: r.GetFields(), ShowDeleted: r.GetShowDeleted(), Count: r.GetCount(),
		Search: strings.TrimSpace(r.GetSearch()), Expand: r.GetExpand(),
	})
	if err != nil {
		return nil, err
	}
	return pageToProto(page)
}

// GetEntry implements the service.
func (s *Entries) GetEntry(ctx context.Context, r *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	e, err := s.engine.Get(ctx, r.GetComponent(), r.GetEntry(), r.GetFields(), r.GetExpand())
	if err != nil {
		return nil, err
	}
	out := new(storagev1.Entry)
	rpc.SetEncoded(out, e.Message)
	return out, nil
}

// AggregateEntries implements the service.
func (s *Entries) AggregateEntries(ctx context.Context, r *storagev1.AggregateEntriesRequest) (*storagev1.AggregateEntriesResponse, error) {
	groups, err := s.engine.Aggregate(ctx, engine.AggregateRequest{
		Component: r.GetComponent(), Filter: strings.TrimSpace(r.GetFilter()), OrderBy: r.GetOrderBy(), GroupBy: r.GetGroupBy(),
		Measures: r.GetMeasures(), Limit: r.GetLimit(), ShowDeleted: r.GetShowDeleted(),
	})
	if err != nil {
		return nil, err
	}
	out := &storagev1.AggregateEntriesResponse{Truncated: groups.Truncated}
	for _, group := range groups.Values {
		values, err := value.MapToProto(group)
		if err != nil {
			return nil, fmt.Errorf("encode group: %w", err)
		}
		out.Groups = append(out.Groups, &storagev1.AggregateGroup{Values: values})
	}
	return out, nil
}

// CreateEntry implements the service.
func (s *Entries) CreateEntry(ctx context.Context, r *storagev1.CreateEntryRequest) (*storagev1.Entry, error) {
	fields, err := fieldsFromProto(r.GetEntry().GetFields(), "fields.")
	if err != nil {
		return nil, err
	}
	return s.single(ctx, r, r.GetComponent(), r.GetRequestId(), engine.Op{Action: engine.Create, Fields: fields})
}

// UpdateEntry implements the service.
func (s *Entries) UpdateEntry(ctx context.Context, r *storagev1.UpdateEntryRequest) (*storagev1.Entry, error) {
	fields, err := fieldsFromProto(r.GetEntry().GetFields(), "fields.")
	if err != nil {
		return nil, err
	}
	if fields, err = masked(fields, r.GetUpdateMask().GetPaths()); err != nil {
		return nil, err
	}
	return s.single(ctx, r, r.GetComponent(), r.GetRequestId(),
		engine.Op{Action: engine.Update, ID: r.GetEntry().GetId(), Etag: r.GetEntry().GetEtag(), Fields: fields})
}

// DeleteEntry implements the service.
func (s *Entries) DeleteEntry(ctx context.Context, r *storagev1.DeleteEntryRequest) (*storagev1.Entry, error) {
	return s.single(ctx, r, r.GetComponent(), r.GetRequestId(), engine.Op{Action: engine.Delete, ID: r.GetEntry(), Etag: r.GetEtag()})
}

// RestoreEntry implements the service.
func (s *Entries) RestoreEntry(ctx context.Context, r *storagev1.RestoreEntryRequest) (*storagev1.Entry, error) {
	return s.single(ctx, r, r.GetComponent(), "", engine.Op{Action: engine.Restore, ID: r.GetEntry()})
}

// single writes one entry.
func (s *Entries) single(ctx context.Context, request proto.Message, component, requestID string, op engine.Op) (*storagev1.Entry, error) {
	encode := func(results []engine.Result) ([]byte, error) {
		p, err := entryToProto(results[0].Entry)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(p)
	}
	results, replay, err := s.write(ctx, request, engine.Batch{
		Component: component, Ops: []engine.Op{op}, Single: true, RequestID: requestID, Encode: encode,
	})
	if err != nil {
		return nil, err
	}
	if replay != nil {
		p := new(storagev1.Entry)
		return p, proto.Unmarshal(replay, p)
	}
	return entryToProto(results[0].Entry)
}

// write adds the fingerprint of the request: who asks for what, and how.
func (s *Entries) write(ctx context.Context, request proto.Message, b engine.Batch) ([]engine.Result, []byte, error) {
	if b.RequestID != "" {
		body, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
		if err != nil {
			return nil, nil, fmt.Errorf("fingerprint: %w", err)
		}
		p, _ := principal.From(ctx)
		h := sha256.New()
		fmt.Fprintf(h, "%s\n%s\n", p.Subject, request.ProtoReflect().Descriptor().FullName())
		h.Write(body)
		b.Fingerprint = h.Sum(nil)
	}
	return s.engine.Write(ctx, b)
}

// PurgeEntries implements the service.
func (s *Entries) PurgeEntries(ctx context.Context, r *storagev1.PurgeEntriesRequest) (*storagev1.PurgeEntriesResponse, error) {
	purged, kept, err := s.engine.Purge(ctx, r.GetComponent())
	if err != nil {
		return nil, err
	}
	return &storagev1.PurgeEntriesResponse{Purged: purged, Kept: kept}, nil
}

// action reads the action of a row; the engine refuses the zero one.
func action(a storagev1.WriteAction) engine.Action {
	switch a {
	case storagev1.WriteAction_WRITE_ACTION_CREATE:
		return engine.Create
	case storagev1.WriteAction_WRITE_ACTION_UPDATE:
		return engine.Update
	case storagev1.WriteAction_WRITE_ACTION_UPSERT:
		return engine.Upsert
	case storagev1.WriteAction_WRITE_ACTION_DELETE:
		return engine.Delete
	}
	return 0
}

// BatchWriteEntries implements the service.
func (s *Entries) BatchWriteEntries(ctx context.Context, r *storagev1.BatchWriteEntriesRequest) (*storagev1.BatchWriteEntriesResponse, error) {
	b := engine.Batch{Component: r.GetComponent(), PerRow: r.GetPerRow(), RequestID: r.GetRequestId(), ValidateOnly: r.GetValidateOnly()}
	b.Encode = func(results []engine.Result) ([]byte, error) { return proto.Marshal(batchResponse(results)) }
	for i, op := range r.GetOperations() {
		if i == engine.MaxBatch {
			b.Ops = append(b.Ops, engine.Op{}) // one too many, which the engine refuses
			break
		}
		fields, err := fieldsFromProto(op.GetEntry().GetFields(), fmt.Sprintf("operations[%d].entry.fields.", i))
		if err != nil {
			return nil, err
		}
		b.Ops = append(b.Ops, engine.Op{Action: action(op.GetAction()), ID: op.GetEntry().GetId(), Etag: op.GetEntry().GetEtag(), Fields: fields})
	}
	results, replay, err := s.write(ctx, r, b)
	if err != nil {
		return nil, err
	}
	if replay != nil {
		p := new(storagev1.BatchWriteEntriesResponse)
		return p, proto.Unmarshal(replay, p)
	}
	return batchResponse(results), nil
}

func batchResponse(results []engine.Result) *storagev1.BatchWriteEntriesResponse {
	out := &storagev1.BatchWriteEntriesResponse{Results: make([]*storagev1.WriteResult, len(results))}
	for i, r := range results {
		if r.Refused != nil {
			out.Results[i] = &storagev1.WriteResult{Error: writeError(i, r.Refused)}
			out.Failed++
			continue
		}
		out.Results[i] = &storagev1.WriteResult{Id: r.Entry.ID, Etag: r.Entry.Etag()}
		switch r.Done {
		case engine.Create:
			out.Created++
		case engine.Update:
			out.Updated++
		case engine.Delete:
			out.Deleted++
		default:
			out.Unchanged++
		}
	}
	return out
}

// ListEntryChanges implements the service.
func (s *Entries) ListEntryChanges(ctx context.Context, r *storagev1.ListEntryChangesRequest) (*storagev1.ListEntryChangesResponse, error) {
	page, err := s.engine.History(ctx, r.GetComponent(), r.GetEntry(), r.GetPageSize(), r.GetPageToken())
	if err != nil {
		return nil, err
	}
	out := &storagev1.ListEntryChangesResponse{NextPageToken: page.Next}
	for _, c := range page.Changes {
		p := &storagev1.EntryChange{Time: timestamppb.New(c.Time), Subject: c.Subject, Operation: libraryv1.Operation(c.Operation), Release: c.Release}
		if p.Before, err = value.MapToProto(c.BeforeValues); err != nil {
			return nil, fmt.Errorf("encode change: %w", err)
		}
		if p.After, err = value.MapToProto(c.AfterValues); err != nil {
			return nil, fmt.Errorf("encode change: %w", err)
		}
		out.Changes = append(out.Changes, p)
	}
	return out, nil
}

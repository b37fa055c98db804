// Package peers is what running steps reach of the other services, as the caller: every call carries the caller's token.
package peers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// maxPage is how many entries storage gives at once.
const maxPage = 1000

// Entries reaches storage.
type Entries struct {
	client storagev1.EntriesClient
	bulk   storagev1.BulkClient
	// try has writes validated and taken back.
	try bool
}

var _ step.Entries = (*Entries)(nil)

// NewEntries reaches storage over a connection.
func NewEntries(conn grpc.ClientConnInterface) *Entries {
	return &Entries{client: storagev1.NewEntriesClient(conn), bulk: storagev1.NewBulkClient(conn)}
}

// Trying returns the same for tests: what it writes is validated by storage and taken back.
func (e *Entries) Trying() *Entries { return &Entries{client: e.client, bulk: e.bulk, try: true} }

// Get returns an entry.
func (e *Entries) Get(ctx context.Context, component, id string) (step.Entry, error) {
	entry, err := e.client.GetEntry(ctx, &storagev1.GetEntryRequest{Component: component, Entry: id})
	if err != nil {
		return step.Entry{}, fmt.Errorf("read entry: %w", err)
	}
	return fromProto(entry)
}

// List returns at most q.Limit entries: as they were at one moment if that was asked for and storage has room, else page by page.
func (e *Entries) List(ctx context.Context, q step.Query) ([]step.Entry, error) {
	if q.Snapshot && q.Limit > maxPage {
		entries, err := e.snapshot(ctx, q)
		if !fault.Has(err, faultv1.Reason_REASON_OVERLOADED) {
			return entries, err
		}
	}
	return e.pages(ctx, q)
}

// pages reads entries page by page.
func (e *Entries) pages(ctx context.Context, q step.Query) ([]step.Entry, error) {
	var entries []step.Entry
	token := ""
	size, held := min(q.Limit, maxPage), int64(0)
	for len(entries) < q.Limit {
		page, err := e.client.ListEntries(ctx, &storagev1.ListEntriesRequest{
			Component: q.Component, Filter: q.Filter, OrderBy: q.OrderBy, PageSize: int32(size), PageToken: token,
		})
		if fault.Has(err, faultv1.Reason_REASON_REQUEST_TOO_LARGE) && size > 1 {
			size = max(size/4, 1) // large entries: fewer of them fit a message
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list entries: %w", err)
		}
		for _, p := range page.GetEntries() {
			if len(entries) == q.Limit {
				break
			}
			entry, err := fromProto(p)
			if err != nil {
				return nil, err
			}
			if held += step.Size(entry.Fields); held > step.MaxBytes {
				return nil, step.TooLarge()
			}
			entries = append(entries, entry)
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	return entries, nil
}

// fromProto gives an entry as expressions see it; fields of the model stand before system fields of the same name.
func fromProto(p *storagev1.Entry) (step.Entry, error) {
	fields, err := value.MapFromProto(p.GetFields())
	if err != nil {
		return step.Entry{}, fmt.Errorf("read entry: %w", err)
	}
	system := map[string]any{
		"id": p.GetId(), "name": p.GetName(), "creator_subject": p.GetCreatorSubject(), "update_subject": p.GetUpdateSubject(),
		"create_time": datetime(p.GetCreateTime()), "update_time": datetime(p.GetUpdateTime()),
	}
	for name, v := range system {
		if _, own := fields[name]; !own {
			fields[name] = v
		}
	}
	return step.Entry{ID: p.GetId(), Fields: fields}, nil
}

func datetime(t *timestamppb.Timestamp) any {
	if t == nil {
		return nil
	}
	at, err := value.Datetime(t.AsTime())
	if err != nil {
		return nil
	}
	return at
}

// Write stores writes. A single one goes by the method of its own, which needs no more than the permission for it.
func (e *Entries) Write(ctx context.Context, component string, writes []step.Write, perRow bool, requestID string) ([]step.Written, step.Counts, error) {
	key := requestKey(requestID)
	if len(writes) == 1 && !perRow && !e.try && writes[0].Mode != step.Upsert {
		return e.writeOne(ctx, component, writes[0], key)
	}
	req := &storagev1.BatchWriteEntriesRequest{Component: component, PerRow: perRow, RequestId: key, ValidateOnly: e.try}
	for _, w := range writes {
		entry, err := toProto(w)
		if err != nil {
			return nil, step.Counts{}, err
		}
		req.Operations = append(req.Operations, &storagev1.WriteOperation{Action: action(w.Mode), Entry: entry})
	}
	resp, err := e.client.BatchWriteEntries(ctx, req)
	if err != nil {
		return nil, step.Counts{}, fmt.Errorf("write entries: %w", err)
	}
	if len(resp.GetResults()) != len(writes) {
		return nil, step.Counts{}, fmt.Errorf("write entries: %d results for %d writes", len(resp.GetResults()), len(writes))
	}
	written := make([]step.Written, len(writes))
	for i, r := range resp.GetResults() {
		written[i].ID = r.GetId()
		if r.GetError() != nil {
			written[i].Error = &step.RowError{Field: r.GetError().GetField(), Message: r.GetError().GetMessage()}
		}
	}
	return written, step.Counts{
		Created: resp.GetCreated(), Updated: resp.GetUpdated(), Unchanged: resp.GetUnchanged(), Deleted: resp.GetDeleted(), Failed: resp.GetFailed(),
	}, nil
}

// WriteChunk stores a chunk. A try leaves that to Write, which can take back what it did.
func (e *Entries) WriteChunk(ctx context.Context, c step.Chunk) (step.Counts, error) {
	if e.try {
		return step.Counts{}, fault.FailedPrecondition(faultv1.Reason_REASON_INVALID_FIELDS, "a chunk cannot be tried")
	}
	req := &storagev1.WriteChunkRequest{Component: c.Component, Job: requestKey(c.Job), Chunk: c.Number, Fields: c.Fields}
	for _, row := range c.Rows {
		list := &typev1.ListValue{Items: make([]*typev1.Value, len(row))}
		for i, v := range row {
			var err error
			if list.Items[i], err = value.ToProto(v); err != nil {
				return step.Counts{}, fmt.Errorf("write chunk: %w", err)
			}
		}
		req.Rows = append(req.Rows, list)
	}
	resp, err := e.bulk.WriteChunk(ctx, req)
	if err != nil {
		return step.Counts{}, fmt.Errorf("write chunk: %w", err)
	}
	return step.Counts{Created: resp.GetCreated(), Updated: resp.GetUpdated(), Unchanged: resp.GetUnchanged()}, nil
}

func (e *Entries) writeOne(ctx context.Context, component string, w step.Write, key string) ([]step.Written, step.Counts, error) {
	entry, err := toProto(w)
	if err != nil {
		return nil, step.Counts{}, err
	}
	var counts step.Counts
	var stored *storagev1.Entry
	switch w.Mode {
	case step.Create:
		counts.Created = 1
		stored, err = e.client.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: component, Entry: entry, RequestId: key})
	case step.Delete:
		counts.Deleted = 1
		stored, err = e.client.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: component, Entry: w.ID, RequestId: key})
	default:
		counts.Updated = 1
		stored, err = e.client.UpdateEntry(ctx, &storagev1.UpdateEntryRequest{Component: component, Entry: entry, RequestId: key})
	}
	if err != nil {
		return nil, step.Counts{}, fmt.Errorf("write entry: %w", err)
	}
	return []step.Written{{ID: stored.GetId()}}, counts, nil
}

func toProto(w step.Write) (*storagev1.Entry, error) {
	fields, err := value.MapToProto(w.Fields)
	if err != nil {
		return nil, fmt.Errorf("write entry: %w", err)
	}
	return &storagev1.Entry{Id: w.ID, Fields: fields}, nil
}

func action(mode step.WriteMode) storagev1.WriteAction {
	switch mode {
	case step.Create:
		return storagev1.WriteAction_WRITE_ACTION_CREATE
	case step.Update:
		return storagev1.WriteAction_WRITE_ACTION_UPDATE
	case step.Upsert:
		return storagev1.WriteAction_WRITE_ACTION_UPSERT
	case step.Delete:
		return storagev1.WriteAction_WRITE_ACTION_DELETE
	default:
		return storagev1.WriteAction_WRITE_ACTION_UNSPECIFIED
	}
}

// maxRequestID is how long the id of a request may be.
const maxRequestID = 100

// requestKey is the id of a write, or its digest when it is too long: nested dataflows make long ones.
func requestKey(id string) string {
	if len(id) <= maxRequestID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

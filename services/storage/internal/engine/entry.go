// Package engine is the domain of entries: who may see and change them, which values they take, and what a change brings with
// it. It makes statements by package query and leaves their execution to a Store.
package engine

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// Entry is one record of a component. Fields has what is stored, by name; a field that is not asked for is absent.
type Entry struct {
	ID             string
	Name           string
	CreatorSubject string
	UpdateSubject  string
	CreateTime     time.Time
	UpdateTime     time.Time
	DeleteTime     *time.Time
	Version        int64
	Fields         map[string]any
	// Flags are the answers of the conditions that were asked along.
	Flags []bool
}

// Encoded is an entry in the binary form of storage.v1.Entry, as it leaves the service.
type Encoded struct {
	Message []byte
	// Hidden has the fields that nobody asked for, as the rest of Message.
	Hidden []byte
	// Flags are the answers of the conditions that were asked along.
	Flags []bool
}

// decode reads the system fields of an entry, and those fields that are wanted.
func (e Encoded) decode(wanted func(name string) bool) (Entry, error) {
	const fieldsNumber = 2 // in storage.v1.Entry
	few := make([]byte, 0, 256)
	for _, raw := range [][]byte{e.Message, e.Hidden} {
		for len(raw) > 0 {
			number, _, size := protowire.ConsumeField(raw)
			if size < 0 {
				return Entry{}, fmt.Errorf("decode entry: %w", protowire.ParseError(size))
			}
			if number != fieldsNumber || wanted(pairName(raw[:size])) {
				few = append(few, raw[:size]...)
			}
			raw = raw[size:]
		}
	}
	var m storagev1.Entry
	if err := proto.Unmarshal(few, &m); err != nil {
		return Entry{}, fmt.Errorf("decode entry: %w", err)
	}
	fields, err := value.MapFromProto(m.GetFields())
	if err != nil {
		return Entry{}, fmt.Errorf("decode entry: %w", err)
	}
	return Entry{
		ID: m.GetId(), Name: m.GetName(), CreatorSubject: m.GetCreatorSubject(), UpdateSubject: m.GetUpdateSubject(),
		CreateTime: m.GetCreateTime().AsTime(), UpdateTime: m.GetUpdateTime().AsTime(), Fields: fields,
	}, nil
}

// pairName is the name in an encoded pair of an entry's fields, which begins with it.
func pairName(raw []byte) string {
	_, _, n := protowire.ConsumeTag(raw)
	pair, _ := protowire.ConsumeBytes(raw[n:])
	if _, _, n = protowire.ConsumeTag(pair); n < 0 {
		return ""
	}
	name, _ := protowire.ConsumeBytes(pair[n:])
	return string(name)
}

// Etag changes with every change of the entry.
func (e Entry) Etag() string { return fmt.Sprintf("v%d", e.Version) }

// Place is where the data of a tenant lives.
type Place struct {
	Tenant string
	Schema string
	Role   string
	Key    *keys.DataKey
	// Preview is the release of a preview, whose entries are copies; empty for the entries themselves.
	Preview string
}

// Own gives a name that belongs to the tenant's own entries, or one that belongs to the preview: copies have ids, histories and
// requests of their own.
func (p Place) Own(name string) string {
	if p.Preview == "" {
		return name
	}
	return p.Preview + "/" + name
}

// StoredFile is what a file field needs to know of a file.
type StoredFile struct {
	ContentType string
	Size        int64
}

// Change is one row of an entry's history. Values are encoded and keyed by field id.
type Change struct {
	ID            int64
	Entry         string
	Time          time.Time
	Subject       string
	Operation     int32
	Before, After []byte
	Release       string
}

// Start is a workflow that a change starts, with its input encoded.
type Start struct {
	ID, Entry, Workflow string
	Input               []byte
}

// Store keeps entries and what belongs to them.
type Store interface {
	// Place finds where the data of a tenant lives for requests in a release, or fails with TENANT_NOT_FOUND.
	Place(ctx context.Context, tenant, release string) (Place, error)
	// Entries runs a statement that selects entries. With count it runs that one in the same snapshot-free round trip.
	Entries(ctx context.Context, p Place, stmt query.Statement, cols query.Columns, count *query.Statement) ([]Encoded, int64, error)
	// Each runs a statement that selects entries, for at most limit, and calls f for each of them. An error of f ends it.
	Each(ctx context.Context, p Place, stmt query.Statement, cols query.Columns, limit time.Duration, f func(Entry) error) error
	// EachRow runs the statement of a plan, for at most limit, and calls f for each row, which it uses again. An error of f ends it.
	EachRow(ctx context.Context, p Place, stmt query.Statement, plan query.Plan, cols []query.PlanColumn, limit time.Duration, f func([]any) error) error
	// Rows runs a statement whose columns are the results, and returns their values.
	Rows(ctx context.Context, p Place, stmt query.Statement, results []query.Result) ([][]any, error)
	// Write runs f in one transaction, again after a deadlock.
	Write(ctx context.Context, p Place, f func(Tx) error) error
	// Create stores one entry by its statements, the first of which inserts it, and its history, in one round trip. A violated
	// constraint is a *Violation.
	Create(ctx context.Context, p Place, stmts []query.Statement, about Origin, ch Change) error
	// Changes lists the history of an entry, newest first, older than the change before.
	Changes(ctx context.Context, tenant, componentUID, entry string, before int64, limit int32) ([]Change, error)
}

// Tx is one transaction of a tenant.
type Tx interface {
	// Entries runs a statement that selects entries.
	Entries(ctx context.Context, stmt query.Statement, cols query.Columns) ([]Entry, error)
	// IDs runs a statement that returns ids.
	IDs(ctx context.Context, stmt query.Statement) ([]string, error)
	// Flags runs a statement that returns an id and conditions in each row.
	Flags(ctx context.Context, stmt query.Statement) (map[string][]bool, error)
	// Exec runs statements in one round trip and returns how many rows each touched. A violated constraint is a *Violation.
	Exec(ctx context.Context, stmts []query.Statement) ([]int64, error)
	// Files returns those of the files that exist, and keeps them until the transaction ends.
	Files(ctx context.Context, ids []string) (map[string]StoredFile, error)

	// Claim takes a request id, waiting for another transaction that has it. When it is taken, it returns what was stored
	// with it.
	Claim(ctx context.Context, requestID string, fingerprint []byte, now time.Time) (taken bool, storedPrint, response []byte, err error)
	// Finish stores the response of a claimed request id.
	Finish(ctx context.Context, requestID string, response []byte) error
	// ClaimChunk takes a chunk of a job. When it was stored before, it returns what was recorded with it.
	ClaimChunk(ctx context.Context, about Origin, key ChunkKey) (before *StoredChunk, err error)
	// Load makes the table of a chunk and fills it with lines.
	Load(ctx context.Context, chunk query.Chunk, lines []byte) error
	// Upsert stores what the table of a chunk has. A violated constraint is a *Violation.
	Upsert(ctx context.Context, stmt query.Statement) (Upserted, error)
	// FinishChunk records what a claimed chunk did.
	FinishChunk(ctx context.Context, key ChunkKey, counts ChunkCounts) error
	// Holds returns which of the entries are kept by runs; of all entries of the component when none is given.
	Holds(ctx context.Context, c *model.Component, entries []string) (map[string]Hold, error)
	// Hold keeps an entry that nothing keeps, and Release gives it back.
	Hold(ctx context.Context, c *model.Component, entry string, h Hold) error
	Release(ctx context.Context, c *model.Component, entry string) error
	// Record stores history and starts of workflows.
	Record(ctx context.Context, about Origin, changes []Change, starts []Start) error
}

// Origin is what the changes of one request have in common.
type Origin struct {
	Component *model.Component
	Release   string
	Stamp     query.Stamp
}

// Violation is a constraint that refused a statement.
type Violation struct {
	// Index is the number of the statement.
	Index int
	// Constraint is its name, see package model.
	Constraint string
	// Unique tells a unique index from a foreign key.
	Unique bool
	Cause  error
}

func (v *Violation) Error() string { return "constraint " + v.Constraint + " violated" }

func (v *Violation) Unwrap() error { return v.Cause }

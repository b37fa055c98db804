package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

const (
	// maxRecordings is how many recordings of a dataflow are kept.
	maxRecordings = 20
	// recordingAge is how long they are kept.
	recordingAge = 7 * 24 * time.Hour
)

// Recording is a recorded run of a dataflow.
type Recording struct {
	Time    time.Time
	Content []byte
}

// recordingContext ties the content to its dataflow.
func recordingContext(component, dataflow string) string {
	return "recording/" + component + "/" + dataflow
}

// KeepRecording stores a recording encrypted, and forgets those that are too many.
func (s *Store) KeepRecording(ctx context.Context, tenant, component, dataflow string, r Recording) error {
	p, err := s.Home(ctx, tenant)
	if err != nil {
		return err
	}
	sealed, err := p.Key.Seal(r.Content, recordingContext(component, dataflow))
	if err != nil {
		return err
	}
	return wrap("keep recording", classify(s.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		err := q.InsertRecording(ctx, db.InsertRecordingParams{TenantID: tenant, Component: component, Dataflow: dataflow, CreateTime: r.Time, Content: sealed})
		if err != nil {
			return err
		}
		return q.TrimRecordings(ctx, db.TrimRecordingsParams{TenantID: tenant, Component: component, Dataflow: dataflow, Most: maxRecordings})
	})))
}

// Recordings returns the recordings of a dataflow that are not too old, newest first.
func (s *Store) Recordings(ctx context.Context, tenant, component, dataflow string, now time.Time) ([]Recording, error) {
	p, err := s.Home(ctx, tenant)
	if err != nil {
		return nil, err
	}
	rows, err := db.New(s.db.Tenant(tenant)).ListRecordings(ctx, db.ListRecordingsParams{
		TenantID: tenant, Component: component, Dataflow: dataflow, After: now.Add(-recordingAge),
	})
	if err != nil {
		return nil, wrap("list recordings", classify(err))
	}
	out := make([]Recording, len(rows))
	for i, r := range rows {
		out[i].Time = r.CreateTime
		if out[i].Content, err = p.Key.Open(r.Content, recordingContext(component, dataflow)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ExpireRecordings forgets what is too old.
func (s *Store) ExpireRecordings(ctx context.Context, now time.Time) error {
	_, err := db.New(s.db.System()).ExpireRecordings(ctx, now.Add(-recordingAge))
	return wrap("expire recordings", err)
}

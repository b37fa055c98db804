package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// Away tells the caller to try again when Postgres cannot be reached, instead of letting the error pass for a bug of ours: it
// is then the fault SERVICE_UNAVAILABLE. Other errors, and nil, stay as they are.
func Away(err error) error {
	if err == nil || !IsUnavailable(err) {
		return err
	}
	return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the database is not available", fault.Cause(err), fault.Retry(time.Second))
}

// Reach runs statements with their errors through Away.
func Reach(db DBTX) DBTX { return reach{db} }

type reach struct{ db DBTX }

func (r reach) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tag, err := r.db.Exec(ctx, sql, args...)
	return tag, Away(err)
}

func (r reach) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := r.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, Away(err)
	}
	return reachRows{rows}, nil
}

func (r reach) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return reachRow{r.db.QueryRow(ctx, sql, args...)}
}

type reachRows struct{ pgx.Rows }

func (r reachRows) Err() error { return Away(r.Rows.Err()) }

type reachRow struct{ pgx.Row }

func (r reachRow) Scan(dest ...any) error { return Away(r.Row.Scan(dest...)) }

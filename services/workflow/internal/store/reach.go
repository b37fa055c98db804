package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/postgres"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// away tells the caller to try again when Postgres cannot be reached, instead of letting the error pass for a bug of ours.
func away(err error) error {
	if err == nil || !postgres.IsUnavailable(err) {
		return err
	}
	return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the database is not available", fault.Cause(err), fault.Retry(time.Second))
}

// reach runs statements with their errors through away.
type reach struct{ postgres.DBTX }

func (r reach) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tag, err := r.DBTX.Exec(ctx, sql, args...)
	return tag, away(err)
}

func (r reach) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := r.DBTX.Query(ctx, sql, args...)
	if err != nil {
		return nil, away(err)
	}
	return reachRows{rows}, nil
}

func (r reach) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return reachRow{r.DBTX.QueryRow(ctx, sql, args...)}
}

type reachRows struct{ pgx.Rows }

func (r reachRows) Err() error { return away(r.Rows.Err()) }

type reachRow struct{ pgx.Row }

func (r reachRow) Scan(dest ...any) error { return away(r.Row.Scan(dest...)) }

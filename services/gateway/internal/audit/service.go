package audit

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/journal"
	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	auditv1 "github.com/aqtra/aqtra/proto/gen/aqtra/audit/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

const (
	maxPage = 200
	// maxRows is how many rows one call of VerifyAudit looks at.
	maxRows = 100_000
	// underWay is the outcome of a call without an end.
	underWay = 102
)

// Service serves aqtra.audit.v1.
type Service struct {
	auditv1.UnimplementedAuditServer

	db  *postgres.DB
	log *journal.Log
}

// NewService makes the service. The secret is what seals are made with.
func NewService(pg *postgres.DB, secret string, c clock.Clock, log *slog.Logger) *Service {
	return &Service{db: pg, log: &journal.Log{
		DB: pg, Schema: store.Schema, Table: "audit", Clock: c, Log: log,
		Columns: []string{"create_time", "subject", "action", "target", "call", "outcome", "address"},
		Key: func(_ context.Context, tenant string) ([]byte, error) {
			return hkdf.Key(sha256.New, []byte(secret), nil, "aqtra audit "+tenant, 32)
		},
	}}
}

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { auditv1.RegisterAuditServer(r, s) }

// Run seals until ctx ends.
func (s *Service) Run(ctx context.Context) { s.log.Run(ctx) }

// ListAuditRecords implements the service.
func (s *Service) ListAuditRecords(ctx context.Context, r *auditv1.ListAuditRecordsRequest) (*auditv1.ListAuditRecordsResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	size, err := paging.Size(r.GetPageSize(), maxPage)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(p.Tenant, "audit", r.GetSubject())
	before, err := pages.Number(r.GetPageToken(), math.MaxInt64)
	if err != nil {
		return nil, err
	}
	rows, err := db.New(s.db.Tenant(p.Tenant)).ListAudit(ctx, db.ListAuditParams{
		TenantID: p.Tenant, BeforeID: before, Subject: r.GetSubject(), PageSize: int32(size + 1), //nolint:gosec // at most 201
	})
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list audit: %w", err))
	}
	out := &auditv1.ListAuditRecordsResponse{}
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = pages.NumberToken(rows[size-1].ID)
	}
	for _, a := range rows {
		outcome := a.Outcome
		if a.Call != "" && outcome == 0 {
			outcome = underWay
		}
		out.Records = append(out.Records, &auditv1.AuditRecord{
			Id: strconv.FormatInt(a.ID, 10), CreateTime: timestamppb.New(a.CreateTime), Subject: a.Subject, DisplayName: a.DisplayName,
			Action: a.Action, Target: a.Target, Outcome: outcome, Address: a.Address,
		})
	}
	return out, nil
}

// VerifyAudit implements the service.
func (s *Service) VerifyAudit(ctx context.Context, r *auditv1.VerifyAuditRequest) (*auditv1.VerifyAuditResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	if r.GetBlock() < 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the block is wrong", fault.Field("block", "expected 0 or more"))
	}
	found, err := s.log.Verify(ctx, p.Tenant, journal.Head{Block: r.GetBlock(), Mac: r.GetHead()}, maxRows)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("verify audit: %w", err))
	}
	out := &auditv1.VerifyAuditResponse{
		Block: found.Head.Block, Head: found.Head.Mac, Rows: found.Rows, Done: found.Done, Unsealed: found.Unsealed, Problem: found.Problem,
	}
	if !found.Time.IsZero() {
		out.SealTime = timestamppb.New(found.Time)
	}
	return out, nil
}

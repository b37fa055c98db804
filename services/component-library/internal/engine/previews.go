package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

const (
	previewTime = 24 * time.Hour
	// maxPreviews bounds the copies that a tenant has at once; everybody has one.
	maxPreviews  = 20
	previewSweep = 10 * time.Minute
)

// Preview is a release that one person tries.
type Preview struct {
	ID, Subject            string
	CreateTime, ExpireTime time.Time
}

// TenantPreview names a preview of any tenant.
type TenantPreview struct{ Tenant, ID string }

// Previews keeps previews. Their releases are read through Releases.
type Previews interface {
	AddPreview(ctx context.Context, tenant string, p Preview, members []Member) error
	// Preview returns one by id; ErrNotFound.
	Preview(ctx context.Context, tenant, id string) (Preview, error)
	// PreviewsOf lists the ids of the previews of a person, oldest first.
	PreviewsOf(ctx context.Context, tenant, subject string) ([]string, error)
	CountPreviews(ctx context.Context, tenant string) (int64, error)
	// ExpiredPreviews lists some that ended before now.
	ExpiredPreviews(ctx context.Context, now time.Time) ([]TenantPreview, error)
	RemovePreview(ctx context.Context, tenant, id string) error
}

// Copies makes and removes the tables of previews.
type Copies interface {
	// MakeCopy returns how many entries were copied.
	MakeCopy(ctx context.Context, tenant, preview string, components []*libraryv1.Component) (int64, error)
	DropCopy(ctx context.Context, tenant, preview string) error
}

// CreatePreview makes a preview of drafts. What could not go live cannot be tried either.
func (e *Engine) CreatePreview(ctx context.Context, who Caller, req *libraryv1.CreatePreviewRequest) (*libraryv1.Preview, error) {
	cand, err := e.candidate(ctx, who.Tenant, req.GetComponents(), nil)
	if err != nil {
		return nil, err
	}
	checked, err := e.checkCandidate(ctx, cand)
	if err != nil {
		return nil, err
	}
	if opts := errorsOf(checked.Problems); len(opts) > 0 {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS, "the drafts have problems that keep them from working", opts...)
	}
	mine, err := e.Previews.PreviewsOf(ctx, who.Tenant, who.Subject)
	if err != nil {
		return nil, fmt.Errorf("list previews: %w", err)
	}
	for _, id := range mine {
		if err := e.removePreview(ctx, who.Tenant, id); err != nil {
			return nil, err
		}
	}
	n, err := e.Previews.CountPreviews(ctx, who.Tenant)
	if err != nil {
		return nil, fmt.Errorf("count previews: %w", err)
	}
	if n >= maxPreviews {
		return nil, fault.Exhausted(faultv1.Reason_REASON_QUOTA_EXCEEDED, fmt.Sprintf("%d people try drafts already; previews end a day after they were made", n))
	}
	components, err := e.content(ctx, who.Tenant, cand.members)
	if err != nil {
		return nil, err
	}
	now := e.now()
	p := Preview{ID: newPreviewID(), Subject: who.Subject, CreateTime: now, ExpireTime: now.Add(previewTime)}
	// The record comes first, so that tables whose making was cut off are found and removed.
	if err := e.Previews.AddPreview(ctx, who.Tenant, p, cand.members); err != nil {
		return nil, fmt.Errorf("keep preview: %w", err)
	}
	entries, err := e.Copies.MakeCopy(ctx, who.Tenant, p.ID, components)
	if err != nil {
		return nil, errors.Join(err, e.removePreview(context.WithoutCancel(ctx), who.Tenant, p.ID))
	}
	return &libraryv1.Preview{Id: p.ID, Entries: entries, CreateTime: timestamppb.New(p.CreateTime), ExpireTime: timestamppb.New(p.ExpireTime)}, nil
}

func errorsOf(problems []*catalogv1.Problem) []fault.Option {
	var opts []fault.Option
	for _, p := range problems {
		if p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR {
			opts = append(opts, fault.Field(p.GetComponent()+"/"+p.GetPath(), p.GetMessage()))
		}
	}
	return opts
}

func newPreviewID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return principal.PreviewPrefix + hex.EncodeToString(b)
}

// DeletePreview removes a preview of the caller.
func (e *Engine) DeletePreview(ctx context.Context, who Caller, id string) error {
	mine, err := e.Previews.PreviewsOf(ctx, who.Tenant, who.Subject)
	if err != nil {
		return fmt.Errorf("list previews: %w", err)
	}
	if !slices.Contains(mine, id) {
		return previewNotFound(id)
	}
	return e.removePreview(ctx, who.Tenant, id)
}

// removePreview drops the tables first: without the record nobody would know of them.
func (e *Engine) removePreview(ctx context.Context, tenant, id string) error {
	if err := e.Copies.DropCopy(ctx, tenant, id); err != nil {
		return fmt.Errorf("remove tables of preview: %w", err)
	}
	if err := e.Previews.RemovePreview(ctx, tenant, id); err != nil {
		return fmt.Errorf("remove preview: %w", err)
	}
	return nil
}

func previewNotFound(id string) error {
	return fault.NotFound(faultv1.Reason_REASON_RELEASE_NOT_FOUND, fmt.Sprintf("preview %q is not there, or has ended", truncate(id, 60)))
}

// PreviewRelease returns the release of a preview that has not ended.
func (e *Engine) PreviewRelease(ctx context.Context, tenant, id string) (string, error) {
	p, err := e.Previews.Preview(ctx, tenant, id)
	if errors.Is(err, ErrNotFound) || err == nil && !p.ExpireTime.After(e.Clock.Now()) {
		return "", previewNotFound(id)
	}
	if err != nil {
		return "", fmt.Errorf("read preview: %w", err)
	}
	return p.ID, nil
}

func isPreview(release string) bool { return strings.HasPrefix(release, principal.PreviewPrefix) }

// SweepPreviews removes previews that have ended, until ctx ends.
func (e *Engine) SweepPreviews(ctx context.Context) {
	for {
		expired, err := e.Previews.ExpiredPreviews(ctx, e.Clock.Now())
		for _, p := range expired {
			if err = e.removePreview(ctx, p.Tenant, p.ID); err != nil {
				break
			}
		}
		if err != nil && ctx.Err() == nil {
			e.Log.WarnContext(ctx, "previews not swept", "error", err)
		}
		if clock.Sleep(ctx, e.Clock, previewSweep) != nil {
			return
		}
	}
}

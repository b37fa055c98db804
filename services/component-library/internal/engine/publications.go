package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

const retryAfter = 2 * time.Second

// NewPublication is a publication to begin.
type NewPublication struct {
	ID string
	// Release becomes live: a new one with these members or, to restore, an earlier one.
	Release string
	Members []Member
	Restore bool
	// Base must be the release that is live.
	Base             string
	Plan             *libraryv1.Publication
	Confirmed        []string
	Subject, Message string
	RequestID        string
	RequestDigest    []byte
	Time             time.Time
}

// Publication is a publication as it is kept.
type Publication struct {
	// Public is what is shown. Its release is set from the flip on.
	Public        *libraryv1.Publication
	Release       string
	Confirmed     []string
	RequestDigest []byte
}

// Publications keeps publications.
type Publications interface {
	// Begin keeps a publication in state pending. ErrRequest when its request id is taken, ErrActive when the tenant has one
	// that is not done, ErrMoved when Base is not what is live.
	Begin(ctx context.Context, tenant string, p NewPublication) error
	// Publication returns one by id; ErrNotFound.
	Publication(ctx context.Context, tenant, id string) (Publication, error)
	// ByRequest returns the one that a request id made; ErrNotFound.
	ByRequest(ctx context.Context, tenant, requestID string) (Publication, error)
	// Active returns the id of the one that is not done, "" when there is none.
	Active(ctx context.Context, tenant string) (string, error)
	// Publications lists at most n after a cursor, newest first.
	Publications(ctx context.Context, tenant string, after paging.Moment, n int) ([]Publication, error)
}

// CreatePublication lets a publication in and wakes the worker. Problems, unconfirmed losses and another publication under
// way are refused; nothing has changed then.
func (e *Engine) CreatePublication(ctx context.Context, who Caller, req *libraryv1.CreatePublicationRequest) (*libraryv1.Publication, error) {
	if err := checkCreate(req); err != nil {
		return nil, err
	}
	digest, err := requestDigest(req)
	if err != nil {
		return nil, err
	}
	if p, done, err := e.repeated(ctx, who.Tenant, req.GetRequestId(), digest); done || err != nil {
		return p, err
	}
	active, err := e.Publications.Active(ctx, who.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read active publication: %w", err)
	}
	if active != "" {
		return nil, inProgress()
	}
	p, err := e.prepared(ctx, who, req)
	if err != nil {
		return nil, err
	}
	p.RequestDigest = digest
	switch err := e.Publications.Begin(ctx, who.Tenant, p); {
	case errors.Is(err, ErrRequest):
		pub, _, err := e.repeated(ctx, who.Tenant, req.GetRequestId(), digest)
		return pub, err
	case errors.Is(err, ErrActive), errors.Is(err, ErrMoved):
		return nil, inProgress()
	case err != nil:
		return nil, fmt.Errorf("begin publication: %w", err)
	}
	e.moved(who.Tenant, p.ID)
	e.Wake()
	return e.GetPublication(ctx, who.Tenant, p.ID)
}

// prepared plans what the request asks for and refuses what may not go live.
func (e *Engine) prepared(ctx context.Context, who Caller, req *libraryv1.CreatePublicationRequest) (NewPublication, error) {
	p := NewPublication{
		ID: newSortedID("pub-"), Confirmed: req.GetConfirmLosses(), Subject: who.Subject, RequestID: req.GetRequestId(),
		Message: "waiting to begin", Time: e.now(),
	}
	restore := req.GetRestoreRelease() != ""
	var cand candidate
	var err error
	if p.Restore = restore; restore {
		p.Release = req.GetRestoreRelease()
		cand, err = e.restored(ctx, who.Tenant, p.Release)
	} else {
		p.Release = newSortedID("rel-")
		cand, err = e.candidate(ctx, who.Tenant, req.GetComponents(), req.GetRemove())
		p.Members = cand.members
	}
	if err != nil {
		return NewPublication{}, err
	}
	if !cand.changed && !restore && len(req.GetComponents()) == 0 {
		return NewPublication{}, fault.FailedPrecondition(faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS, "nothing changed since the last publication")
	}
	var checked CheckResult
	if !restore { // what was live once is not checked again: going back must work while the owners of the checks are away
		if checked, err = e.checkCandidate(ctx, cand); err != nil {
			return NewPublication{}, err
		}
	}
	plan, err := e.plan(ctx, who.Tenant, cand, checked)
	if err != nil {
		return NewPublication{}, err
	}
	if err := refuse(plan, checked.Unavailable, req.GetConfirmLosses(), restore); err != nil {
		return NewPublication{}, err
	}
	p.Base = cand.base
	p.Plan = &libraryv1.Publication{Components: plan.GetComponents(), Problems: plan.GetProblems()}
	return p, nil
}

// restored is the candidate that an earlier release is.
func (e *Engine) restored(ctx context.Context, tenant, id string) (candidate, error) {
	r, err := e.release(ctx, tenant, id)
	if err != nil {
		return candidate{}, err
	}
	base, live, err := e.liveMembers(ctx, tenant)
	if err != nil {
		return candidate{}, err
	}
	next := make(map[string]Member, len(r.Members))
	for _, m := range r.Members {
		next[m.Component] = m
	}
	return e.complete(ctx, tenant, base, live, next, nil)
}

// repeated answers a request whose id was seen before.
func (e *Engine) repeated(ctx context.Context, tenant, requestID string, digest []byte) (*libraryv1.Publication, bool, error) {
	if requestID == "" {
		return nil, false, nil
	}
	p, err := e.Publications.ByRequest(ctx, tenant, requestID)
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read publication by request: %w", err)
	}
	if !slices.Equal(p.RequestDigest, digest) {
		return nil, false, fault.Conflict(faultv1.Reason_REASON_REQUEST_ID_REUSED, "the request id was used for another request")
	}
	return p.Public, true, nil
}

func requestDigest(req *libraryv1.CreatePublicationRequest) ([]byte, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

func checkRestore(release string, components, remove []string) error {
	if release != "" && len(components)+len(remove) > 0 {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
			fault.Field("restore_release", "components and remove must be empty when a release is brought back"))
	}
	return nil
}

func checkCreate(req *libraryv1.CreatePublicationRequest) error {
	if err := checkRestore(req.GetRestoreRelease(), req.GetComponents(), req.GetRemove()); err != nil {
		return err
	}
	e := fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid")
	if id := req.GetRequestId(); len(id) > 100 || slices.ContainsFunc([]rune(id), unicode.IsControl) {
		fault.Field("request_id", "must have at most 100 characters and no control characters")(e)
	}
	if len(req.GetConfirmLosses()) > maxNodes {
		fault.Field("confirm_losses", fmt.Sprintf("has more than %d items", maxNodes))(e)
	}
	for _, l := range req.GetConfirmLosses() {
		if len(l) > maxTitle || slices.ContainsFunc([]rune(l), unicode.IsControl) {
			fault.Field("confirm_losses", "holds a name that is none")(e)
			break
		}
	}
	if len(e.Violations) > 0 {
		return e
	}
	return nil
}

func inProgress() error {
	return fault.Conflict(faultv1.Reason_REASON_PUBLICATION_IN_PROGRESS, "another publication is in progress; wait until it is done")
}

// newSortedID makes an id that sorts by time; the prefix tells what it names.
func newSortedID(prefix string) string {
	id, err := uuid.NewV7()
	if err != nil { // only without a source of randomness, in which case the runtime ends the process anyway
		panic(err)
	}
	return prefix + id.String()
}

// GetPublication returns the state of a publication.
func (e *Engine) GetPublication(ctx context.Context, tenant, id string) (*libraryv1.Publication, error) {
	p, err := e.Publications.Publication(ctx, tenant, id)
	if errors.Is(err, ErrNotFound) {
		return nil, fault.NotFound(faultv1.Reason_REASON_PUBLICATION_NOT_FOUND, fmt.Sprintf("publication %q not found", truncate(id, 60)))
	}
	if err != nil {
		return nil, fmt.Errorf("read publication: %w", err)
	}
	return p.Public, nil
}

// ListPublications lists at most n publications, newest first, with the cursors after each.
func (e *Engine) ListPublications(ctx context.Context, tenant string, after paging.Moment, n int) ([]*libraryv1.Publication, []paging.Moment, error) {
	rows, err := e.Publications.Publications(ctx, tenant, after, n)
	if err != nil {
		return nil, nil, fmt.Errorf("list publications: %w", err)
	}
	out, cursors := make([]*libraryv1.Publication, len(rows)), make([]paging.Moment, len(rows))
	for i, p := range rows {
		out[i], cursors[i] = p.Public, paging.Moment{Time: p.Public.GetCreateTime().AsTime(), ID: p.Public.GetId()}
	}
	return out, cursors, nil
}

// Package engine is the domain of the component library: documents and their revisions, what is published, and the state
// machine that publishes. It keeps its state through the interfaces below and knows neither SQL nor gRPC.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/impact"
)

// What a store says instead of doing what it was asked.
var (
	// ErrNotFound says that there is no such row in the tenant.
	ErrNotFound = errors.New("not found")
	// ErrExists says that the component's id or stable identity is taken.
	ErrExists = errors.New("already exists")
	// ErrStale says that the newest revision is another one.
	ErrStale = errors.New("another revision is the newest")
	// ErrLive says that the component is in the release that is live.
	ErrLive = errors.New("component is live")
	// ErrQuota says that the tenant's definitions would grow too large.
	ErrQuota = errors.New("quota exceeded")
	// ErrActive says that the tenant has a publication that is not done.
	ErrActive = errors.New("a publication is in progress")
	// ErrMoved says that another release is live than was planned for.
	ErrMoved = errors.New("another release became live")
	// ErrRequest says that a publication with this request id exists.
	ErrRequest = errors.New("request id is taken")
	// ErrLost says that another worker holds the publication, or that it is done.
	ErrLost = errors.New("lease lost")
)

// Key names one revision.
type Key struct {
	UID      string
	Revision int64
}

// Head is a component in its newest revision, without content.
type Head struct {
	Key
	Component string
}

// Content is the document of a revision, encoded.
type Content struct {
	Format int16
	Bytes  []byte
}

// Revision is one save with what is known about its component.
type Revision struct {
	UID, Component string
	Number         int64
	Format         int16
	Content        []byte
	Digest         []byte
	Subject        string
	// CreateTime is when the component was made, Time when the revision was.
	CreateTime, Time time.Time
	// Published is the revision that is live, 0 when none is.
	Published int64
	// Header stands in place of Content in lists.
	Header []byte
}

// Save is a new revision to keep.
type Save struct {
	UID, Component   string
	Content, Digest  []byte
	Header           []byte
	Subject, Summary string
	Time             time.Time
}

// BasedSave is the revision to keep after base.
type BasedSave struct {
	Base int64
	Save
}

// Components keeps documents.
type Components interface {
	// Heads lists the components of a tenant by id.
	Heads(ctx context.Context, tenant string) ([]Head, error)
	// Page lists at most n components with an id greater than after, with headers.
	Page(ctx context.Context, tenant, after string, n int) ([]Revision, error)
	// Revision reads one revision, the newest for number 0. It returns ErrNotFound when there is none.
	Revision(ctx context.Context, tenant, component string, number int64) (Revision, error)
	// Contents reads the documents that exist among keys.
	Contents(ctx context.Context, tenant string, keys []Key) (map[Key]Content, error)
	// History lists at most n revisions of a component below before, newest first. It returns ErrNotFound when there is no
	// such component.
	History(ctx context.Context, tenant, component string, before int64, n int) ([]*libraryv1.Revision, error)
	// Create keeps the first revision of a component; ErrExists, ErrQuota.
	Create(ctx context.Context, tenant string, s Save) error
	// Save keeps the revision after base; ErrStale when base is not the newest, ErrQuota.
	Save(ctx context.Context, tenant string, base int64, s Save) error
	// SaveAll keeps revisions of several components, all or none; ErrStale when newest are not the newest revisions of all components
	// of the tenant, ErrQuota.
	SaveAll(ctx context.Context, tenant string, newest []Key, saves []BasedSave) error
	// Delete removes a component whose newest revision is base; ErrStale, ErrLive.
	Delete(ctx context.Context, tenant, uid string, base int64, now time.Time) error
}

// Index keeps what revisions refer to. What a name means depends on the other components, so an index belongs to a universe:
// a hash of the newest revisions of all components.
type Index interface {
	// Unindexed lists the components whose newest revision has no complete index that was made in this universe.
	Unindexed(ctx context.Context, tenant string, universe []byte) ([]string, error)
	// SetUses replaces the references of a revision, unless they are those of this universe. An empty universe says that
	// some references may be missing.
	SetUses(ctx context.Context, tenant string, key Key, uses []*catalogv1.Reference, universe []byte) error
	// Uses lists at most n references of newest revisions to a component, or to one thing in it.
	Uses(ctx context.Context, tenant, component, target string, n int) ([]*catalogv1.Reference, error)
}

// Checker type-checks definitions.
type Checker interface {
	// Check examines the chosen components against all. It fails only when ctx ends: an owner of dataflows, workflows or
	// scripts that does not answer is named in the result.
	Check(ctx context.Context, all []*libraryv1.Component, chosen []string) (CheckResult, error)
}

// CheckResult is what a check found.
type CheckResult struct {
	Problems   []*catalogv1.Problem
	References []*catalogv1.Reference
	// StepTypes are what the steps of the chosen components' dataflows give, as far as it is known.
	StepTypes []*libraryv1.StepType
	// Unavailable names the services that could not be asked.
	Unavailable []string
}

// Schema changes the tables of a tenant.
type Schema interface {
	// Plan tells what would have to change, and changes nothing. What is stored in the changed fields is compared with their rules.
	Plan(ctx context.Context, tenant string, components []*libraryv1.Component, changed []impact.Field) (SchemaPlan, error)
	// Count counts what filters over the fields of the components select among at most sample entries that are there now.
	Count(ctx context.Context, tenant string, components []*libraryv1.Component, counts []impact.Count, sample int) ([]Counted, error)
	// Expand adds what a release needs. It may be repeated; step hears of progress, 0 to 100.
	Expand(ctx context.Context, tenant, release string, components []*libraryv1.Component, step func(percent int, message string)) error
	// Contract removes what the release does not need, of data only the confirmed losses. It may be repeated.
	Contract(ctx context.Context, tenant, release string, components []*libraryv1.Component, confirmed []string, step func(percent int, message string)) error
}

// Counted is the answer to a count; Problem says why there is none.
type Counted struct {
	Entries, Selected int64
	Problem           string
}

// SchemaPlan is what a change of tables means.
type SchemaPlan struct {
	Changes []*libraryv1.SchemaChange
	Losses  []*libraryv1.DataLoss
	// Conflicts are rows that stand in the way, as problems.
	Conflicts []*catalogv1.Problem
}

// Runs knows what runs and ran.
type Runs interface {
	// Pinned lists the releases that unfinished runs of a tenant still need.
	Pinned(ctx context.Context, tenant string) ([]string, error)
	// Schedule has the workflows of a live release start by the clock, for the user who published it. It may be repeated.
	Schedule(ctx context.Context, tenant, release, subject string) error
	// Replay goes through the latest runs of flows with what is live and with what would be. Why it could not is in the result.
	Replay(ctx context.Context, plan ReplayPlan) []*libraryv1.Replay
}

// ReplayPlan says what to replay.
type ReplayPlan struct {
	// Release is the one that is live.
	Tenant, Release string
	Flows           []impact.Flow
	// Components are those of the candidate.
	Components []*libraryv1.Component
}

// Deps are what an engine needs.
type Deps struct {
	Components   Components
	Index        Index
	Releases     Releases
	Publications Publications
	Previews     Previews
	Copies       Copies
	Leases       Leases
	Checker      Checker
	Schema       Schema
	Runs         Runs
	News         News // nil when nobody listens
	Clock        clock.Clock
	Log          *slog.Logger
	// Tuning bounds the publication worker.
	Tuning Tuning
	// Finished hears of every publication that this process brought to its end; nil when nobody counts.
	Finished func(libraryv1.PublicationState)
}

// Engine is the component library. It is safe for concurrent use.
type Engine struct {
	Deps
	documents *documents
	releases  *releaseSets
	watchers  *watchers
	wake      chan struct{}
	owner     string
	// failpoint is called by name between the steps of a publication; tests stop the worker there.
	failpoint func(name string) error
}

// New wires an engine; it starts nothing.
func New(d Deps) *Engine {
	if d.Finished == nil {
		d.Finished = func(libraryv1.PublicationState) {}
	}
	if d.News == nil {
		d.News = noNews{}
	}
	return &Engine{
		Deps: d, documents: newDocuments(d.Components), releases: newReleaseSets(), watchers: newWatchers(), wake: make(chan struct{}, 1),
		owner: newID(), failpoint: func(string) error { return nil },
	}
}

// now is the time as the store keeps it.
func (e *Engine) now() time.Time { return e.Clock.Now().UTC().Truncate(time.Microsecond) }

// Caller is who asks.
type Caller struct {
	Tenant  string
	Subject string
}

func componentNotFound(id string) error {
	return fault.NotFound(faultv1.Reason_REASON_COMPONENT_NOT_FOUND, fmt.Sprintf("component %q not found", truncate(id, 60)))
}

func stale() error {
	return fault.Conflict(faultv1.Reason_REASON_ETAG_MISMATCH,
		"the component was changed by somebody else since it was read; read it again and repeat the change")
}

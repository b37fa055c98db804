package live

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/releases"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/recording"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Tested is a step of a test.
type Tested struct {
	Report *step.Report
	Items  []step.Item
	// Err is why the step failed.
	Err error
	// Skipped says in words what was not done because it is a test.
	Skipped []string
}

// Outcome is what came of a test, also of one that failed at a step.
type Outcome struct {
	Result   *step.Result
	Steps    []Tested
	Revision int64
}

// maxTestTime bounds a test.
const maxTestTime = 30 * time.Second

// Test runs the draft of a dataflow as the caller and stores nothing. The error is that of a test that could not begin.
func (e *Engine) Test(ctx context.Context, req Request) (Outcome, error) {
	p, ok := principal.From(ctx)
	if !ok {
		return Outcome{}, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "nobody is signed in")
	}
	if err := e.enter(); err != nil {
		return Outcome{}, err
	}
	defer e.running.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, maxTestTime)
	defer cancel()
	got, err := libraryv1.NewReleasesClient(e.deps.Library).GetCandidate(ctx,
		&libraryv1.GetCandidateRequest{Tenant: p.Tenant, Component: req.Component}, grpc.MaxCallRecvMsgSize(releases.MaxSize))
	if err != nil {
		return Outcome{}, fmt.Errorf("load draft: %w", err)
	}
	draft := e.newRelease(got)
	graph, err := draft.graph(req.Component, req.Dataflow)
	if err != nil {
		return Outcome{}, err
	}
	log := &skipped{}
	deps := e.deps
	deps.Reach = recording.Reach{
		Entries: e.deps.Tries.Entries, Scripts: e.deps.Tries.Scripts, Files: unstored{e.deps.Reach.Files, log}, Workflows: unstarted{log},
	}
	calls := &calls{deps: deps, release: draft, user: objectmodel.UserValue(p)}
	out := Outcome{}
	for _, c := range got.GetComponents() {
		if c.GetId() == req.Component {
			out.Revision = c.GetRevision()
		}
	}
	out.Result, err = graph.Trace(ctx, calls.env(req), e.deps.Clock.Now, func(r *step.Report, items []step.Item, err error) {
		out.Steps = append(out.Steps, Tested{Report: r, Items: items, Err: unpublished(err), Skipped: log.take()})
	})
	if err != nil && (len(out.Steps) == 0 || out.Steps[len(out.Steps)-1].Err == nil) {
		return Outcome{}, err // between steps: the caller has gone, or the time is up
	}
	if out.Result == nil {
		out.Result = &step.Result{}
	}
	return out, nil
}

// unpublished explains a component that storage does not know: the draft does.
func unpublished(err error) error {
	f, ok := fault.As(err)
	if !ok || f.Reason != faultv1.Reason_REASON_COMPONENT_NOT_FOUND && f.Reason != faultv1.Reason_REASON_NOTHING_PUBLISHED {
		return err
	}
	explained := *f
	explained.Message += "; publish the component first, a test works on the live tables"
	return &explained
}

// skipped collects what the running step did not do.
type skipped struct{ lines []string }

func (s *skipped) note(format string, args ...any) {
	const most = 20
	if len(s.lines) < most {
		s.lines = append(s.lines, fmt.Sprintf(format, args...))
	}
}

func (s *skipped) take() []string {
	lines := s.lines
	s.lines = nil
	return lines
}

// unstored reads files, and stores none.
type unstored struct {
	step.Files
	log *skipped
}

func (u unstored) Store(_ context.Context, name, contentType string, content []byte) (step.FileInfo, error) {
	u.log.note("the file %.100q (%d bytes) was not stored", name, len(content))
	return step.FileInfo{Name: name, ContentType: contentType, Size: int64(len(content))}, nil
}

// unstarted starts no workflows.
type unstarted struct{ log *skipped }

func (u unstarted) Start(_ context.Context, component, workflow, _ string, _ any, _ string) (string, error) {
	u.log.note("the workflow %q of %q was not started", workflow, component)
	return "", nil
}

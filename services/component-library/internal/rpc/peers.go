package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/grpc"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/check"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/impact"
)

// Peers reaches the services that the library calls.
type Peers struct {
	schema    storagev1.SchemaClient
	workflows workflowv1.DefinitionsClient
	schedules workflowv1.ScheduleSyncClient
	dataflows dataflowv1.DefinitionsClient
	python    pythonv1.RunnerClient
}

var (
	_ check.Owners  = (*Peers)(nil)
	_ engine.Schema = (*Peers)(nil)
	_ engine.Copies = (*Peers)(nil)
	_ engine.Runs   = (*Peers)(nil)
)

// NewPeers takes the connections from conn, which finds them by the name of the service.
func NewPeers(conn func(service string) grpc.ClientConnInterface) *Peers {
	return &Peers{
		schema:    storagev1.NewSchemaClient(conn("storage")),
		workflows: workflowv1.NewDefinitionsClient(conn("workflow")),
		schedules: workflowv1.NewScheduleSyncClient(conn("workflow")),
		dataflows: dataflowv1.NewDefinitionsClient(conn("dataflow")),
		python:    pythonv1.NewRunnerClient(conn("python-runner")),
	}
}

// large lets definitions out that are larger than the default for messages; how much it takes is for the receiver to say.
func large() grpc.CallOption { return grpc.MaxCallSendMsgSize(64 << 20) }

// checkTimeout is how long an owner may take over one part: one that hangs becomes a warning, and the check goes on.
const checkTimeout = 3 * time.Second

// copyTimeout is how long the tables of a preview may take, with thousands of entries.
const copyTimeout = 2 * time.Minute

// countTimeout is how long the counts of a plan may take: without them there is still a plan.
const countTimeout = 5 * time.Second

// CheckDataflow implements check.Owners.
func (p *Peers) CheckDataflow(ctx context.Context, c *libraryv1.Component, id string, others []*libraryv1.Component) (check.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	res, err := p.dataflows.CheckDataflow(ctx, &dataflowv1.CheckDataflowRequest{Component: c, Dataflow: id, Others: others}, large())
	if err != nil {
		return check.Answer{}, fmt.Errorf("check dataflow: %w", err)
	}
	return check.Answer{Problems: res.GetProblems(), References: res.GetReferences(), StepTypes: res.GetOutputTypes()}, nil
}

// CheckWorkflow implements check.Owners.
func (p *Peers) CheckWorkflow(ctx context.Context, c *libraryv1.Component, id string, others []*libraryv1.Component) (check.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	res, err := p.workflows.CheckWorkflow(ctx, &workflowv1.CheckWorkflowRequest{Component: c, Workflow: id, Others: others}, large())
	if err != nil {
		return check.Answer{}, fmt.Errorf("check workflow: %w", err)
	}
	return check.Answer{Problems: res.GetProblems(), References: res.GetReferences()}, nil
}

// CheckSource implements check.Owners.
func (p *Peers) CheckSource(ctx context.Context, source string) (check.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	res, err := p.python.CheckSource(ctx, &pythonv1.CheckSourceRequest{Source: source}, large())
	if err != nil {
		return check.Answer{}, fmt.Errorf("check source: %w", err)
	}
	return check.Answer{Problems: res.GetProblems()}, nil
}

// Plan implements engine.Schema.
func (p *Peers) Plan(ctx context.Context, tenant string, components []*libraryv1.Component, changed []impact.Field) (engine.SchemaPlan, error) {
	req := &storagev1.PlanSchemaRequest{Tenant: tenant, Components: components}
	for _, f := range changed {
		req.ChangedRules = append(req.ChangedRules, &storagev1.FieldName{Component: f.Component, Field: f.ID})
	}
	res, err := p.schema.PlanSchema(ctx, req, large())
	if err != nil {
		return engine.SchemaPlan{}, err
	}
	plan := engine.SchemaPlan{Changes: res.GetChanges(), Losses: res.GetLosses()}
	for _, c := range res.GetConflicts() {
		message := c.GetMessage()
		switch {
		case len(c.GetEntries()) > 0:
			message = fmt.Sprintf("%s (%d rows: %s)", message, c.GetRows(), some(c.GetEntries(), c.GetRows()))
		case c.GetRows() > 0:
			message = fmt.Sprintf("%s (%d rows)", message, c.GetRows())
		}
		path := "model"
		if c.GetField() != "" {
			path = "model/fields/" + c.GetField()
		}
		plan.Conflicts = append(plan.Conflicts, &catalogv1.Problem{
			Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: "schema-conflict", Component: c.GetComponent(), Path: path, Message: message,
		})
	}
	return plan, nil
}

// MakeCopy implements engine.Copies.
func (p *Peers) MakeCopy(ctx context.Context, tenant, preview string, components []*libraryv1.Component) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	res, err := p.schema.MakePreview(ctx, &storagev1.MakePreviewRequest{Tenant: tenant, Preview: preview, Components: components}, large())
	if err != nil {
		return 0, fmt.Errorf("make preview: %w", err)
	}
	return res.GetEntries(), nil
}

// DropCopy implements engine.Copies.
func (p *Peers) DropCopy(ctx context.Context, tenant, preview string) error {
	ctx, cancel := context.WithTimeout(ctx, copyTimeout)
	defer cancel()
	if _, err := p.schema.DropPreview(ctx, &storagev1.DropPreviewRequest{Tenant: tenant, Preview: preview}); err != nil {
		return fmt.Errorf("drop preview: %w", err)
	}
	return nil
}

// some lists the first of n ids.
func some(ids []string, n int64) string {
	text := strings.Join(ids, ", ")
	if int64(len(ids)) < n {
		text += ", …"
	}
	return text
}

// Count implements engine.Schema.
func (p *Peers) Count(ctx context.Context, tenant string, components []*libraryv1.Component, counts []impact.Count, sample int) ([]engine.Counted, error) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	req := &storagev1.CountEntriesRequest{Tenant: tenant, Components: components, Sample: int32(sample)}
	for _, c := range counts {
		req.Counts = append(req.Counts, &storagev1.EntryCount{Component: c.Component, Role: c.Role, Filters: c.Filters})
	}
	res, err := p.schema.CountEntries(ctx, req, large())
	if err != nil {
		return nil, fmt.Errorf("count entries: %w", err)
	}
	if len(res.GetResults()) != len(counts) {
		return nil, fmt.Errorf("count entries: %d results for %d counts", len(res.GetResults()), len(counts))
	}
	out := make([]engine.Counted, len(counts))
	for i, r := range res.GetResults() {
		out[i] = engine.Counted{Entries: r.GetSampled(), Selected: r.GetSelected(), Problem: r.GetProblem()}
	}
	return out, nil
}

// Expand implements engine.Schema.
func (p *Peers) Expand(ctx context.Context, tenant, release string, components []*libraryv1.Component, step func(int, string)) error {
	stream, err := p.schema.ExpandSchema(ctx, &storagev1.ExpandSchemaRequest{Tenant: tenant, Release: release, Components: components}, large())
	if err != nil {
		return err
	}
	return follow(stream, step)
}

// Contract implements engine.Schema.
func (p *Peers) Contract(ctx context.Context, tenant, release string, components []*libraryv1.Component, confirmed []string, step func(int, string)) error {
	stream, err := p.schema.ContractSchema(ctx, &storagev1.ContractSchemaRequest{
		Tenant: tenant, Release: release, Components: components, ConfirmedLosses: confirmed,
	}, large())
	if err != nil {
		return err
	}
	return follow(stream, step)
}

func follow(stream grpc.ServerStreamingClient[storagev1.SchemaProgress], step func(int, string)) error {
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if total := int(m.GetTotal()); total > 0 {
			step(100*int(m.GetDone())/total, m.GetMessage())
		}
	}
}

// Schedule implements engine.Runs.
func (p *Peers) Schedule(ctx context.Context, tenant, release, subject string) error {
	_, err := p.schedules.SyncSchedules(ctx, &workflowv1.SyncSchedulesRequest{Tenant: tenant, Release: release, Subject: subject})
	return err
}

// Pinned implements engine.Runs.
func (p *Peers) Pinned(ctx context.Context, tenant string) ([]string, error) {
	res, err := p.workflows.ListPinnedReleases(ctx, &workflowv1.ListPinnedReleasesRequest{Tenant: tenant})
	if err != nil {
		return nil, err
	}
	return res.GetReleases(), nil
}

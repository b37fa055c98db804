package rpc

import (
	"context"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Triggers serves aqtra.workflow.v1.Triggers.
type Triggers struct {
	workflowv1.UnimplementedTriggersServer
	Engine *engine.Engine
}

// StartTriggered implements the service.
func (s *Triggers) StartTriggered(ctx context.Context, req *workflowv1.StartTriggeredRequest) (*workflowv1.StartTriggeredResponse, error) {
	v, err := input("input", req.GetInput())
	if err != nil {
		return nil, err
	}
	run, err := s.Engine.StartTriggered(ctx, req.GetTenant(), req.GetRelease(), req.GetSubject(), engine.StartRequest{
		Component: req.GetComponent(), Workflow: req.GetWorkflow(), Entry: req.GetEntry(), RequestID: req.GetRequestId(), Input: v,
	})
	if err != nil {
		return nil, err
	}
	return &workflowv1.StartTriggeredResponse{Run: run.ID}, nil
}

// Definitions serves aqtra.workflow.v1.Definitions.
type Definitions struct {
	workflowv1.UnimplementedDefinitionsServer
	Engine *engine.Engine
	Kinds  dsl.Kinds
}

func specs(kinds dsl.Kinds) *workflowv1.DescribeResponse {
	resp := &workflowv1.DescribeResponse{}
	resp.Specs = append(append([]*catalogv1.Spec{}, kinds.Tasks.Specs()...), kinds.Functions.Specs()...)
	return resp
}

// Describe implements the service.
func (s *Definitions) Describe(context.Context, *workflowv1.DescribeRequest) (*workflowv1.DescribeResponse, error) {
	return specs(s.Kinds), nil
}

// CheckWorkflow implements the service.
func (s *Definitions) CheckWorkflow(_ context.Context, req *workflowv1.CheckWorkflowRequest) (*workflowv1.CheckWorkflowResponse, error) {
	scope := &task.Scope{Component: req.GetComponent(), Others: req.GetOthers()}
	for _, w := range req.GetComponent().GetWorkflows() {
		if w.GetId() == req.GetWorkflow() {
			result := dsl.Compile(s.Kinds, scope, w)
			return &workflowv1.CheckWorkflowResponse{Problems: result.Problems, References: result.References}, nil
		}
	}
	return nil, fault.NotFound(faultv1.Reason_REASON_WORKFLOW_NOT_FOUND, "the component has no such workflow")
}

// ListPinnedReleases implements the service.
func (s *Definitions) ListPinnedReleases(ctx context.Context, req *workflowv1.ListPinnedReleasesRequest) (*workflowv1.ListPinnedReleasesResponse, error) {
	releases, err := s.Engine.PinnedReleases(ctx, req.GetTenant())
	return &workflowv1.ListPinnedReleasesResponse{Releases: releases}, err
}

// Catalog serves aqtra.workflow.v1.Catalog.
type Catalog struct {
	workflowv1.UnimplementedCatalogServer
	Kinds dsl.Kinds
}

// ListTaskTypes implements the service.
func (s *Catalog) ListTaskTypes(context.Context, *workflowv1.DescribeRequest) (*workflowv1.DescribeResponse, error) {
	return specs(s.Kinds), nil
}

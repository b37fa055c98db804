// Package peers is what storage needs of other services.
package peers

import (
	"context"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/releases"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/outbox"
)

var _ engine.Releases = (*releases.Cache[*model.Release])(nil)

// NewReleases makes a cache of so many compiled releases in front of the library.
func NewReleases(library grpc.ClientConnInterface, c clock.Clock, count int) *releases.Cache[*model.Release] {
	return releases.New(library, count, func(r *libraryv1.Release) (*model.Release, error) {
		return model.Compile(r.GetId(), r.GetComponents(), c)
	})
}

// Starter starts workflows for changes of entries.
type Starter struct{ client workflowv1.TriggersClient }

var _ outbox.Starter = Starter{}

// NewStarter makes a starter on a connection to the workflow service.
func NewStarter(conn grpc.ClientConnInterface) Starter {
	return Starter{workflowv1.NewTriggersClient(conn)}
}

// Start implements outbox.Starter.
func (s Starter) Start(ctx context.Context, r outbox.Row, input *typev1.Value) error {
	_, err := s.client.StartTriggered(ctx, &workflowv1.StartTriggeredRequest{
		Tenant: r.Tenant, Release: r.Release, Subject: r.Subject, Component: r.Component, Workflow: r.Workflow, Entry: r.Entry,
		Input: input, RequestId: r.ID,
	})
	return err
}

// Package rpc joins the component library to gRPC: it serves aqtra.library.v1 from the engine, and reaches the other
// services for it. It holds no logic of its own.
package rpc

import (
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

// Register adds all services of aqtra.library.v1.
func Register(s grpc.ServiceRegistrar, e *engine.Engine) {
	libraryv1.RegisterComponentsServer(s, &components{engine: e})
	libraryv1.RegisterPublicationsServer(s, &publications{engine: e})
	libraryv1.RegisterPreviewsServer(s, &previews{engine: e})
	libraryv1.RegisterPublishedServer(s, &published{engine: e})
	libraryv1.RegisterReleasesServer(s, &releases{engine: e})
}

func who(p principal.Principal) engine.Caller {
	return engine.Caller{Tenant: p.Tenant, Subject: p.Subject}
}

// maxPage bounds a page of a list.
const maxPage = 200

func tenantGiven(tenant string) error {
	if tenant == "" {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid", fault.Field("tenant", "is required"))
	}
	return nil
}

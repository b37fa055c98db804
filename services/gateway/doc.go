// Package gateway is the door of the platform: it hosts the public edge (REST, gRPC and pages on one port) and the services that
// need nothing but the gateway's own tables, identity and samples, and the live changes that open pages listen to.
//
// The edge (internal/edge) turns a request into a call of the service that owns the method, with a signed token that says who
// acts, in which tenant, at which release. Identity (internal/identity) answers who presents a credential; the edge asks it in
// this process, while everything under aqtra.identity.v1 goes through the gateway's own internal listener like a call to any
// other service.
package gateway

// Package edge is the public side of the platform: REST, gRPC, the API's page and the web UI on one TLS 1.3 port.
//
// # A request
//
// Headers that only we may set are dropped first. REST requests are matched to a method of the proto files by grpc-gateway; gRPC
// requests name theirs and pass through undecoded. Both then take the same way through [gate.admit]: rate limits, the credential
// (cookie or bearer) resolved to a principal, the release that is live in the tenant, and one signed token that says all this to
// the services behind. Whether the principal may call the method is decided by the service that owns it; methods for peers do
// not exist here.
//
// Sizes, content type and query parameters are checked before a request is decoded. Whatever is refused is a fault, and every
// fault becomes the same JSON (see [writeFault]).
//
// # Order of stopping
//
// [Edge.Serve] goes on until its context ends, then stops accepting, tells HTTP/2 clients to go away, waits for running
// requests and cuts what is left.
package edge

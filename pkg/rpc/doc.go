// Package rpc is what happens around every gRPC call. On the server: recovery, metrics and log, a deadline, which service may
// call (the call graph), who acts (the identity token), whether that one may (the method's aqtra.authz.v1.rule), and faults
// turned into statuses. On the client: token, deadline and request id travel along, and statuses become faults again.
//
// Services of one process call each other through a Door, without a wire: the same chains, the same statuses, copies of all that
// passes but the messages that a caller gives away (GiveAway). Streams take a connection even then.
//
// Nothing of an error reaches a caller unless a fault says it: what is not a fault becomes Internal and is logged here, once.
package rpc

const (
	// Domain marks the statuses that are ours, in ErrorInfo.domain.
	Domain = "aqtra.io"
	// TokenKey is the metadata key of the identity token.
	TokenKey = "aqtra-token-bin"
	// RequestIDKey is the metadata key of the request's id.
	RequestIDKey = "aqtra-request-id"
	// DefaultMaxMessage is the largest message in bytes unless a server or client is told otherwise. Releases travel whole; what
	// strangers send is bounded by the edge, much lower.
	DefaultMaxMessage = 64 << 20
)

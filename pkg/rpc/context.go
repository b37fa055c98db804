package rpc

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
)

type (
	tokenKey     struct{}
	requestIDKey struct{}
)

// WithToken returns a context whose outgoing calls carry this identity token instead of the caller's.
func WithToken(ctx context.Context, token []byte) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

// Token returns the identity token that outgoing calls carry, nil for none.
func Token(ctx context.Context) []byte {
	t, _ := ctx.Value(tokenKey{}).([]byte)
	return t
}

// WithRequestID returns a context whose log lines and outgoing calls carry id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id that ties together what one request does in all services, empty for none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// withIncomingRequestID keeps the caller's id if it is fit for a log line, and makes one otherwise.
func withIncomingRequestID(ctx context.Context) context.Context {
	ids := metadata.ValueFromIncomingContext(ctx, RequestIDKey)
	if len(ids) == 1 && ValidRequestID(ids[0]) {
		return WithRequestID(ctx, ids[0])
	}
	return WithRequestID(ctx, uuid.NewString())
}

// ValidRequestID reports whether id has 1 to 64 letters, digits, dashes, dots or underscores.
func ValidRequestID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return id != "" && len(id) <= 64 && strings.Trim(id, allowed) == ""
}

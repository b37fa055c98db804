// Package rpc joins the component library to gRPC: it serves aqtra.library.v1 from the engine, and reaches the other
// services for it. It holds no logic of its own.
package rpc

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

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
	libraryv1.RegisterPublishedServer(s, &published{engine: e})
	libraryv1.RegisterReleasesServer(s, &releases{engine: e})
}

func caller(ctx context.Context) (principal.Principal, error) {
	p, ok := principal.From(ctx)
	if !ok || p.Tenant == "" {
		return p, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first")
	}
	return p, nil
}

func who(p principal.Principal) engine.Caller {
	return engine.Caller{Tenant: p.Tenant, Subject: p.Subject}
}

const (
	defaultPage = 50
	largestPage = 200
)

func pageSize(n int32) (int, error) {
	if n < 0 {
		return 0, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
			fault.Field("page_size", "must not be negative"))
	}
	if n == 0 {
		return defaultPage, nil
	}
	return min(int(n), largestPage), nil
}

// pageToken is what a page token holds: where the next page begins, and a hash of what the list was asked for, so that the
// token of another tenant or another list is refused.
type pageToken[C any] struct {
	Of    string `json:"o"`
	After C      `json:"a"`
}

func encodeToken[C any](after C, of ...string) (string, error) {
	b, err := json.Marshal(pageToken[C]{Of: digest(of), After: after})
	if err != nil {
		return "", fmt.Errorf("encode page token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// decodeToken returns first for an empty token.
func decodeToken[C any](text string, first C, of ...string) (C, error) {
	if text == "" {
		return first, nil
	}
	var t pageToken[C]
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	if err != nil || t.Of != digest(of) {
		return first, fault.Invalid(faultv1.Reason_REASON_PAGE_TOKEN_INVALID, "the page token is not one of this list",
			fault.Field("page_token", "is not one that this list gave"))
	}
	return t.After, nil
}

func digest(of []string) string {
	h := sha256.New()
	for _, s := range of {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:9])
}

func tenantGiven(tenant string) error {
	if tenant == "" {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid", fault.Field("tenant", "is required"))
	}
	return nil
}

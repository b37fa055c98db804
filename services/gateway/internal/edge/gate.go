package edge

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/audit"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
)

// Authenticator finds out who presents a credential; identity.Service does.
type Authenticator interface {
	Authenticate(ctx context.Context, credential string) (principal.Principal, identity.SessionInfo, error)
}

// Minter signs tokens; token.Minter does.
type Minter interface {
	Mint(p principal.Principal, audience ...string) ([]byte, error)
}

// Peers are the services behind; service.Peers is.
type Peers interface {
	Conn(service string) grpc.ClientConnInterface
}

// caller is what is known of whoever sends a request, before it is believed.
type caller struct {
	address    netip.Addr
	credential string
	preview    string // what previewHeader says
	grpc       bool
}

// previewHeader names the preview that a request acts in. It goes no further than here.
const previewHeader = "Aqtra-Preview"

// Notes keeps the audit; audit.Notes does.
type Notes interface {
	// Begin notes a call before it is passed on; end tells how it ended, with a status of HTTP.
	Begin(ctx context.Context, c audit.Call) (end func(status int), err error)
}

// gate decides who comes in, and gives those who do what they need on their way to the services.
type gate struct {
	auth      Authenticator
	minter    Minter
	notes     Notes
	releases  *releases
	limiter   *limiter
	tenant    rate
	subject   rate
	address   rate
	audiences map[string][]string
}

// admit lets a request to a method in. The context it returns is for calls to the method's service: it carries the token and
// the metadata, and nothing that came from outside.
func (g *gate) admit(ctx context.Context, m *method, c caller) (context.Context, error) {
	md := metadata.MD{}
	if m.backend == "gateway" { // identity hosts sessions; nobody else has use for these
		md.Set(identity.MetadataClientAddress, c.address.String())
		if c.grpc {
			md.Set(identity.MetadataTransport, identity.TransportGRPC)
		}
	}
	if m.rule.GetPublic() {
		if err := g.count(ctx, "address:"+addressKey(c.address), g.address); err != nil {
			return nil, err
		}
		return metadata.NewOutgoingContext(ctx, md), nil
	}
	p, session, err := g.authenticate(ctx, c)
	if err != nil {
		return nil, err
	}
	if session.ID != "" && m.backend == "gateway" {
		md.Set(identity.MetadataSession, session.ID)
	}
	if err := g.count(ctx, "subject:"+p.Tenant+"/"+p.Subject, g.subject); err != nil {
		return nil, err
	}
	if err := g.count(ctx, "tenant:"+p.Tenant, g.tenant); err != nil {
		return nil, err
	}
	if m.pinned {
		if p.Release, err = g.release(ctx, p, c); err != nil {
			return nil, err
		}
	}
	tok, err := g.minter.Mint(p, g.audiences[m.backend]...)
	if err != nil {
		return nil, fmt.Errorf("admit request: %w", err)
	}
	ctx = metadata.NewOutgoingContext(principal.With(ctx, p), md)
	return rpc.WithToken(ctx, tok), nil
}

// noted tells whether calls of a method are noted: they may change something, and nobody behind notes the change itself.
func (m *method) noted() bool {
	return m.rule.GetMutates() && !m.rule.GetRecorded() && !m.rule.GetPublic()
}

// note notes an admitted call.
func (g *gate) note(ctx context.Context, m *method, c caller, target string) (end func(status int), err error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	action := m.name[strings.LastIndexByte(m.name[:strings.LastIndexByte(m.name, '/')], '.')+1:]
	return g.notes.Begin(ctx, audit.Call{
		Tenant: p.Tenant, Subject: p.Subject, Method: strings.Replace(action, "/", ".", 1), Target: strings.ToValidUTF8(target[:min(len(target), maxTarget)], ""),
		Address: c.address.String(),
	})
}

// target is the path that a message would have in REST; empty when it has none, and the template when it cannot be read.
func (m *method) target(data []byte) string {
	if m.route.template == "" {
		return ""
	}
	msg := dynamicpb.NewMessage(m.input)
	if err := proto.Unmarshal(data, msg); err != nil {
		return m.route.template
	}
	return variable().ReplaceAllStringFunc(m.route.template, func(field string) string {
		at := protoreflect.Message(msg)
		names := strings.Split(strings.Trim(field, "{}"), ".")
		for i, name := range names {
			f := at.Descriptor().Fields().ByName(protoreflect.Name(name))
			switch {
			case f == nil:
				return field
			case i == len(names)-1:
				return url.PathEscape(at.Get(f).String())
			case f.Message() == nil:
				return field
			}
			at = at.Get(f).Message()
		}
		return field
	})
}

// maxTarget is how many bytes of a path the audit keeps.
const maxTarget = 500

// release is what is live, or the preview that somebody who may see drafts asks for.
func (g *gate) release(ctx context.Context, p principal.Principal, c caller) (string, error) {
	if c.preview == "" {
		return g.releases.active(ctx, p.Tenant)
	}
	if !p.Can("components.read", "") {
		return "", fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "previews are for those who may see drafts")
	}
	return g.releases.preview(ctx, p.Tenant, c.preview)
}

// authenticate counts failures against the client's address, so that credentials cannot be guessed at leisure.
func (g *gate) authenticate(ctx context.Context, c caller) (principal.Principal, identity.SessionInfo, error) {
	if c.credential == "" {
		return principal.Principal{}, identity.SessionInfo{}, errUnauthenticated()
	}
	p, session, err := g.auth.Authenticate(ctx, c.credential)
	if f, ok := fault.As(err); ok && f.Kind == fault.KindUnauthenticated {
		if limited := g.count(ctx, "address:"+addressKey(c.address), g.address); limited != nil {
			err = limited
		}
	}
	return p, session, err
}

func (g *gate) count(ctx context.Context, key string, r rate) error {
	if wait := g.limiter.allow(ctx, key, r); wait > 0 {
		return fault.Exhausted(faultv1.Reason_REASON_RATE_LIMITED, "too many requests", fault.Retry(wait.Round(time.Millisecond)))
	}
	return nil
}

func errUnauthenticated() error {
	return fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first")
}

// audiences says for every service whom a token must satisfy that is sent there: the service, and whom it may call on the
// way, directly or not. The gateway's own services mint anew when they call others.
func audiences(services []string) map[string][]string {
	out := make(map[string][]string, len(services))
	for _, target := range services {
		reached := []string{target}
		for i := 0; i < len(reached) && target != "gateway"; i++ {
			for _, s := range services {
				if slices.Contains(rpc.Callers(s), reached[i]) && !slices.Contains(reached, s) {
					reached = append(reached, s)
				}
			}
		}
		slices.Sort(reached)
		out[target] = reached
	}
	return out
}

// CookieName is the session's cookie. The prefix makes browsers demand TLS, this host and the whole site.
const CookieName = "__Host-aqtra"

// restCaller reads who calls from a REST request: the Authorization header, or else the cookie. Requests that ride on a
// cookie, or on none, and may change something must come from our own pages.
func restCaller(r *http.Request, address netip.Addr, origins *http.CrossOriginProtection) (caller, error) {
	c := caller{address: address, preview: r.Header.Get(previewHeader)}
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		c.credential = bearer(headers)
		return c, nil
	}
	if err := origins.Check(r); err != nil {
		return caller{}, fault.PermissionDenied(faultv1.Reason_REASON_CROSS_ORIGIN, "this request may only come from our own pages",
			fault.Cause(err))
	}
	if cookies := r.CookiesNamed(CookieName); len(cookies) > 0 {
		c.credential = cookies[0].Value
	}
	return c, nil
}

// bearer returns the credential of the one Authorization header. Anything else is no credential, which public methods, such as
// sign-in, do not mind.
func bearer(headers []string) string {
	const scheme = "bearer "
	if len(headers) != 1 || len(headers[0]) <= len(scheme) || !strings.EqualFold(headers[0][:len(scheme)], scheme) {
		return ""
	}
	return headers[0][len(scheme):]
}

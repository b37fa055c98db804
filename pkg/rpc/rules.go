package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// Rules returns the authorization rule of a method, by its full name "/package.Service/Method"; nil when it has none.
type Rules func(method string) *authzv1.Rule

// RegistryRules reads the rules of all methods that are linked into the binary, once.
func RegistryRules() Rules {
	rules := make(map[string]*authzv1.Rule)
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				m := methods.Get(j)
				if rule, ok := proto.GetExtension(m.Options(), authzv1.E_Rule).(*authzv1.Rule); ok && rule != nil {
					rules[fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())] = rule
				}
			}
		}
		return true
	})
	return func(method string) *authzv1.Rule { return rules[method] }
}

// exempt are the services that everybody who reaches the listener may call. They know nothing of tenants.
func exempt(method string) bool {
	for _, prefix := range []string{"/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"} {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}

// CheckRules returns an error that lists every registered method without a usable rule. Nil rules are the registry's.
func CheckRules(s interface {
	GetServiceInfo() map[string]grpc.ServiceInfo
}, rules Rules) error {
	if rules == nil {
		rules = RegistryRules()
	}
	var errs []error
	for name, info := range s.GetServiceInfo() {
		for _, m := range info.Methods {
			method := "/" + name + "/" + m.Name
			if exempt(method) {
				continue
			}
			if err := checkRule(rules(method), name, m.Name); err != nil {
				errs = append(errs, fmt.Errorf("method %s: %w", method, err))
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func checkRule(rule *authzv1.Rule, service, method string) error {
	if !usable(rule) {
		return errors.New("no authorization rule")
	}
	if rule.GetComponentField() == "" {
		return nil
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		return fmt.Errorf("read descriptor: %w", err)
	}
	md, ok := d.(protoreflect.MethodDescriptor)
	if !ok {
		return errors.New("is not a method")
	}
	_, err = resolve(md.Input(), rule.GetComponentField())
	return err
}

// usable reports whether a rule lets anybody in at all: "public: false" and the like are mistakes.
func usable(rule *authzv1.Rule) bool {
	switch a := rule.GetAccess().(type) {
	case *authzv1.Rule_Public:
		return a.Public
	case *authzv1.Rule_Authenticated:
		return a.Authenticated
	case *authzv1.Rule_Permission:
		return a.Permission != ""
	case *authzv1.Rule_Peers:
		return len(a.Peers.GetServices()) > 0
	case *authzv1.Rule_Operator:
		return a.Operator
	}
	return false
}

// resolve finds the fields of a path such as "entry.component"; the last is a string, the others are messages.
func resolve(m protoreflect.MessageDescriptor, path string) ([]protoreflect.FieldDescriptor, error) {
	var out []protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		if m == nil {
			return nil, fmt.Errorf("component field %q: %q is inside a field that is not a message", path, name)
		}
		f := m.Fields().ByName(protoreflect.Name(name))
		if f == nil || f.IsList() || f.IsMap() {
			return nil, fmt.Errorf("component field %q: %s has no single field %q", path, m.FullName(), name)
		}
		out, m = append(out, f), f.Message()
	}
	if out[len(out)-1].Kind() != protoreflect.StringKind {
		return nil, fmt.Errorf("component field %q is not a string", path)
	}
	return out, nil
}

// componentOf reads the component that a request names; empty when it names none or has no such field.
func componentOf(req any, path string) string {
	pm, ok := req.(proto.Message)
	if !ok || path == "" {
		return ""
	}
	m := pm.ProtoReflect()
	fields, err := resolve(m.Descriptor(), path)
	if err != nil {
		return ""
	}
	last := len(fields) - 1
	for _, f := range fields[:last] {
		m = m.Get(f).Message()
	}
	return m.Get(fields[last]).String()
}

// verdict is what can be said about a call before its request is read.
type verdict int

const (
	denied verdict = iota
	allowed
	// byComponent means that the caller holds the permission, for some components only.
	byComponent
)

// judge decides as far as it can without the request; the error says why a call is denied.
func judge(ctx context.Context, rule *authzv1.Rule) (verdict, error) {
	p, known := principal.From(ctx)
	switch a := rule.GetAccess().(type) {
	case *authzv1.Rule_Public:
		return allowed, nil
	case *authzv1.Rule_Peers:
		if name, ok := Caller(ctx); ok && slices.Contains(a.Peers.GetServices(), name) {
			return allowed, nil
		}
		return denied, peerFault()
	case *authzv1.Rule_Authenticated:
		if known && p.SignedIn() && p.Tenant != "" {
			return allowed, nil
		}
		return denied, unauthenticated(nil)
	case *authzv1.Rule_Operator:
		if known && p.SignedIn() && p.Operator {
			return allowed, nil
		}
		return denied, denial("")
	case *authzv1.Rule_Permission:
		if !known || p.Tenant == "" {
			return denied, unauthenticated(nil)
		}
		if p.Can(a.Permission, "") {
			return allowed, nil
		}
		if _, components := p.Components(a.Permission); len(components) > 0 && rule.GetComponentField() != "" {
			return byComponent, nil
		}
		return denied, denial(a.Permission)
	}
	return denied, denial("")
}

// judgeRequest decides what judge left open.
func judgeRequest(ctx context.Context, rule *authzv1.Rule, req any) error {
	p, _ := principal.From(ctx)
	c := componentOf(req, rule.GetComponentField())
	if c == "" || !p.Can(rule.GetPermission(), c) {
		return denial(rule.GetPermission())
	}
	return nil
}

func denial(permission string) *fault.Error {
	if permission == "" {
		return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not do this")
	}
	return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not do this: a permission is missing",
		fault.Meta("permission", permission))
}

func unauthenticated(cause error) *fault.Error {
	return fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first", fault.Cause(cause))
}

func peerFault() *fault.Error {
	return fault.PermissionDenied(faultv1.Reason_REASON_PEER_NOT_ALLOWED, "this service may not be called from there")
}

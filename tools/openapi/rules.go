package main

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	_ "github.com/aqtra/aqtra/proto/gen/aqtra/apidoc/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/audit/v1" // for their rules
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/notify/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	_ "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
)

// readRules returns the authorization rule of every method, by operation id ("Service_Method"), as far as the public may call it.
func readRules() map[string]*authzv1.Rule {
	rules := make(map[string]*authzv1.Rule)
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				m := s.Methods().Get(j)
				rule, _ := proto.GetExtension(m.Options(), authzv1.E_Rule).(*authzv1.Rule)
				if rule != nil && rule.GetPeers() == nil {
					rules[string(s.Name())+"_"+string(m.Name())] = rule
				}
			}
		}
		return true
	})
	return rules
}

// reasons are the reasons of errors as they are on the wire.
func reasons() []any {
	var out []any
	values := faultv1.Reason(0).Descriptor().Values()
	for i := range values.Len() {
		if v := values.Get(i); v.Number() != 0 {
			out = append(out, string(v.Name())[len("REASON_"):])
		}
	}
	return out
}

package edge

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// checkQuery refuses query parameters that the request has no field for, or that it takes from elsewhere; grpc-gateway would
// pass over them. Whether their values fit is told by fitsQuery, when the generated code finds that one does not.
func checkQuery(r *http.Request, m *method) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalid("the query is not valid", fault.Cause(err))
	}
	if m.route.body == rawBody {
		return nil // files read their own
	}
	for name := range query {
		if nameProblem(m, name) != "" {
			return fitsQuery(query, m)
		}
	}
	return nil
}

// fitsQuery tells of every parameter that is wrong, where the generated code stops at the first.
func fitsQuery(query url.Values, m *method) error {
	var opts []fault.Option
	reason, message := faultv1.Reason_REASON_UNKNOWN_FIELD, "some parameters are not known"
	for _, name := range sortedKeys(query) {
		problem := nameProblem(m, name)
		if problem == "" {
			problem = valueProblem(m, name, query[name])
		}
		if problem == "" {
			continue
		}
		if problem != unknownParameter {
			reason, message = faultv1.Reason_REASON_INVALID_FIELDS, "some parameters are not valid"
		}
		if len(opts) < maxViolations {
			opts = append(opts, fault.Field(clipName(name), problem))
		}
	}
	if len(opts) == 0 {
		return nil
	}
	return fault.Invalid(reason, message, opts...)
}

const (
	unknownParameter = "unknown parameter"
	maxViolations    = 50
)

func sortedKeys(query url.Values) []string {
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func clipName(name string) string {
	const most = 64
	if len(name) > most {
		name = name[:most] + "…"
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}

// nameProblem says why a parameter cannot be given, empty when it can.
func nameProblem(m *method, name string) string {
	path, field := resolveField(m.input, name)
	if field == nil || m.route.body == "*" || within(path, m.route.body) {
		return unknownParameter
	}
	for _, b := range m.route.bound {
		if within(path, b) || within(b, path) {
			return "is given in the path"
		}
	}
	return ""
}

// valueProblem says what is wrong with the values of a parameter, empty for nothing.
func valueProblem(m *method, name string, values []string) string {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(m.input.FullName())
	if err != nil {
		return unknownParameter
	}
	err = runtime.PopulateQueryParameters(mt.New().Interface(), url.Values{name: values}, utilities.NewDoubleArray(nil))
	if err == nil {
		return ""
	}
	_, field := resolveField(m.input, name)
	if len(values) > 1 && !field.IsList() {
		return "given more than once"
	}
	return expected(field)
}

// within reports whether the field at path is outer or inside it.
func within(path, outer string) bool {
	return outer != "" && (path == outer || strings.HasPrefix(path, outer+"."))
}

// resolveField finds the field that a parameter names, by its original or its JSON name, and returns its original path.
func resolveField(in protoreflect.MessageDescriptor, name string) (string, protoreflect.FieldDescriptor) {
	var path []string
	var field protoreflect.FieldDescriptor
	for part := range strings.SplitSeq(name, ".") {
		if field != nil {
			if in = field.Message(); in == nil || field.IsList() || field.IsMap() {
				return "", nil
			}
		}
		if field = in.Fields().ByTextName(part); field == nil {
			field = in.Fields().ByJSONName(part)
		}
		if field == nil {
			return "", nil
		}
		path = append(path, string(field.Name()))
	}
	return strings.Join(path, "."), field
}

func expected(f protoreflect.FieldDescriptor) string {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return "expected true or false"
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return "expected a whole number in range"
	case protoreflect.EnumKind:
		var names []string
		for i := range f.Enum().Values().Len() {
			names = append(names, string(f.Enum().Values().Get(i).Name()))
		}
		return "expected one of " + strings.Join(names, ", ")
	case protoreflect.MessageKind:
		if f.Message().FullName() == "google.protobuf.Timestamp" {
			return "expected a time such as 2026-01-31T13:05:00Z"
		}
	}
	return "is not valid"
}

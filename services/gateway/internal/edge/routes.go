package edge

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
)

// backends says which service serves a proto package.
func backends() map[protoreflect.FullName]string {
	return map[protoreflect.FullName]string{
		"aqtra.apidoc.v1":   "gateway",
		"aqtra.audit.v1":    "gateway",
		"aqtra.changes.v1":  "gateway",
		"aqtra.identity.v1": "gateway",
		"aqtra.samples.v1":  "gateway",
		"aqtra.library.v1":  "component-library",
		"aqtra.storage.v1":  "storage",
		"aqtra.notify.v1":   "workflow",
		"aqtra.workflow.v1": "workflow",
		"aqtra.dataflow.v1": "dataflow",
		"aqtra.python.v1":   "python-runner",
	}
}

// pinned are the services whose answers depend on what is live: their requests are pinned to a release.
func pinned(service protoreflect.FullName) bool {
	return slices.Contains([]protoreflect.FullName{
		"aqtra.apidoc.v1.ApiDocuments", "aqtra.library.v1.Published", "aqtra.storage.v1.Entries", "aqtra.storage.v1.Holds", "aqtra.storage.v1.Files",
		"aqtra.workflow.v1.Runs", "aqtra.workflow.v1.Tasks", "aqtra.notify.v1.Notices", "aqtra.dataflow.v1.Dataflows", "aqtra.python.v1.Scripts",
	}, service)
}

// method is a public method.
type method struct {
	name    string // "/package.Service/Method"
	backend string
	rule    *authzv1.Rule
	pinned  bool
	stream  bool
	input   protoreflect.MessageDescriptor
	route   route // zero for methods that only gRPC has
}

// route is the place of a method in REST.
type route struct {
	verb     string // GET, POST, ..
	template string // "/v1/components/{component}/entries"
	body     string // "" for none, "*", or the name of a field
	path     *regexp.Regexp
	bound    []string // fields that the path gives
}

// table knows the public methods, by name and by place.
type table struct {
	byName  map[string]*method
	byRoute map[string]*method
	// services are the full names of those with a public method.
	services []string
}

// newTable reads the proto files that are linked in. Methods for peers are left out: outside they do not exist.
func newTable() (*table, error) {
	t := &table{byName: make(map[string]*method), byRoute: make(map[string]*method)}
	var errs []string
	for pkg, backend := range backends() {
		protoregistry.GlobalFiles.RangeFilesByPackage(pkg, func(f protoreflect.FileDescriptor) bool {
			for i := range f.Services().Len() {
				if err := t.addService(f.Services().Get(i), backend); err != nil {
					errs = append(errs, err.Error())
				}
			}
			return true
		})
	}
	if len(errs) > 0 {
		slices.Sort(errs)
		return nil, fmt.Errorf("read public methods: %s", strings.Join(errs, "; "))
	}
	slices.Sort(t.services)
	return t, nil
}

func (t *table) addService(s protoreflect.ServiceDescriptor, backend string) error {
	public := false
	for i := range s.Methods().Len() {
		md := s.Methods().Get(i)
		rule, _ := proto.GetExtension(md.Options(), authzv1.E_Rule).(*authzv1.Rule)
		if rule.GetPeers() != nil {
			continue
		}
		if rule.GetAccess() == nil {
			return fmt.Errorf("method %s has no authorization rule", md.FullName())
		}
		public = true
		m := &method{
			name: fmt.Sprintf("/%s/%s", s.FullName(), md.Name()), backend: backend, rule: rule, pinned: pinned(s.FullName()),
			stream: md.IsStreamingClient() || md.IsStreamingServer(), input: md.Input(),
		}
		t.byName[m.name] = m
		rule2, _ := proto.GetExtension(md.Options(), annotations.E_Http).(*annotations.HttpRule)
		if rule2 == nil {
			continue
		}
		if len(rule2.GetAdditionalBindings()) > 0 || rule2.GetResponseBody() != "" {
			return fmt.Errorf("method %s: additional bindings and response bodies are not supported", md.FullName())
		}
		verb, template := place(rule2)
		if err := t.place(m, verb, template, rule2.GetBody()); err != nil {
			return err
		}
	}
	if public {
		t.services = append(t.services, string(s.FullName()))
	}
	return nil
}

func place(r *annotations.HttpRule) (verb, template string) {
	switch p := r.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, p.Get
	case *annotations.HttpRule_Put:
		return http.MethodPut, p.Put
	case *annotations.HttpRule_Post:
		return http.MethodPost, p.Post
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, p.Delete
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, p.Patch
	}
	return "", ""
}

// place gives a method its place in REST.
func (t *table) place(m *method, verb, template, body string) error {
	key := verb + " " + template
	if verb == "" || t.byRoute[key] != nil {
		return fmt.Errorf("method %s: %q is no place of its own", m.name, key)
	}
	r := route{verb: verb, template: template, body: body}
	expr := regexp.QuoteMeta(template)
	for _, v := range variable().FindAllStringSubmatch(template, -1) {
		r.bound = append(r.bound, v[1])
		expr = strings.Replace(expr, regexp.QuoteMeta(v[0]), "[^/]+", 1)
	}
	if strings.ContainsAny(variable().ReplaceAllString(template, ""), "{}*") {
		return fmt.Errorf("method %s: template %q is not supported", m.name, template)
	}
	var err error
	if r.path, err = regexp.Compile("^" + expr + "$"); err != nil {
		return fmt.Errorf("method %s: %w", m.name, err)
	}
	m.route = r
	t.byRoute[key] = m
	return nil
}

// variable finds the fields in a template: "{entry.id}".
func variable() *regexp.Regexp { return regexp.MustCompile(`\{([a-zA-Z0-9_.]+)\}`) }

// at returns the method at a place that grpc-gateway matched. Its patterns write "{x=*}" for "{x}".
func (t *table) at(verb, pattern string) *method {
	return t.byRoute[verb+" "+strings.ReplaceAll(pattern, "=*}", "}")]
}

// allowed returns the verbs that exist for a path, sorted.
func (t *table) allowed(path string) []string {
	var verbs []string
	for _, m := range t.byRoute {
		if m.route.path.MatchString(path) {
			verbs = append(verbs, m.route.verb)
			if m.route.verb == http.MethodGet {
				verbs = append(verbs, http.MethodHead)
			}
		}
	}
	slices.Sort(verbs)
	return slices.Compact(verbs)
}

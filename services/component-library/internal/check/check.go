package check

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

// Checker checks definitions. It is safe for concurrent use.
type Checker struct {
	owners Owners
	log    *slog.Logger
	cache  *cache
}

var _ engine.Checker = (*Checker)(nil)

// New makes a checker that asks owners about dataflows, workflows and scripts.
func New(owners Owners, log *slog.Logger) *Checker {
	return &Checker{owners: owners, log: log, cache: newCache(cacheEntries)}
}

// Check implements engine.Checker.
func (k *Checker) Check(ctx context.Context, all []*libraryv1.Component, chosen []string) (engine.CheckResult, error) {
	u := newUniverse(all)
	var res engine.CheckResult
	var jobs []job
	for _, c := range all {
		if !slices.Contains(chosen, c.GetId()) {
			continue
		}
		r := &run{universe: u, component: c}
		r.model()
		r.pages()
		r.settings()
		r.parts()
		jobs = append(jobs, ownerJobs(u, c)...)
		res.Problems, res.References = append(res.Problems, r.problems...), append(res.References, r.references...)
	}
	if err := k.ask(ctx, jobs, &res); err != nil {
		return engine.CheckResult{}, err
	}
	return res, nil
}

// universe is all that a definition may refer to.
type universe struct {
	all        []*libraryv1.Component
	components map[string]*libraryv1.Component
	objects    []expr.Object
	envs       map[scope]*expr.Env
	stripped   *stripped
}

func newUniverse(all []*libraryv1.Component) *universe {
	u := &universe{all: all, components: make(map[string]*libraryv1.Component, len(all)), envs: map[scope]*expr.Env{}}
	for _, c := range all {
		u.components[c.GetId()] = c
		if o, ok := object(c); ok {
			u.objects = append(u.objects, o)
		}
	}
	return u
}

func (u *universe) ids() []string {
	ids := make([]string, len(u.all))
	for i, c := range u.all {
		ids[i] = c.GetId()
	}
	return ids
}

// systemFields are the fields that every entry has; their ids begin with a dollar, because nobody can rename them.
func systemFields() []expr.Field {
	text, datetime := value.Type{Kind: value.Text}, value.Type{Kind: value.DatetimeKind}
	return []expr.Field{
		{ID: "$id", Name: "id", Type: text}, {ID: "$name", Name: "name", Type: text},
		{ID: "$creator_subject", Name: "creator_subject", Type: text}, {ID: "$update_subject", Name: "update_subject", Type: text},
		{ID: "$create_time", Name: "create_time", Type: datetime}, {ID: "$update_time", Name: "update_time", Type: datetime},
	}
}

// object is the form of a component's entries; false when it has none. Fields whose names are taken are left out, the
// model's check reports them.
func object(c *libraryv1.Component) (expr.Object, bool) {
	if len(c.GetModel().GetFields()) == 0 {
		return expr.Object{}, false
	}
	o := expr.Object{ID: c.GetId(), Name: c.GetId(), Fields: systemFields()}
	for _, f := range c.GetModel().GetFields() {
		if !slices.ContainsFunc(o.Fields, func(g expr.Field) bool { return g.Name == f.GetName() || g.ID == f.GetId() }) {
			o.Fields = append(o.Fields, expr.Field{ID: f.GetId(), Name: f.GetName(), Type: fieldType(f)})
		}
	}
	return o, true
}

func fieldType(f *libraryv1.Field) value.Type {
	switch f.GetType() {
	case libraryv1.FieldType_FIELD_TYPE_STRING, libraryv1.FieldType_FIELD_TYPE_URI:
		return value.Type{Kind: value.Text}
	case libraryv1.FieldType_FIELD_TYPE_INTEGER:
		t := value.Type{Kind: value.Int}
		for _, o := range f.GetInteger().GetOptions() {
			t.Enum = append(t.Enum, value.Option{Value: o.GetValue(), Label: o.GetLabel()})
		}
		return t
	case libraryv1.FieldType_FIELD_TYPE_NUMBER:
		return value.Type{Kind: value.DecimalKind}
	case libraryv1.FieldType_FIELD_TYPE_BOOLEAN:
		return value.Type{Kind: value.Bool}
	case libraryv1.FieldType_FIELD_TYPE_DATE:
		return value.Type{Kind: value.DateKind}
	case libraryv1.FieldType_FIELD_TYPE_TIME:
		return value.Type{Kind: value.TimeKind}
	case libraryv1.FieldType_FIELD_TYPE_DATETIME:
		return value.Type{Kind: value.DatetimeKind}
	case libraryv1.FieldType_FIELD_TYPE_FILE:
		return value.Type{Kind: value.FileKind}
	case libraryv1.FieldType_FIELD_TYPE_CATALOG:
		return value.RefOf(f.GetCatalog().GetComponent())
	case libraryv1.FieldType_FIELD_TYPE_ARRAY:
		return value.ListOf(value.RefOf(f.GetArray().GetComponent()))
	default:
		return value.Type{}
	}
}

// scope says what the variables of an expression are: ids of components whose entry they hold, or one of the words below.
type scope struct {
	entry, item string
	// user and params are there.
	user, params bool
}

const (
	absent  = ""  // no such variable
	anyForm = "*" // a record of a form that is not known
)

// env returns the expressions of a scope, or nil when the models are so broken that nothing can be said.
func (u *universe) env(s scope) *expr.Env {
	if env, ok := u.envs[s]; ok {
		return env
	}
	m := expr.Model{Objects: u.objects}
	add := func(name string, t value.Type) {
		m.Variables = append(m.Variables, expr.Field{ID: name, Name: name, Type: t})
	}
	for _, v := range []struct{ name, component string }{{"entry", s.entry}, {"item", s.item}} {
		switch {
		case v.component == absent:
		case v.component == anyForm || len(u.components[v.component].GetModel().GetFields()) == 0:
			add(v.name, value.DictOf(value.Type{}))
		default:
			add(v.name, value.RefOf(v.component))
		}
	}
	if s.user {
		text := value.Type{Kind: value.Text}
		add("user", value.MapOf(expr.Field{Name: "id", Type: text}, expr.Field{Name: "email", Type: text},
			expr.Field{Name: "name", Type: text}, expr.Field{Name: "roles", Type: value.ListOf(text)}))
	}
	if s.params {
		add("params", value.DictOf(value.Type{}))
	}
	env, err := expr.NewEnv(m)
	if err != nil {
		env = nil
	}
	u.envs[s] = env
	return env
}

// run checks one component.
type run struct {
	*universe
	component  *libraryv1.Component
	problems   []*catalogv1.Problem
	references []*catalogv1.Reference
}

// maxProblems bounds the answer about one component.
const maxProblems = 1_000

func (r *run) problem(reason, path, suggestion, format string, args ...any) {
	r.add(&catalogv1.Problem{Reason: reason, Path: path, Suggestion: suggestion, Message: fmt.Sprintf(format, args...)})
}

func (r *run) add(p *catalogv1.Problem) {
	if len(r.problems) >= maxProblems {
		return
	}
	if p.GetSeverity() == 0 {
		p.Severity = catalogv1.Severity_SEVERITY_ERROR
	}
	p.Component = r.component.GetId()
	r.problems = append(r.problems, p)
}

// unknown reports a name that leads nowhere, with the nearest one that does.
func (r *run) unknown(kind, path, name string, known []string) {
	message := fmt.Sprintf("there is no %s %q", kind, name)
	near := nearest(name, known)
	if near != "" {
		message += fmt.Sprintf(", did you mean %q?", near)
	}
	r.problem("unknown-"+kind, path, near, "%s", message)
}

func (r *run) refer(path, kind, component, id string) {
	r.references = append(r.references, &catalogv1.Reference{
		Component: r.component.GetId(), Path: path, Kind: kind, TargetComponent: component, TargetId: id,
	})
}

func (r *run) roles(path string, roles []string) {
	for _, role := range roles {
		r.refer(path, "role", "", role)
	}
}

// referComponent checks the name of a component and returns it when it is there.
func (r *run) referComponent(path, id string) *libraryv1.Component {
	c, ok := r.components[id]
	if !ok {
		r.unknown("component", path, id, r.ids())
		return nil
	}
	r.refer(path, "component", id, "")
	return c
}

// expression checks a text over a scope; want is the type that it must have, nil for any.
func (r *run) expression(path, text string, s scope, want *value.Type) {
	env := r.env(s)
	if env == nil {
		r.problem("invalid-expression", path, "", "cannot be checked until the object models are in order")
		return
	}
	checked, problems := env.Check(text)
	for _, p := range problems {
		r.add(&catalogv1.Problem{
			Reason: "invalid-expression", Path: path, Message: p.Message, Suggestion: p.Suggestion, Line: int32(p.Line), Column: int32(p.Column),
		})
	}
	if checked == nil {
		return
	}
	if want != nil && !want.Accepts(checked.Type) {
		r.problem("wrong-type", path, "", "must be a %s, but is a %s", want, checked.Type)
	}
	seen := map[string]bool{}
	for _, ref := range checked.Refs {
		if key := ref.Object + "/" + ref.ID; ref.Object != "" && ref.ID != "" && !strings.HasPrefix(ref.ID, "$") && !seen[key] {
			seen[key] = true
			r.refer(path, "field", ref.Object, ref.ID)
		}
	}
}

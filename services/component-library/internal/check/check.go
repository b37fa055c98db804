package check

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/lru"
	"github.com/aqtra/aqtra/pkg/near"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

// Checker checks definitions. It is safe for concurrent use.
type Checker struct {
	owners Owners
	log    *slog.Logger
	cache  *lru.Cache[Answer]
}

var _ engine.Checker = (*Checker)(nil)

// New makes a checker that asks owners about dataflows, workflows and scripts.
func New(owners Owners, log *slog.Logger) *Checker {
	return &Checker{owners: owners, log: log, cache: lru.New[Answer](cacheEntries)}
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
		r.pages(k.cache)
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
	hash       string // of surface
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

// surface is a hash of what pages refer to: models, and which parts there are.
func (u *universe) surface() string {
	if u.hash != "" {
		return u.hash
	}
	h := sha256.New()
	for _, c := range u.all {
		seen := &libraryv1.Component{Id: c.GetId(), Model: c.GetModel()}
		for _, p := range c.GetPages() {
			seen.Pages = append(seen.Pages, &libraryv1.Page{Id: p.GetId()})
		}
		for _, d := range c.GetDataflows() {
			part := &libraryv1.Dataflow{Id: d.GetId()}
			for _, s := range d.GetSteps() {
				if s.GetType() == modelStep {
					part.Steps = append(part.Steps, &libraryv1.Step{Type: modelStep, Params: s.GetParams()})
				}
			}
			seen.Dataflows = append(seen.Dataflows, part)
		}
		for _, w := range c.GetWorkflows() {
			seen.Workflows = append(seen.Workflows, &libraryv1.Workflow{Id: w.GetId()})
		}
		for _, p := range c.GetScripts() {
			seen.Scripts = append(seen.Scripts, &libraryv1.Script{Id: p.GetId()})
		}
		text := encoded(seen)
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	u.hash = string(h.Sum(nil))
	return u.hash
}

func (u *universe) ids() []string {
	ids := make([]string, len(u.all))
	for i, c := range u.all {
		ids[i] = c.GetId()
	}
	return ids
}

// object is the form of a component's entries; false when it has none. Fields whose names are taken are left out, the
// model's check reports them.
func object(c *libraryv1.Component) (expr.Object, bool) {
	if len(c.GetModel().GetFields()) == 0 {
		return expr.Object{}, false
	}
	o := expr.Object{ID: c.GetId(), Name: c.GetId(), Fields: objectmodel.SystemFields()}
	for _, f := range c.GetModel().GetFields() {
		if !slices.ContainsFunc(o.Fields, func(g expr.Field) bool { return g.Name == f.GetName() || g.ID != "" && g.ID == f.GetId() }) {
			t, _ := objectmodel.FieldType(f)
			o.Fields = append(o.Fields, expr.Field{ID: f.GetId(), Name: f.GetName(), Type: t})
		}
	}
	return o, true
}

// scope says what the variables of an expression are: ids of components whose entry they hold, or one of the words below.
type scope struct {
	entry, item string
	// fields is the component whose fields stand for themselves, as in filters of entries.
	fields string
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
	if o, ok := object(u.components[s.fields]); ok {
		for _, f := range o.Fields {
			// Those named like a variable or a word can be reached through entry only.
			if f.Name != "entry" && f.Name != "user" && !expr.IsReserved(f.Name) {
				m.Variables = append(m.Variables, f)
			}
		}
	}
	if s.user {
		add("user", objectmodel.User())
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
	suggestion := near.Name(name, known)
	if suggestion != "" {
		message += fmt.Sprintf(", did you mean %q?", suggestion)
	}
	r.problem("unknown-"+kind, path, suggestion, "%s", message)
}

// span is where a name stands in a text, in code points.
type span struct{ offset, length int }

// whole is the span of a text that is the name.
func whole(name string) span { return span{length: utf8.RuneCountInString(name)} }

func (r *run) refer(path, kind, component, id string, at span) {
	r.references = append(r.references, &catalogv1.Reference{
		Component: r.component.GetId(), Path: path, Kind: kind, TargetComponent: component, TargetId: id,
		Offset: int32(at.offset), Length: int32(at.length),
	})
}

// referKey records that the last key of the path is the name of a field.
func (r *run) referKey(path, name, component, id string) {
	r.refer(path, "field", component, id, whole(name))
	r.references[len(r.references)-1].InKey = true
}

func (r *run) roles(path string, roles []string) {
	for _, role := range roles {
		r.refer(path, "role", "", role, span{}) // one of a list
	}
}

// referComponent checks the name of a component and returns it when it is there.
func (r *run) referComponent(path, id string) *libraryv1.Component {
	c, ok := r.components[id]
	if !ok {
		r.unknown("component", path, id, r.ids())
		return nil
	}
	r.refer(path, "component", id, "", whole(id))
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
	for _, ref := range checked.Refs {
		object := ref.Object
		if object == "" && slices.ContainsFunc(r.components[s.fields].GetModel().GetFields(), func(f *libraryv1.Field) bool { return f.GetId() == ref.ID }) {
			object = s.fields
		}
		if object != "" && ref.ID != "" {
			var at span
			at.offset, at.length = ref.Span()
			r.refer(path, "field", object, ref.ID, at)
		}
	}
}

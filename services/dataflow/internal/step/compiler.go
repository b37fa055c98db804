package step

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/near"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Scope is what the steps of one dataflow may refer to.
type Scope struct {
	// Component holds the dataflow; Components are all that are there, it included.
	Component  *libraryv1.Component
	Components []*libraryv1.Component
	Dataflow   *libraryv1.Dataflow
	Clock      clock.Clock
}

// Find returns a component by its id.
func (s *Scope) Find(id string) (*libraryv1.Component, bool) {
	for _, c := range s.Components {
		if c.GetId() == id {
			return c, true
		}
	}
	return nil, false
}

// owner is the component that has a field, by the field's stable id; "" when none has.
func (s *Scope) owner(fieldID string) string {
	for _, c := range s.Components {
		for _, f := range c.GetModel().GetFields() {
			if fieldID != "" && f.GetId() == fieldID {
				return c.GetId()
			}
		}
	}
	return ""
}

// Compiler turns the settings of one step into a Runner, and collects problems, references and the output's type.
type Compiler struct {
	Scope *Scope
	Step  *libraryv1.Step
	// Sources are the item types of the source steps, in order.
	Sources []value.Type

	Problems   []*catalogv1.Problem
	References []*catalogv1.Reference
	out        value.Type
	base       string
	spec       *catalogv1.Spec
	env        *expr.Env
	envVars    []value.Field
}

// NewCompiler begins with the form of the settings: what is missing, unknown or of the wrong form is a problem already.
func NewCompiler(scope *Scope, s *libraryv1.Step, spec *catalogv1.Spec, sources []value.Type) *Compiler {
	c := &Compiler{Scope: scope, Step: s, Sources: sources, spec: spec,
		base: "dataflows/" + scope.Dataflow.GetId() + "/steps/" + s.GetId()}
	for _, p := range catalog.CheckParams(spec, s.GetParams(), c.base) {
		p.Component = scope.Component.GetId()
		c.Problems = append(c.Problems, p)
	}
	return c
}

// Output declares the type of the items that the step gives.
func (c *Compiler) Output(t value.Type) { c.out = t }

// OutputType is the declared type; any when none was declared.
func (c *Compiler) OutputType() value.Type { return c.out }

// Item is the type of the first source's items; any for a step without sources.
func (c *Compiler) Item() value.Type {
	if len(c.Sources) == 0 {
		return value.Type{}
	}
	return c.Sources[0]
}

// Extended is the type of the first source's items with more fields, for steps that add to the item. Fields of the same name
// are replaced. It is any when the item's fields are not known.
func (c *Compiler) Extended(fields ...value.Field) value.Type {
	item := c.Item()
	if item.Kind != value.Map || (len(item.Fields) == 0 && item.Elem != nil) {
		return value.Type{}
	}
	var merged []value.Field
	for _, f := range item.Fields {
		replaced := false
		for _, g := range fields {
			replaced = replaced || g.Name == f.Name
		}
		if !replaced {
			merged = append(merged, f)
		}
	}
	return value.MapOf(append(merged, fields...)...)
}

// Problem reports something wrong with a setting; an empty param means the step itself.
func (c *Compiler) Problem(param, reason, format string, args ...any) *catalogv1.Problem {
	path := c.base
	if param != "" {
		path += "/params/" + param
	}
	p := &catalogv1.Problem{
		Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: reason, Message: fmt.Sprintf(format, args...),
		Component: c.Scope.Component.GetId(), Path: path,
	}
	c.Problems = append(c.Problems, p)
	return p
}

// Refer records that the step uses something whose name is the whole text of a setting.
func (c *Compiler) Refer(param, kind, component, id, name string) {
	c.ReferAt(param, kind, component, id, 0, utf8.RuneCountInString(name))
}

// ReferAt records that the step uses something whose name stands at an offset in the text of a setting, both in code points. A
// length of 0 says that it is not written there.
func (c *Compiler) ReferAt(param, kind, component, id string, offset, length int) {
	c.References = append(c.References, &catalogv1.Reference{
		Component: c.Scope.Component.GetId(), Path: c.base + "/params/" + param, Kind: kind, TargetComponent: component, TargetId: id,
		Offset: int32(offset), Length: int32(length),
	})
}

// FieldKey is Field for the key of a setting, which is the last one of param.
func (c *Compiler) FieldKey(param string, of *libraryv1.Component, name string) (*libraryv1.Field, bool) {
	f, ok := c.Field(param, of, name)
	if ok {
		c.References[len(c.References)-1].InKey = true
	}
	return f, ok
}

// Raw returns a setting as a value, or false when it is absent or null. Absent settings have their spec's default.
func (c *Compiler) Raw(param string) (any, bool) {
	p, set := c.Step.GetParams()[param]
	if !set {
		for _, s := range c.spec.GetParams() {
			if s.GetName() == param {
				p = s.GetDefault()
			}
		}
	}
	v, present, err := value.FromProto(p)
	if err != nil {
		c.Problem(param, "invalid-param", "%v", err)
		return nil, false
	}
	return v, present && v != nil
}

// Text returns a text setting, or "".
func (c *Compiler) Text(param string) string {
	v, _ := c.Raw(param)
	s, _ := v.(string)
	return s
}

// Bool returns a setting that is true or false; absent is false.
func (c *Compiler) Bool(param string) bool {
	v, _ := c.Raw(param)
	b, _ := v.(bool)
	return b
}

// Int returns a whole number within bounds, or the default when it is absent.
func (c *Compiler) Int(param string, fallback, low, high int64) int64 {
	v, ok := c.Raw(param)
	n, isInt := v.(int64)
	if !ok || !isInt {
		return fallback
	}
	if n < low || n > high {
		c.Problem(param, "invalid-param", "%q must be between %d and %d", param, low, high)
		return fallback
	}
	return n
}

// Texts returns a list of texts.
func (c *Compiler) Texts(param string) []string {
	v, _ := c.Raw(param)
	list, _ := v.([]any)
	texts := make([]string, 0, len(list))
	for _, item := range list {
		if s, ok := item.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// Component returns the component that a setting names, and reports one that is not there.
func (c *Compiler) Component(param string) (*libraryv1.Component, bool) {
	id := c.Text(param)
	if id == "" {
		return nil, false
	}
	found, ok := c.Scope.Find(id)
	if !ok {
		var ids []string
		for _, other := range c.Scope.Components {
			ids = append(ids, other.GetId())
		}
		c.Unknown(param, "unknown-component", "component", id, ids)
		return nil, false
	}
	c.Refer(param, "component", found.GetId(), "", id)
	return found, true
}

// Field returns the field of a component by its name, which is the whole text of a setting, and reports one that is not there.
func (c *Compiler) Field(param string, of *libraryv1.Component, name string) (*libraryv1.Field, bool) {
	return c.FieldAt(param, of, name, 0)
}

// FieldAt is Field for a name that stands at an offset in the text of a setting, in code points.
func (c *Compiler) FieldAt(param string, of *libraryv1.Component, name string, offset int) (*libraryv1.Field, bool) {
	var names []string
	for _, f := range of.GetModel().GetFields() {
		if f.GetName() == name {
			c.ReferAt(param, "field", of.GetId(), f.GetId(), offset, utf8.RuneCountInString(name))
			return f, true
		}
		names = append(names, f.GetName())
	}
	c.Unknown(setting(param), "unknown-field", "field of "+of.GetId(), name, names)
	return nil, false
}

// ItemField returns the type of a field of the item, whose name is the whole text of a setting, and reports one that is known not to be there.
func (c *Compiler) ItemField(param, name string) (value.Type, bool) {
	item := c.Item()
	if item.Kind != value.Map || len(item.Fields) == 0 {
		return value.Type{}, true
	}
	if f, ok := item.Field(name); ok {
		c.ReferItem(param, f, 0)
		return f.Type, true
	}
	var names []string
	for _, f := range item.Fields {
		names = append(names, f.Name)
	}
	c.Unknown(setting(param), "unknown-field", "field of the item", name, names)
	return value.Type{}, false
}

// ReferItem records the use of a field of an item whose name stands at an offset in the text of a setting, if it came from a
// component.
func (c *Compiler) ReferItem(param string, f value.Field, offset int) {
	if owner := c.Scope.owner(f.ID); owner != "" {
		c.ReferAt(param, "field", owner, f.ID, offset, utf8.RuneCountInString(f.Name))
	}
}

// setting is the name of the setting that param is, or is an item of.
func setting(param string) string {
	name, item, ok := strings.Cut(param, "/")
	if _, err := strconv.Atoi(item); ok && err == nil {
		return name
	}
	return param
}

// Unknown reports a name that is not among the known ones, with the nearest of them as suggestion.
func (c *Compiler) Unknown(param, reason, what, got string, known []string) {
	p := c.Problem(param, reason, "there is no %s %q", what, got)
	Suggest(p, got, known)
}

// Suggest adds to a problem the known name that is nearest to got, when one is near.
func Suggest(p *catalogv1.Problem, got string, known []string) {
	if name := near.Name(got, known); name != "" {
		p.Message += fmt.Sprintf(", did you mean %q?", name)
		p.Suggestion = name
	}
}

// Expr is a compiled expression of a setting.
type Expr struct {
	program *expr.Program
	direct  *direct // nil unless it only names a field
}

// Type is the type of the result.
func (e *Expr) Type() value.Type { return e.program.Type }

// ItemField is the field of the item that the expression gives as it is; false when it does anything else.
func (e *Expr) ItemField() (string, bool) {
	if e.direct == nil || e.direct.variable != "item" {
		return "", false
	}
	return e.direct.field, true
}

// FieldsOf are the fields that the expression reads of a variable, by their names.
func (e *Expr) FieldsOf(variable string) []string {
	var names []string
	ast.PreOrderVisit(e.program.AST.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() != ast.SelectKind || n.AsSelect().IsTestOnly() {
			return
		}
		if of := n.AsSelect().Operand(); of.Kind() == ast.IdentKind && of.AsIdent() == variable {
			names = append(names, n.AsSelect().FieldName())
		}
	}))
	return names
}

// Eval evaluates; vars come from Env.Vars.
func (e *Expr) Eval(ctx context.Context, env *Env, vars map[string]any) (any, error) {
	if e.direct != nil {
		if v, ok := e.direct.eval(vars); ok {
			return v, nil
		}
	}
	return e.program.EvalWith(ctx, vars, env)
}

// maxLoaded is how many entries one step keeps that expressions read through references.
const maxLoaded = 10_000

// Resolve loads what an expression reads through a reference, each entry once for all items of the step.
func (e *Env) Resolve(ctx context.Context, component string, id value.Ref) (map[string]any, error) {
	key := component + "/" + string(id)
	if fields, ok := e.loaded[key]; ok {
		return fields, nil
	}
	entry, err := e.Entries.Get(ctx, component, string(id))
	if err != nil {
		return nil, err
	}
	if e.loaded == nil {
		e.loaded = map[string]map[string]any{}
	}
	if len(e.loaded) < maxLoaded {
		e.loaded[key] = entry.Fields
	}
	return entry.Fields, nil
}

// Vars is the usual set of variables: item, input and user.
func (c *Compiler) Vars() []value.Field { return c.VarsWith(value.Field{Name: "item", Type: c.Item()}) }

// VarsWith is input, user and the variables given.
func (c *Compiler) VarsWith(more ...value.Field) []value.Field {
	return append([]value.Field{{Name: "input"}, {Name: "user", Type: objectmodel.User()}}, more...)
}

// Expr compiles the expression of a setting. It returns nil, with the problems reported, when it is wrong, and nil when the
// setting is absent.
func (c *Compiler) Expr(param string, vars []value.Field) *Expr {
	text := c.Text(param)
	if text == "" {
		return nil
	}
	return c.Compile(param, text, vars)
}

// Condition is Expr for an expression that must be true or false.
func (c *Compiler) Condition(param string, vars []value.Field) *Expr {
	e := c.Expr(param, vars)
	if e != nil && e.Type().Kind != value.Bool && e.Type().Kind != value.Any {
		c.Problem(param, "wrong-type", "the condition must be true or false, it is %s", e.Type())
		return nil
	}
	return e
}

// Mapped is one line of a mapping.
type Mapped struct {
	Name string
	Expr *Expr
}

// Mapping compiles a mapping, in the order of its names. It returns nil when any line is wrong.
func (c *Compiler) Mapping(param string, vars []value.Field) []Mapped {
	p := c.Step.GetParams()[param].GetMap().GetFields()
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	sort.Strings(names)
	mapped := make([]Mapped, 0, len(names))
	for _, name := range names {
		e := c.Compile(param+"/"+name, p[name].GetText(), vars)
		if e == nil {
			return nil
		}
		mapped = append(mapped, Mapped{Name: name, Expr: e})
	}
	return mapped
}

// MappingFields are the fields that a mapping makes.
func MappingFields(mapped []Mapped) []value.Field {
	fields := make([]value.Field, 0, len(mapped))
	for _, m := range mapped {
		fields = append(fields, value.Field{Name: m.Name, Type: m.Expr.Type()})
	}
	return fields
}

// EvalMapping evaluates a mapping.
func EvalMapping(ctx context.Context, env *Env, mapped []Mapped, vars map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(mapped))
	for _, m := range mapped {
		v, err := m.Expr.Eval(ctx, env, vars)
		if err != nil {
			return nil, InField(m.Name, err)
		}
		out[m.Name] = v
	}
	return out, nil
}

// environment is that of the last expression when it had the same variables, as the lines of a mapping have: making one costs
// far more than checking an expression in it.
func (c *Compiler) environment(vars []value.Field) (*expr.Env, error) {
	if c.env != nil && reflect.DeepEqual(c.envVars, vars) {
		return c.env, nil
	}
	env, err := expr.NewEnv(expr.Model{Variables: vars, Objects: objectmodel.Objects(c.Scope.Components)}, expr.WithClock(c.Scope.Clock))
	if err != nil {
		return nil, err
	}
	c.env, c.envVars = env, vars
	return env, nil
}

// Compile compiles the expression that is the text of a setting. It returns nil, with the problems reported, when it is wrong.
func (c *Compiler) Compile(param, text string, vars []value.Field) *Expr {
	checked, e := c.compile(param, text, vars)
	if e == nil {
		return nil
	}
	for _, r := range checked.Refs {
		object := r.Object
		if object == "" {
			object = c.Scope.owner(r.ID)
		}
		if object != "" && r.ID != "" {
			offset, length := r.Span()
			c.ReferAt(param, "field", object, r.ID, offset, length)
		}
	}
	return e
}

// CompilePart compiles a part of an expression that was compiled as a whole before, so that what it refers to is known.
func (c *Compiler) CompilePart(param, text string, vars []value.Field) *Expr {
	_, e := c.compile(param, text, vars)
	return e
}

func (c *Compiler) compile(param, text string, vars []value.Field) (*expr.Checked, *Expr) {
	env, err := c.environment(vars)
	if err != nil {
		c.Problem(param, "invalid-expression", "%v", err)
		return nil, nil
	}
	checked, problems := env.Check(text)
	for _, p := range problems {
		problem := c.Problem(param, "invalid-expression", "%s", p.Message)
		problem.Line, problem.Column, problem.Suggestion = int32(p.Line), int32(p.Column), p.Suggestion
	}
	if checked == nil || len(problems) > 0 {
		return nil, nil
	}
	program, err := env.Compile(text)
	if err != nil {
		c.Problem(param, "invalid-expression", "%v", err)
		return nil, nil
	}
	return checked, &Expr{program: program, direct: newDirect(text, vars)}
}

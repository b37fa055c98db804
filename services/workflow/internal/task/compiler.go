package task

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Scope is the component that a workflow belongs to, and what it may refer to.
type Scope struct {
	Component *libraryv1.Component
	Others    []*libraryv1.Component
	Clock     clock.Clock
}

// Find returns a component by its id, nil when there is none.
func (s *Scope) Find(id string) *libraryv1.Component {
	if s.Component.GetId() == id {
		return s.Component
	}
	for _, c := range s.Others {
		if c.GetId() == id {
			return c
		}
	}
	return nil
}

// Shared is what the compilers of one workflow have in common.
type Shared struct {
	Scope      *Scope
	Problems   []*catalogv1.Problem
	References []*catalogv1.Reference
	// Block compiles a list of tasks and returns the number of the task that runs it.
	Block func(c *Compiler, path string, list any) int
	// Branches compiles a list of tasks of which none follows another, and returns their numbers.
	Branches func(c *Compiler, path string, list any) []int
	// Use are the definitions that tasks name instead of having them: by kind ("errors", "retries", "timeouts"), then by name.
	Use map[string]map[string]any
	// Volatile is set when a result depends on the time, so that computing it again may give another one.
	Volatile bool
	envs     map[string]*expr.Env
}

// Compiler helps one task to check its settings. Paths are relative to it.
type Compiler struct {
	*Shared
	// Path is where the task stands, below the workflow's document: "do/0/ask".
	Path string
	// Depth counts tasks within tasks.
	Depth  int
	locals []string
	output value.Type
}

// Into is the compiler for what stands below, with more variables.
func (c *Compiler) Into(path string, locals ...string) *Compiler {
	in := *c
	in.Path = join(c.Path, path)
	in.locals = slices.Concat(c.locals, locals)
	return &in
}

// WithOutput is the compiler for expressions over an output of a known type.
func (c *Compiler) WithOutput(t value.Type) *Compiler {
	in := *c
	in.output = t
	return &in
}

func join(base, path string) string {
	if base == "" || path == "" {
		return base + path
	}
	return base + "/" + path
}

// Problem reports an error.
func (c *Compiler) Problem(path, reason, format string, args ...any) {
	c.report(catalogv1.Severity_SEVERITY_ERROR, path, reason, fmt.Sprintf(format, args...))
}

// Warn reports what is allowed and probably not meant.
func (c *Compiler) Warn(path, reason, format string, args ...any) {
	c.report(catalogv1.Severity_SEVERITY_WARNING, path, reason, fmt.Sprintf(format, args...))
}

func (c *Compiler) report(severity catalogv1.Severity, path, reason, message string) *catalogv1.Problem {
	p := &catalogv1.Problem{
		Severity: severity, Reason: reason, Message: message, Component: c.Scope.Component.GetId(), Path: join(c.Path, path),
	}
	c.Problems = append(c.Problems, p)
	return p
}

// Refer records that the workflow uses a component or a part of one, whose name is the whole text at path. The reference may be
// told more.
func (c *Compiler) Refer(path, kind, component, id, name string) *catalogv1.Reference {
	r := &catalogv1.Reference{
		Component: c.Scope.Component.GetId(), Path: join(c.Path, path), Kind: kind, TargetComponent: component, TargetId: id,
		Length: int32(utf8.RuneCountInString(name)),
	}
	c.References = append(c.References, r)
	return r
}

// Keys reports settings that the task does not have, and those that it lacks.
func (c *Compiler) Keys(settings map[string]any, what string, required []string, optional ...string) bool {
	ok := true
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(required, key) && !slices.Contains(optional, key) {
			known := slices.Concat(required, optional)
			sort.Strings(known)
			c.Problem(key, "unsupported", "%s does not support %q; it has %s", what, key, strings.Join(known, ", "))
			ok = false
		}
	}
	for _, key := range required {
		if settings[key] == nil {
			c.Problem(key, "missing-param", "%s needs %q", what, key)
			ok = false
		}
	}
	return ok
}

// Named reads a setting that is an object, or the name of one that the workflow defines in "use". The compiler is for what stands in it.
func (c *Compiler) Named(kind, path string, v any) (*Compiler, map[string]any) {
	name, named := v.(string)
	if !named {
		return c.Into(path), c.Object(path, v)
	}
	def, ok := c.Use[kind][name]
	if !ok {
		c.Missing(path, strings.TrimSuffix(strings.Replace(kind, "ies", "y", 1), "s"), name, slices.Collect(maps.Keys(c.Use[kind])))
		return c, nil
	}
	in := *c
	in.Path = join("use/"+kind, name)
	m, ok := def.(map[string]any)
	if !ok {
		in.Problem("", "invalid-param", "%q must be an object", cut(name))
	}
	return &in, m
}

// Object reads a setting that is an object; nil when it is absent or wrong, which is reported.
func (c *Compiler) Object(path string, v any) map[string]any {
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		c.Problem(path, "invalid-param", "%q must be an object", path)
	}
	return m
}

// Text reads a setting that is a plain text; expressions are refused.
func (c *Compiler) Text(path string, v any) string {
	s, ok := v.(string)
	if !ok || s == "" || isExpression(s) {
		c.Problem(path, "invalid-param", "%q must be a plain text", path)
		return ""
	}
	return s
}

func isExpression(s string) bool {
	t := strings.TrimSpace(s)
	return strings.HasPrefix(t, "${") && strings.HasSuffix(t, "}")
}

// Template compiles a value in which "${ expression }" is computed.
func (c *Compiler) Template(path string, v any) *Template {
	switch v := v.(type) {
	case string:
		if isExpression(v) {
			text, start := inner(v)
			return c.expression(path, text, start)
		}
		if strings.Contains(v, "${") {
			c.Problem(path, "embedded-expression", "an expression is the whole text: write ${ 'Hello ' + input.name }")
		}
		return &Template{literal: v}
	case []any:
		t := &Template{list: make([]*Template, len(v))}
		constant := true
		for i, item := range v {
			t.list[i] = c.Template(join(path, strconv.Itoa(i)), item)
			_, lit := t.list[i].Literal()
			constant = constant && lit
		}
		if constant {
			return &Template{literal: v}
		}
		return t
	case map[string]any:
		t := &Template{fields: make(map[string]*Template, len(v))}
		constant := true
		for _, name := range slices.Sorted(maps.Keys(v)) {
			t.fields[name] = c.Template(join(path, name), v[name])
			_, lit := t.fields[name].Literal()
			constant = constant && lit
		}
		if constant {
			return &Template{literal: v}
		}
		return t
	default:
		return &Template{literal: v}
	}
}

// Condition compiles a condition, with or without "${ }".
func (c *Compiler) Condition(path string, v any) *Template {
	s, ok := v.(string)
	if b, isBool := v.(bool); isBool {
		return &Template{literal: b}
	}
	if !ok {
		c.Problem(path, "invalid-param", "%q must be an expression", path)
		return &Template{literal: false}
	}
	start := 0
	if isExpression(s) {
		s, start = inner(s)
	}
	t := c.expression(path, s, start)
	if t.program != nil && t.program.Type.Kind != value.Bool && t.program.Type.Kind != value.Any {
		c.Problem(path, "wrong-type", "a condition must be true or false, this is %s", t.program.Type)
	}
	return t
}

// Duration compiles a duration.
func (c *Compiler) Duration(path string, v any) *Template {
	t := c.Template(path, v)
	if lit, ok := t.Literal(); ok {
		if _, err := ParseDuration(lit); err != nil {
			c.Problem(path, "invalid-param", "%s", err)
		}
	}
	return t
}

// inner is what stands in "${ }", and where it starts, in code points.
func inner(s string) (text string, start int) {
	t := strings.TrimSpace(s)
	return t[2 : len(t)-1], utf8.RuneCountInString(s[:strings.Index(s, "${")]) + 2
}

// Expression compiles CEL without "${ }", the whole text at path.
func (c *Compiler) Expression(path, text string) *Template { return c.expression(path, text, 0) }

// expression compiles CEL that starts at a code point of the text at path.
func (c *Compiler) expression(path, text string, start int) *Template {
	env, err := c.env()
	if err != nil {
		c.Problem(path, "invalid-expression", "%s", err)
		return &Template{}
	}
	checked, problems := env.Check(text)
	for _, p := range problems {
		r := c.report(catalogv1.Severity_SEVERITY_ERROR, path, "invalid-expression", p.Message)
		r.Line, r.Column, r.Suggestion = int32(p.Line), int32(p.Column), p.Suggestion
	}
	if len(problems) > 0 {
		return &Template{}
	}
	for _, ref := range checked.Refs {
		if owner, field, ok := strings.Cut(ref.ID, "/"); ok {
			r := c.Refer(path, "field", owner, field, "")
			offset, length := ref.Span()
			if r.Length = int32(length); length > 0 {
				r.Offset = int32(start + offset)
			}
		}
	}
	program, err := env.Compile(text)
	if err != nil {
		c.Problem(path, "invalid-expression", "%s", err)
		return &Template{}
	}
	c.Volatile = c.Volatile || isVolatile(program)
	return &Template{program: program}
}

// env is the environment of the variables in scope. Environments are made once per workflow.
func (c *Compiler) env() (*expr.Env, error) {
	key := strings.Join(c.locals, ",") + "|" + c.output.String()
	if env := c.envs[key]; env != nil {
		return env, nil
	}
	text, anything := value.Type{Kind: value.Text}, value.Type{}
	vars := []value.Field{
		{Name: "input", Type: anything}, {Name: "output", Type: c.output}, {Name: "context", Type: anything}, {Name: "user", Type: objectmodel.User()},
		{Name: "workflow", Type: value.MapOf(
			value.Field{Name: "id", Type: text}, value.Field{Name: "component", Type: text}, value.Field{Name: "name", Type: text},
			value.Field{Name: "release", Type: text}, value.Field{Name: "business_key", Type: text}, value.Field{Name: "entry", Type: text},
			value.Field{Name: "start_time", Type: value.Type{Kind: value.DatetimeKind}}, value.Field{Name: "input", Type: anything},
		)},
		{Name: "runtime", Type: value.MapOf(value.Field{Name: "name", Type: text}, value.Field{Name: "version", Type: text})},
	}
	seen := map[string]bool{}
	for _, name := range c.locals {
		if !seen[name] {
			seen[name] = true
			vars = append(vars, value.Field{Name: name, Type: anything})
		}
	}
	var opts []expr.Option
	if c.Scope.Clock != nil {
		opts = append(opts, expr.WithClock(c.Scope.Clock))
	}
	env, err := expr.NewEnv(expr.Model{Variables: vars}, opts...)
	if err != nil {
		return nil, err
	}
	if c.envs == nil {
		c.envs = map[string]*expr.Env{}
	}
	c.envs[key] = env
	return env, nil
}

// EntryType is the type of a component's entries; ids of its fields name the component, so that references are found again.
func EntryType(component *libraryv1.Component) value.Type {
	t := objectmodel.Entry(component)
	fields := slices.Clone(t.Fields)
	for i, f := range fields {
		if f.ID != "" {
			fields[i].ID = component.GetId() + "/" + f.ID
		}
	}
	return value.MapOf(fields...)
}

func refText(v any) (string, bool) {
	switch v := v.(type) {
	case value.Ref:
		return string(v), true
	case value.File:
		return string(v), true
	default:
		return "", false
	}
}

// Local checks the name of a variable that a task adds.
func (c *Compiler) Local(path string, v any, standard string) string {
	if v == nil {
		return standard
	}
	name := c.Text(path, v)
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			c.Problem(path, "invalid-param", "%q is not a name for a variable: use letters, digits and underscore", cut(name))
			return standard
		}
	}
	if slices.Contains([]string{"input", "output", "context", "user", "workflow", "runtime", "true", "false", "null", "in"}, name) || len(name) > 40 {
		c.Problem(path, "invalid-param", "%q cannot be the name of a variable here", cut(name))
		return standard
	}
	return name
}

// Component finds a component that a setting names and records the reference; nil when there is none, which is reported.
func (c *Compiler) Component(path, id string) *libraryv1.Component {
	if id == "" {
		return nil
	}
	component := c.Scope.Find(id)
	if component == nil {
		known := []string{c.Scope.Component.GetId()}
		c.Missing(path, "component", id, append(known, IDs(c.Scope.Others, (*libraryv1.Component).GetId)...))
		return nil
	}
	c.Refer(path, "component", id, "", id)
	return component
}

// Missing reports a name that is not there, with those that are.
func (c *Compiler) Missing(path, what, name string, known []string) {
	sort.Strings(known)
	there := "there is none"
	if len(known) > 0 {
		there = "there is " + strings.Join(known[:min(len(known), 20)], ", ")
	}
	c.Problem(path, "unknown-"+what, "there is no %s %q; %s", what, cut(name), there)
}

// IDs collects the ids of parts.
func IDs[T any](parts []T, id func(T) string) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = id(p)
	}
	return out
}

// Package dsl compiles documents of the Open Workflow DSL 1.0.3 into programs. What this version does not run it refuses, with
// the path; nothing is ignored silently.
package dsl

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Bounds of a definition.
const (
	MaxTasks = 1000
	MaxDepth = 32
)

// label is the form that the standard gives to names of documents, that of DNS labels.
var label = regexp.MustCompile(`^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

// Kinds are the tasks and the functions that definitions may use.
type Kinds struct {
	Tasks, Functions *catalog.Registry[task.Kind]
}

// Task is one task of a program.
type Task struct {
	Name string
	// Path is where it stands in the document: "do/0/ask".
	Path string
	// Kind is the keyword, or "call"; Function what is called.
	Kind, Function string
	If             *task.Template
	InputFrom      *task.Template
	OutputAs       *task.Template
	ExportAs       *task.Template
	// Timeout ends the task with an error; nil for none.
	Timeout *task.Template
	Then    string
	Body    task.Body
	// Undo is the number of the list of tasks that undoes this one when it was done and the run fails later; 0 for none.
	Undo int
	// Block marks the lists of tasks within a task; they leave no trace in the history.
	Block bool
}

// Program is a compiled workflow. It never changes and is used by many runs at once. Task 0 is the whole.
type Program struct {
	Component, Workflow string
	Roles               []string
	Tasks               []*Task
	// Schedule starts the workflow by the clock; nil for never.
	Schedule *Schedule
	// Undoing is the number of the task that runs compensations; 0 when no task has one.
	Undoing int
	// Volatile is set when an expression asks for the time.
	Volatile bool
}

// Result is what compiling tells.
type Result struct {
	// Program is nil when there is any problem of severity error.
	Program    *Program
	Problems   []*catalogv1.Problem
	References []*catalogv1.Reference
}

type compiler struct {
	kinds   Kinds
	program *Program
}

// Compile checks a workflow and makes it ready to run. Paths of problems begin with "workflows/<id>/document".
func Compile(kinds Kinds, scope *task.Scope, w *libraryv1.Workflow) Result {
	d := &compiler{kinds: kinds, program: &Program{Component: scope.Component.GetId(), Workflow: w.GetId(), Roles: w.GetRoles()}}
	shared := &task.Shared{Scope: scope}
	shared.Block, shared.Branches = d.block, d.branches
	c := &task.Compiler{Shared: shared}
	d.document(c, w)
	d.program.Volatile = shared.Volatile
	base := "workflows/" + w.GetId() + "/document"
	result := Result{Program: d.program, Problems: shared.Problems, References: shared.References}
	for _, p := range result.Problems {
		p.Path = strings.TrimSuffix(base+"/"+p.Path, "/")
		if p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR {
			result.Program = nil
		}
	}
	for _, r := range result.References {
		r.Path = base + "/" + r.Path
	}
	return result
}

func (d *compiler) document(c *task.Compiler, w *libraryv1.Workflow) {
	v, _, err := value.FromProto(w.GetDocument())
	doc, ok := v.(map[string]any)
	if err != nil || !ok {
		c.Problem("", "invalid-document", "the workflow needs a document of the Open Workflow DSL")
		return
	}
	c.Keys(doc, "a workflow", []string{"document", "do"}, "input", "output", "timeout", "evaluate", "metadata", "schedule", "use")
	if head := c.Object("document", doc["document"]); head != nil {
		in := c.Into("document")
		in.Keys(head, "document", []string{"dsl", "namespace", "name", "version"}, "title", "summary", "tags", "metadata")
		if v, _ := head["dsl"].(string); !strings.HasPrefix(v, "1.0.") {
			in.Problem("dsl", "unsupported", "this version runs documents of the DSL 1.0.3")
		}
		for _, key := range []string{"namespace", "name"} {
			if v, ok := head[key].(string); ok && !label.MatchString(v) {
				in.Warn(key, "not-standard", "other engines refuse this: the standard allows 1 to 63 letters, digits and dashes, with no dash at an end")
			}
		}
	}
	language := "cel"
	if evaluate := c.Object("evaluate", doc["evaluate"]); evaluate != nil {
		c.Into("evaluate").Keys(evaluate, "evaluate", nil, "language", "mode")
		if v, ok := evaluate["language"].(string); ok {
			language = v
		}
	}
	if language != "cel" {
		c.Problem("evaluate/language", "unsupported", "expressions are CEL: set evaluate.language to cel")
		return
	}
	c.Use = map[string]map[string]any{}
	if use := c.Object("use", doc["use"]); use != nil {
		in := c.Into("use")
		in.Keys(use, "use", nil, "errors", "retries", "timeouts")
		for _, kind := range []string{"errors", "retries", "timeouts"} {
			c.Use[kind] = in.Object(kind, use[kind])
		}
	}
	if m := c.Object("schedule", doc["schedule"]); m != nil {
		d.program.Schedule = schedule(c.Into("schedule"), m)
	}
	root := &Task{Path: "", Kind: "do", Block: true}
	d.program.Tasks = append(d.program.Tasks, root)
	d.common(c, root, doc)
	n := d.block(c, "do", doc["do"])
	if n > 0 {
		root.Body = d.program.Tasks[n].Body
	}
}

// common compiles what every task may have.
func (d *compiler) common(c *task.Compiler, t *Task, settings map[string]any) {
	one := func(key, part string) any {
		m := c.Object(key, settings[key])
		if m == nil {
			return nil
		}
		c.Into(key).Keys(m, key, nil, part)
		return m[part]
	}
	if v := one("input", "from"); v != nil {
		t.InputFrom = c.Template("input/from", v)
	}
	out := value.Type{}
	if typed, ok := t.Body.(task.Typed); ok {
		out = typed.Output()
	}
	if v := one("output", "as"); v != nil {
		t.OutputAs = c.WithOutput(out).Template("output/as", v)
		out = value.Type{}
	}
	if v := one("export", "as"); v != nil {
		t.ExportAs = c.WithOutput(out).Template("export/as", v)
	}
	if v := settings["timeout"]; v != nil {
		if in, m := c.Named("timeouts", "timeout", v); m != nil && in.Keys(m, "timeout", []string{"after"}) {
			t.Timeout = in.Duration("after", m["after"])
		}
	}
	undo := c.Object("metadata", settings["metadata"])["compensate"]
	if b, ok := t.Body.(task.Undoable); ok && undo == nil {
		if list := b.Undo(); len(list) > 0 {
			undo = list
		}
	}
	if undo != nil && t.Path != "" {
		t.Undo = d.block(c.Into("metadata").WithOutput(out), "compensate", undo)
		if d.program.Undoing == 0 {
			d.program.Undoing = len(d.program.Tasks)
			d.program.Tasks = append(d.program.Tasks, &Task{Path: "compensate", Kind: "do", Block: true, Body: undoing{d.program}})
		}
	}
	if v := settings["if"]; v != nil {
		t.If = c.Condition("if", v)
	}
	if v := settings["then"]; v != nil {
		t.Then = c.Text("then", v)
	}
}

// commonKeys are the settings of every task.
var commonKeys = []string{"if", "input", "output", "export", "timeout", "then", "metadata"}

// block compiles a list of tasks and returns the number of the task that runs it, or 0 when there is none.
func (d *compiler) block(c *task.Compiler, path string, v any) int {
	in, list := d.open(c, path, v)
	if len(list) == 0 {
		return 0
	}
	number := len(d.program.Tasks)
	block := &Task{Path: in.Path, Kind: "do", Block: true}
	d.program.Tasks = append(d.program.Tasks, block)
	body := &sequence{names: map[string]int{}}
	block.Body = body
	d.list(in, list, body, body.names)
	return number
}

// branches compiles a list of tasks that go on at once: none may jump to another one.
func (d *compiler) branches(c *task.Compiler, path string, v any) []int {
	in, list := d.open(c, path, v)
	body := &sequence{names: map[string]int{}}
	d.list(in, list, body, nil)
	return body.tasks
}

// open looks at a list of tasks; it is empty when there is something wrong with it.
func (d *compiler) open(c *task.Compiler, path string, v any) (*task.Compiler, []any) {
	in := c.Into(path)
	in.Depth++
	list, ok := v.([]any)
	switch {
	case !ok || len(list) == 0:
		in.Problem("", "no-tasks", "%q must be a list of tasks, such as [{\"ask\": {..}}]", path)
		return in, nil
	case in.Depth > MaxDepth:
		in.Problem("", "too-deep", "tasks are nested deeper than %d levels", MaxDepth)
		return in, nil
	}
	return in, list
}

// list compiles the tasks of a list into body. They may jump to those that are named in to.
func (d *compiler) list(in *task.Compiler, list []any, body *sequence, to map[string]int) {
	compilers := make([]*task.Compiler, 0, len(list))
	for i, item := range list {
		named, ok := item.(map[string]any)
		if !ok || len(named) != 1 {
			in.Problem(fmt.Sprint(i), "invalid-task", "a task is an object with one name, such as {\"ask\": {..}}")
			continue
		}
		for name, settings := range named {
			at := in.Into(fmt.Sprintf("%d/%s", i, name))
			compilers = append(compilers, at)
			d.name(at, body, name, len(body.tasks))
			body.tasks = append(body.tasks, d.task(at, name, settings))
		}
	}
	for i, n := range body.tasks {
		if n > 0 {
			checkJumps(compilers[i], to, d.program.Tasks[n])
		}
	}
}

func (d *compiler) name(c *task.Compiler, body *sequence, name string, at int) {
	switch _, taken := body.names[name]; {
	case name == "" || len(name) > 80 || strings.ContainsAny(name, "/#"):
		c.Problem("", "invalid-name", "a task's name has 1 to 80 characters, without / and #")
	case directive(name):
		c.Problem("", "invalid-name", "%q is a directive and cannot be the name of a task", name)
	case taken:
		c.Problem("", "duplicate-name", "two tasks of this list are named %q", name)
	default:
		body.names[name] = at
	}
}

func directive(name string) bool { return name == "continue" || name == "exit" || name == "end" }

func checkJumps(c *task.Compiler, names map[string]int, t *Task) {
	check := func(path, then string) {
		if _, ok := names[then]; !ok && then != "" && !directive(then) {
			c.Problem(path, "unknown-task", "there is no task %q to go to; use %s",
				then, strings.Join(slices.Concat(slices.Sorted(maps.Keys(names)), []string{"continue", "exit", "end"}), ", "))
		}
	}
	check("then", t.Then)
	if j, ok := t.Body.(task.Jumper); ok {
		jumps := j.Jumps()
		for _, path := range slices.Sorted(maps.Keys(jumps)) {
			check(path, jumps[path])
		}
	}
}

// task compiles one task and returns its number, or 0 when it cannot.
func (d *compiler) task(c *task.Compiler, name string, v any) int {
	settings, ok := v.(map[string]any)
	if !ok {
		c.Problem("", "invalid-task", "a task is an object with one of %s", strings.Join(d.keywords(), ", "))
		return 0
	}
	var kinds []string
	for _, k := range d.keywords() {
		if settings[k] != nil && (k != "do" || (settings["for"] == nil && settings["while"] == nil)) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) != 1 {
		unknown := ""
		for _, key := range slices.Sorted(maps.Keys(settings)) {
			if !slices.Contains(commonKeys, key) && !slices.Contains(kinds, key) {
				unknown = key
			}
		}
		if len(kinds) == 0 && unknown != "" {
			c.Problem(unknown, "unsupported", "this version does not run %q; it has %s", unknown, strings.Join(d.keywords(), ", "))
		} else {
			c.Problem("", "invalid-task", "a task has exactly one of %s", strings.Join(d.keywords(), ", "))
		}
		return 0
	}
	if len(d.program.Tasks) >= MaxTasks {
		if len(d.program.Tasks) == MaxTasks {
			c.Problem("", "too-many-tasks", "a workflow has at most %d tasks", MaxTasks)
		}
		return 0
	}
	t := &Task{Name: name, Path: c.Path, Kind: kinds[0]}
	number := len(d.program.Tasks)
	d.program.Tasks = append(d.program.Tasks, t)
	if t.Kind == "call" {
		t.Body = d.call(c, t, settings)
	} else {
		kind, _ := d.kinds.Tasks.Get(t.Kind)
		var own []string
		for _, p := range kind.Spec().GetParams() {
			own = append(own, p.GetName())
		}
		c.Keys(settings, "a "+t.Kind+" task", nil, slices.Concat(commonKeys, own)...)
		t.Body = kind.Compile(c, settings)
	}
	if t.Body == nil {
		return 0
	}
	d.common(c, t, settings)
	return number
}

func (d *compiler) keywords() []string {
	words := append(d.kinds.Tasks.Types(), "call")
	slices.Sort(words)
	return words
}

func (d *compiler) call(c *task.Compiler, t *Task, settings map[string]any) task.Body {
	c.Keys(settings, "a call task", []string{"call"}, slices.Concat(commonKeys, []string{"with"})...)
	t.Function = c.Text("call", settings["call"])
	function, ok := d.kinds.Functions.Get(t.Function)
	if !ok {
		if t.Function != "" {
			c.Problem("call", "unknown-function", "there is no function %q; this version calls %s", t.Function, strings.Join(d.kinds.Functions.Types(), ", "))
		}
		return nil
	}
	with := c.Object("with", settings["with"])
	in := c.Into("with")
	var required, optional []string
	for _, p := range function.Spec().GetParams() {
		if p.GetRequired() {
			required = append(required, p.GetName())
		} else {
			optional = append(optional, p.GetName())
		}
	}
	if !in.Keys(with, t.Function, required, optional...) {
		return nil
	}
	return function.Compile(in, with)
}

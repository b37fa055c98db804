// Package steptest runs the cases of a kind of step, and stands in for what steps reach.
//
// A kind's cases are in testdata/*.yaml beside its test, which is one line: steptest.Run(t, updateentry.New()). A file holds
// components that its cases share and the cases:
//
//	components:                   # as in a sample; ids of fields are "f_" and the name unless given
//	  - id: customer
//	    model: {fields: [{name: name, type: FIELD_TYPE_STRING, primaryKey: true}]}
//	cases:
//	  - name: adds the total
//	    params: {fields: {total: item.price * 2}}
//	    sources:                  # or "items" for one source whose type is inferred
//	      - type: {price: decimal, tags: [text], customer: ref(customer)}
//	        items: [{price: 1.5, tags: [a]}]
//	    input: {..}               # also user, entry (id), component (id; "test" unless given), key (of the request)
//	    entries: {customer: [{id: c1, name: Ada}]}
//	    files: {f1: {name: a.csv, contentType: text/csv, content: "a;b"}}
//	    scripts: [{value: {..}}, {error: "..", line: 2}]        # one for each item, in order
//	    dataflows: {customer/save: {..}}                        # what they give
//	    want:
//	      type: "map(price: decimal, total: decimal)"
//	      items: [{price: 1.5, total: 3}]
//
// A want has one of
//   - problems: reason, param (as below params/; "sources" for these) and perhaps a part of the message and the suggestion;
//   - error: the reason and perhaps a part of the message, violations included;
//   - type and items and, where there are any: lines (when they are not 1, 2, 3), output, actions, refused rows and failed
//     (how many), stored (all entries of each component that was written to), files (that were stored), calls (of scripts,
//     dataflows and workflows); references may be given or left out.
//
// Values are written naturally; a number with a point is a decimal. Others are {$decimal: "1.5"}, {$date: ..}, {$time: ..},
// {$datetime: ..}, {$ref: ..}, {$file: ..}, {$bytes: base64}; where a type is given, text is enough. The flag -update writes
// the wants anew where they do not hold.
package steptest

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write the wants of testdata/*.yaml anew where they do not hold")

// Now is the time at which cases run.
func Now() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) }

type caseFile struct {
	Components []yaml.Node
	Cases      []testCase
}

type testCase struct {
	Name      string
	Component string
	Params    yaml.Node
	Items     yaml.Node
	Sources   []source
	Input     yaml.Node
	User      yaml.Node
	Entry     string
	Key       string
	Entries   map[string]yaml.Node
	Files     map[string]fileContent
	Scripts   []script
	Dataflows map[string]yaml.Node
	Want      want
}

type source struct{ Type, Items yaml.Node }

type fileContent struct {
	Name        string
	ContentType string `yaml:"contentType"`
	Content     string
}

type script struct {
	Value yaml.Node
	Error string
	Line  int
}

type want struct {
	Problems []problem            `yaml:"problems,omitempty"`
	Error    *failure             `yaml:"error,omitempty"`
	Result   map[string]yaml.Node `yaml:",inline"`
}

type problem struct {
	Reason     string `yaml:"reason"`
	Param      string `yaml:"param"`
	Message    string `yaml:"message,omitempty"`
	Suggestion string `yaml:"suggestion,omitempty"`
}

type failure struct {
	Reason  string `yaml:"reason"`
	Message string `yaml:"message,omitempty"`
}

// Run runs the cases of testdata/*.yaml, each as a test below one that is named as the kind.
func Run(t *testing.T, kind step.Kind) {
	t.Helper()
	t.Run(kind.Spec().GetType(), func(t *testing.T) { run(t, kind) })
}

func run(t *testing.T, kind step.Kind) {
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files, "there are no cases in testdata")
	names := map[string]bool{}
	for _, path := range files {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		d := yaml.NewDecoder(bytes.NewReader(content))
		d.KnownFields(true)
		var file caseFile
		require.NoError(t, d.Decode(&file), path)
		wants := &rewriter{path: path, content: content}
		t.Cleanup(func() { wants.write(t) }) // runs when all cases have ended
		for i, c := range file.Cases {
			require.NotEmpty(t, c.Name, "%s: case %d has no name", path, i+1)
			require.False(t, names[c.Name], "case %q is there twice", c.Name)
			names[c.Name] = true
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				got := c.run(t, kind, file.Components)
				if *update && !got.holds(&c.Want) {
					wants.set(i, got.node(t))
					return
				}
				got.require(t, &c.Want)
			})
		}
	}
}

// rewriter replaces wants in a file and keeps the rest of it, comments included.
type rewriter struct {
	path    string
	content []byte
	mu      sync.Mutex
	wants   map[int]*yaml.Node
}

func (r *rewriter) set(i int, want *yaml.Node) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wants == nil {
		r.wants = map[int]*yaml.Node{}
	}
	r.wants[i] = want
}

func (r *rewriter) write(t *testing.T) {
	if len(r.wants) == 0 {
		return
	}
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal(r.content, &document))
	cases := child(document.Content[0], "cases")
	for i, w := range r.wants {
		if old := child(cases.Content[i], "want"); old != nil {
			*old = *w
			continue
		}
		key := &yaml.Node{Kind: yaml.ScalarNode, Value: "want"}
		cases.Content[i].Content = append(cases.Content[i].Content, key, w)
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	require.NoError(t, e.Encode(&document))
	require.NoError(t, os.WriteFile(r.path, out.Bytes(), 0o644))
}

func child(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// fixture is a step type that gives fixed items or keeps those it gets, around the step under test.
type fixture struct {
	name  string
	typ   value.Type
	items []step.Item
	got   []step.Item
}

func (f *fixture) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{Type: f.name, MaxSources: 1}
}

func (f *fixture) Compile(c *step.Compiler) step.Runner {
	c.Output(f.typ)
	return step.RunnerFunc(func(_ context.Context, _ *step.Env, in [][]step.Item) ([]step.Item, error) {
		if len(in) > 0 {
			f.got = in[0]
		}
		return f.items, nil
	})
}

func (c *testCase) run(t *testing.T, kind step.Kind, shared []yaml.Node) *outcome {
	t.Helper()
	component := c.Component
	if component == "" {
		component = "test"
	}
	scope := &step.Scope{Components: readComponents(t, shared, component), Clock: clock.NewFake(Now())}
	scope.Component, _ = scope.Find(component)

	tested := &libraryv1.Step{Id: "step", Type: kind.Spec().GetType()}
	params, ok := read(t, &c.Params).(map[string]any)
	require.True(t, ok || c.Params.IsZero(), "params must be a map")
	var err error
	tested.Params, err = value.MapToProto(params)
	require.NoError(t, err)
	sink := &fixture{name: "kept"}
	kinds, steps := []step.Kind{kind, sink}, []*libraryv1.Step{}
	if !c.Items.IsZero() {
		require.Empty(t, c.Sources, "a case has items or sources")
		c.Sources = []source{{Items: c.Items}}
	}
	for i, s := range c.Sources {
		given := &fixture{name: "given-" + string(rune('a'+i))}
		given.typ, given.items = readItems(t, &s.Type, &s.Items)
		kinds = append(kinds, given)
		steps = append(steps, &libraryv1.Step{Id: given.name, Type: given.name})
		tested.Sources = append(tested.Sources, given.name)
	}
	steps = append(steps, tested, &libraryv1.Step{Id: "kept", Type: "kept", Sources: []string{"step"}})
	scope.Dataflow = &libraryv1.Dataflow{Id: "flow", Steps: steps}
	registry, err := catalog.New(kinds...)
	require.NoError(t, err)

	checked := engine.Compile(registry, scope)
	requirePositions(t, scope, params, checked.References)
	got := &outcome{references: checked.References}
	if checked.Graph == nil {
		const base = "dataflows/flow/steps/step"
		for _, p := range checked.Problems {
			param := strings.TrimPrefix(strings.TrimPrefix(p.GetPath(), base+"/"), "params/")
			got.problems = append(got.problems, problem{
				Reason: p.GetReason(), Param: param, Message: p.GetMessage(), Suggestion: p.GetSuggestion(),
			})
		}
		return got
	}
	env, fakes := c.environment(t, scope)
	result, reports, err := checked.Graph.Run(t.Context(), env, Now)
	if err != nil {
		f, isFault := fault.As(err)
		require.True(t, isFault, "a step ends with a fault: %v", err)
		require.NotEmpty(t, f.Meta["step"], "the fault names the step")
		got.failure = &failure{Reason: strings.TrimPrefix(f.Reason.String(), "REASON_"), Message: describe(f)}
		return got
	}
	for _, item := range sink.got {
		require.NoError(t, fits(checked.Types["step"], item.Fields), "the item is not of the declared type: %v", item.Fields)
	}
	got.fill(checked.Types["step"], sink.got, result, reports[len(reports)-2], fakes)
	return got
}

// describe is the message of a fault with its violations.
func describe(f *fault.Error) string {
	parts := []string{f.Message}
	for _, v := range f.Violations {
		parts = append(parts, v.Field+": "+v.Description)
	}
	return strings.Join(parts, "; ")
}

// environment is what the case's step may reach.
func (c *testCase) environment(t *testing.T, scope *step.Scope) (step.Env, *Fakes) {
	t.Helper()
	fakes := &Fakes{Entries: NewEntries(scope.Components), Files: NewFiles(), Scripts: &Scripts{}, Calls: &Calls{Results: map[string]any{}}}
	for component, node := range c.Entries {
		list, _ := read(t, &node).([]any)
		for _, entry := range list {
			fields, ok := entry.(map[string]any)
			require.True(t, ok, "entries of %s must be maps", component)
			require.NoError(t, fakes.Entries.Put(component, fields))
		}
	}
	for id, f := range c.Files {
		fakes.Files.Put(id, f.Name, f.ContentType, []byte(f.Content))
	}
	for _, s := range c.Scripts {
		fakes.Scripts.Outcomes = append(fakes.Scripts.Outcomes, step.Outcome{Value: read(t, &s.Value), Error: s.Error, Line: s.Line})
	}
	for name, node := range c.Dataflows {
		fakes.Calls.Results[name] = read(t, &node)
	}
	user := map[string]any{"id": "u1", "name": "Ada", "email": "ada@example.com", "roles": []any{"accountant"}}
	if !c.User.IsZero() {
		user, _ = read(t, &c.User).(map[string]any)
	}
	return step.Env{
		Input: read(t, &c.Input), Entry: c.Entry, Component: scope.Component.GetId(), User: user, Key: c.Key, Now: Now(),
		Entries: fakes.Entries, Files: fakes.Files, Scripts: fakes.Scripts, Dataflows: fakes.Calls, Workflows: fakes.Calls.workflows(),
	}, fakes
}

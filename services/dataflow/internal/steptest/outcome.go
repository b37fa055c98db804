package steptest

import (
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// outcome is what came of a case.
type outcome struct {
	problems   []problem
	failure    *failure
	references []*catalogv1.Reference
	parts      []part
}

// part is one named thing of a want, such as the items.
type part struct {
	name  string
	value any
}

// partNames are all that may be in a want beside problems and error.
func partNames() []string {
	return []string{"type", "items", "lines", "output", "actions", "refused", "failed", "stored", "files", "calls", "references"}
}

func (o *outcome) fill(typ value.Type, items []step.Item, result *step.Result, report *step.Report, fakes *Fakes) {
	list, lines, inOrder := []any{}, []any{}, true
	for i, item := range items {
		list = append(list, item.Fields)
		lines = append(lines, item.Line)
		inOrder = inOrder && item.Line == int64(i+1)
	}
	o.parts = []part{{"type", typ.String()}, {"items", list}}
	add := func(name string, v any, present bool) {
		if present {
			o.parts = append(o.parts, part{name, v})
		}
	}
	add("lines", lines, !inOrder)
	add("output", result.Output, result.Output != nil)
	var actions, refused []any
	for _, a := range result.Actions {
		actions = append(actions, map[string]any{"type": a.Type, "params": a.Params})
	}
	for _, e := range report.Errors {
		refused = append(refused, map[string]any{"line": e.Line, "field": e.Field, "message": e.Message})
	}
	add("actions", actions, len(actions) > 0)
	add("refused", refused, len(refused) > 0)
	add("failed", report.RowsFailed, report.RowsFailed > 0)
	stored := fakes.Entries.changed()
	add("stored", stored, len(stored) > 0)
	files := fakes.Files.stored()
	add("files", files, len(files) > 0)
	calls := append(fakes.Scripts.calls(), fakes.Calls.made()...)
	add("calls", calls, len(calls) > 0)
}

// refs are the references as text, sorted: "field customer/f_name at fields/total".
func (o *outcome) refs() []any {
	var list []string
	for _, r := range o.references {
		_, at, _ := strings.Cut(r.GetPath(), "/params/")
		list = append(list, r.GetKind()+" "+strings.TrimSuffix(r.GetTargetComponent()+"/"+r.GetTargetId(), "/")+" at "+at)
	}
	sort.Strings(list)
	refs := []any{}
	for _, r := range slices.Compact(list) {
		refs = append(refs, r)
	}
	return refs
}

// wanted is what a want says of a part, as text.
func wanted(n yaml.Node) string {
	v, err := valueOf(&n)
	if err != nil {
		return err.Error()
	}
	return text(v)
}

func text(v any) string {
	out, err := yaml.Marshal(plain(v))
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// expected compares the outcome with a want: pairs of texts that should be equal.
func (o *outcome) expected(w *want) (got, want map[string]string) {
	got, want = map[string]string{}, map[string]string{}
	if w.Problems != nil || o.problems != nil {
		got["problems"], want["problems"] = problemTexts(o.problems, w.Problems), text(problemList(w.Problems))
	}
	if w.Error != nil {
		want["error"] = w.Error.Reason + ": " + w.Error.Message
	}
	if o.failure != nil {
		got["error"] = o.failure.Reason + ": " + o.failure.Message
		if w.Error != nil && strings.Contains(o.failure.Message, w.Error.Message) {
			got["error"] = o.failure.Reason + ": " + w.Error.Message
		}
	}
	for name, n := range w.Result {
		want[name] = wanted(n)
		if !slices.Contains(partNames(), name) {
			got[name] = "there is no such part of a want"
		}
		if name == "references" {
			got[name] = text(o.refs())
		}
	}
	for _, p := range o.parts {
		got[p.name] = text(p.value)
	}
	return got, want
}

// problemTexts lists the problems that came with as much of each as the want at its place tells.
func problemTexts(got, want []problem) string {
	shown := slices.Clone(got)
	for i := range min(len(shown), len(want)) {
		if strings.Contains(shown[i].Message, want[i].Message) {
			shown[i].Message = want[i].Message
		}
		if want[i].Suggestion == "" {
			shown[i].Suggestion = ""
		}
	}
	return text(problemList(shown))
}

func problemList(problems []problem) []any {
	list := []any{}
	for _, p := range problems {
		list = append(list, map[string]any{"reason": p.Reason, "param": p.Param, "message": p.Message, "suggestion": p.Suggestion})
	}
	return list
}

func (o *outcome) holds(w *want) bool {
	got, want := o.expected(w)
	if len(got) != len(want) {
		return false
	}
	for name := range want {
		if got[name] != want[name] {
			return false
		}
	}
	return true
}

func (o *outcome) require(t *testing.T, w *want) {
	t.Helper()
	got, want := o.expected(w)
	require.Equal(t, want, got)
}

// node is the outcome as a want.
func (o *outcome) node(t *testing.T) *yaml.Node {
	t.Helper()
	n := &yaml.Node{Kind: yaml.MappingNode}
	add := func(name string, v any) {
		encoded := &yaml.Node{}
		require.NoError(t, encoded.Encode(v))
		if encoded.Kind == yaml.SequenceNode {
			for _, item := range encoded.Content {
				item.Style |= yaml.FlowStyle
				if item.Kind == yaml.ScalarNode {
					encoded.Style = yaml.FlowStyle
				}
			}
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, encoded)
	}
	if o.problems != nil {
		add("problems", o.problems)
	}
	if o.failure != nil {
		add("error", o.failure)
	}
	for _, p := range o.parts {
		add(p.name, plain(p.value))
	}
	return n
}

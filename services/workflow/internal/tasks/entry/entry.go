// Package entry is the function "entry": it reads or changes an entry as the run's user.
package entry

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Kind is the function. The clients are needed to run, not to check.
type Kind struct {
	Client storagev1.EntriesClient
	Holds  storagev1.HoldsClient
}

// The actions: hold keeps the entry for the run, so that only workflows change it; reset gives it back to people.
const (
	get    = "get"
	update = "update"
	hold   = "hold"
	reset  = "reset"
)

var actions = []string{get, update, hold, reset}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "entry", Group: "Functions", Title: "Read or change an entry",
		Summary: "Reads an entry or changes fields of it. Hold keeps it for the workflow: people cannot change it until the action reset, or until the run fails. " +
			"The output is the entry: its fields and id, name, creator_subject, update_subject, create_time, update_time.",
		Params: []*catalogv1.Param{
			{Name: "action", Title: "Action", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Required: true, Options: actions},
			{Name: "component", Title: "Component", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
			{Name: "entry", Title: "Entry", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Required: true},
			{Name: "fields", Title: "Fields", Help: "New values by field, for update.", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING, OfComponent: "component"},
		},
	}
}

type body struct {
	client        storagev1.EntriesClient
	holds         storagev1.HoldsClient
	action        string
	component     string
	entry, fields *task.Template
	output        value.Type
}

// Compile implements task.Kind.
func (k Kind) Compile(c *task.Compiler, with map[string]any) task.Body {
	b := &body{client: k.Client, holds: k.Holds, action: c.Text("action", with["action"]), component: c.Text("component", with["component"])}
	b.entry = c.Template("entry", with["entry"])
	if b.action != "" && !slices.Contains(actions, b.action) {
		c.Problem("action", "invalid-param", "\"action\" is one of %s", strings.Join(actions, ", "))
	}
	if (with["fields"] != nil) != (b.action == update) {
		c.Problem("fields", "invalid-param", "\"fields\" belongs to the action update, and to no other")
	}
	component := c.Component("component", b.component)
	if component == nil {
		return b
	}
	b.output = task.EntryType(component)
	if with["fields"] != nil {
		for name := range c.Object("fields", with["fields"]) {
			i := slices.IndexFunc(component.GetModel().GetFields(), func(f *libraryv1.Field) bool { return f.GetName() == name })
			if i < 0 {
				c.Missing("fields/"+name, "field", name, task.IDs(component.GetModel().GetFields(), (*libraryv1.Field).GetName))
				continue
			}
			c.Refer("fields/"+name, "field", b.component, component.GetModel().GetFields()[i].GetId(), name).InKey = true
		}
		b.fields = c.Template("fields", with["fields"])
	}
	return b
}

// Output implements task.Typed.
func (b *body) Output() value.Type { return b.output }

// Step implements task.Body.
func (b *body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	id, err := b.entry.Text(ctx, x.Vars, "entry", 100)
	if err != nil {
		return task.Next{}, err
	}
	if id == "" {
		return task.Next{}, task.NewError("validation", "there is no entry to %s", b.action)
	}
	args := map[string]any{"entry": id}
	if b.fields != nil {
		if args["fields"], err = b.fields.Eval(ctx, x.Vars); err != nil {
			return task.Next{}, err
		}
	}
	return task.Next{Kind: task.Call, Args: args}, nil
}

// Target implements task.Caller.
func (b *body) Target() string { return b.action + " " + b.component }

// Call implements task.Caller.
func (b *body) Call(ctx context.Context, args any, key string) (any, error) {
	m, _ := args.(map[string]any)
	id, _ := m["entry"].(string)
	var (
		e   *storagev1.Entry
		err error
	)
	if err := b.holding(ctx, id); err != nil {
		return nil, err
	}
	if b.action != update {
		e, err = b.client.GetEntry(ctx, &storagev1.GetEntryRequest{Component: b.component, Entry: id})
	} else {
		fields, _ := m["fields"].(map[string]any)
		changed, convErr := value.MapToProto(fields)
		if convErr != nil {
			return nil, convErr
		}
		e, err = b.client.UpdateEntry(ctx, &storagev1.UpdateEntryRequest{
			Component: b.component, Entry: &storagev1.Entry{Id: id, Fields: changed}, RequestId: key,
		})
	}
	if err != nil {
		return nil, err
	}
	return flatten(e)
}

// holding keeps the entry, or gives it back, where that is the action.
func (b *body) holding(ctx context.Context, id string) error {
	run, _ := task.RunOf(ctx)
	var err error
	switch b.action {
	case hold:
		_, err = b.holds.HoldEntry(ctx, &storagev1.HoldEntryRequest{Component: b.component, Entry: id, Run: run.ID, RunComponent: run.Component, Workflow: run.Workflow})
	case reset:
		_, err = b.holds.ReleaseEntry(ctx, &storagev1.ReleaseEntryRequest{Component: b.component, Entry: id, Run: run.ID})
	}
	return err
}

// Undo implements task.Undoable: a run that fails gives back what it keeps.
func (b *body) Undo() []any {
	if b.action != hold {
		return nil
	}
	return []any{map[string]any{reset: map[string]any{"call": "entry", "with": map[string]any{"action": reset, "component": b.component, "entry": "${ output.id }"}}}}
}

// flatten is the entry as expressions see it.
func flatten(e *storagev1.Entry) (any, error) {
	out, err := value.MapFromProto(e.GetFields())
	if err != nil {
		return nil, err
	}
	out["id"], out["name"] = e.GetId(), e.GetName()
	out["creator_subject"], out["update_subject"] = e.GetCreatorSubject(), e.GetUpdateSubject()
	for name, t := range map[string]*timestamppb.Timestamp{"create_time": e.GetCreateTime(), "update_time": e.GetUpdateTime()} {
		if t != nil {
			if out[name], err = value.Datetime(t.AsTime()); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Package entrywrite is what the steps that write entries share: which entry an item is about, and what to store in it.
package entrywrite

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// The modes as settings name them.
const (
	modeCreate = "create"
	modeUpdate = "update"
	modeUpsert = "upsert"
)

// Params are the settings of a step that writes entries.
func Params() []*catalogv1.Param {
	return []*catalogv1.Param{
		{Name: "component", Title: "Component", Help: "Whose entries are written.", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
		{Name: "mode", Title: "Mode", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Options: []string{modeUpsert, modeCreate, modeUpdate},
			Default: &typev1.Value{Kind: &typev1.Value_Text{Text: modeUpsert}},
			Help: "create refuses an entry whose key is taken, update one that is not there, upsert does what fits. When the caller is about an " +
				"entry of this component, that entry is changed in every mode."},
		{Name: "key", Title: "Key", Help: "Fields that find the entry, or id. Without it the primary key does.",
			Kind: catalogv1.ParamKind_PARAM_KIND_FIELDS, OfComponent: "component"},
		{Name: "entryId", Title: "Entry", Help: "Id of the entry to change; null for none.", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION},
		{Name: "fields", Title: "Fields", Help: "Fields to store. Without it, all fields of the item that the component has.",
			Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING, OfComponent: "component"},
		{Name: "markForDeletion", Title: "Mark for deletion", Help: "Mark the entry for deletion instead of storing fields.",
			Kind: catalogv1.ParamKind_PARAM_KIND_BOOL},
	}
}

// Plan says how items become writes.
type Plan struct {
	Component string

	mode      string
	remove    bool
	entryID   *step.Expr
	mapped    []step.Mapped
	names     []string // fields taken from the item when nothing is mapped
	key       *step.Key
	keyFields []string
	byID      bool
	primary   bool // the key is the primary key, or none is given and there is one
}

// Compile reads the settings. It returns nil, with the problems reported, when they are wrong.
func Compile(c *step.Compiler) *Plan {
	component, ok := c.Component("component")
	if !ok {
		return nil
	}
	p := &Plan{Component: component.GetId(), mode: c.Text("mode"), remove: c.Bool("markForDeletion")}
	p.entryID = c.Expr("entryId", c.Vars())
	p.compileKey(c, component)
	p.compileFields(c, component)
	if len(c.Problems) > 0 {
		return nil
	}
	return p
}

func (p *Plan) compileKey(c *step.Compiler, component *libraryv1.Component) {
	names := c.Texts("key")
	if len(names) == 1 && names[0] == "id" {
		p.byID = true
		return
	}
	var fields []*libraryv1.Field
	if len(names) == 0 {
		for _, f := range component.GetModel().GetFields() {
			if f.GetPrimaryKey() {
				fields = append(fields, f)
			}
		}
	}
	for i, name := range names {
		if f, ok := c.Field(fmt.Sprintf("key/%d", i), component, name); ok {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return
	}
	p.primary = step.IsPrimary(component, fields)
	p.key = step.NewKey(component, fields)
	for _, f := range fields {
		p.keyFields = append(p.keyFields, f.GetName())
	}
}

func (p *Plan) compileFields(c *step.Compiler, component *libraryv1.Component) {
	p.mapped = c.Mapping("fields", c.Vars())
	if c.Step.GetParams()["key"] == nil {
		p.forgetUnmappedKey()
	}
	known := map[string]bool{}
	for _, f := range component.GetModel().GetFields() {
		known[f.GetName()] = true
	}
	for _, m := range p.mapped {
		if m.Name == "id" && !known["id"] && p.byID {
			continue
		}
		f, ok := c.FieldKey("fields/"+m.Name, component, m.Name)
		if !ok {
			continue
		}
		p.checkType(c, f, m)
	}
	if len(p.mapped) > 0 {
		for _, name := range p.keyFields {
			if !p.maps(name) && p.mode != modeCreate {
				c.Problem("key", "unmapped-key", "the key field %q is not among the mapped fields", name)
			}
		}
		return
	}
	for _, f := range component.GetModel().GetFields() {
		p.names = append(p.names, f.GetName())
		if from, known := c.Item().Field(f.GetName()); known && from.ID != f.GetId() {
			c.ReferAt("fields", "field", component.GetId(), f.GetId(), 0, 0) // by its name, which is nowhere written
		}
	}
}

// forgetUnmappedKey: nobody asked for the primary key, and its values will not be there.
func (p *Plan) forgetUnmappedKey() {
	for _, name := range p.keyFields {
		if len(p.mapped) > 0 && !p.maps(name) {
			p.key, p.keyFields, p.primary = nil, nil, false
			return
		}
	}
}

func (p *Plan) maps(name string) bool {
	for _, m := range p.mapped {
		if m.Name == name {
			return true
		}
	}
	return false
}

// Writes gives a write for every item. A row that cannot be written is nil, with its fault in the second list; other errors
// end the work.
func (p *Plan) Writes(ctx context.Context, env *step.Env, items []step.Item) ([]*step.Write, []error, error) {
	writes, faults := make([]*step.Write, len(items)), make([]error, len(items))
	var rows []map[string]any
	var waiting []int
	for i, item := range items {
		id, fields, err := p.evaluate(ctx, env, item)
		if err == nil && id == "" && p.needsLookup() {
			err = p.key.Check(fields)
		}
		if err == nil && id == "" && env.Entry != "" && env.Component == p.Component && len(items) == 1 {
			id = env.Entry
		}
		switch {
		case err != nil:
			if _, isFault := fault.As(err); !isFault {
				return nil, nil, err
			}
			faults[i] = err
		case id != "":
			writes[i] = p.change(id, fields)
		case p.needsLookup():
			rows = append(rows, fields)
			waiting = append(waiting, i)
		case p.mode == modeUpdate || p.remove:
			faults[i] = p.missing()
		case p.mode == modeUpsert && p.primary:
			writes[i] = &step.Write{Mode: step.Upsert, Fields: fields}
		default:
			writes[i] = &step.Write{Mode: step.Create, Fields: fields}
		}
	}
	if len(rows) == 0 {
		return writes, faults, nil
	}
	found, err := p.key.Find(ctx, env.Entries, rows)
	if err != nil {
		return nil, nil, err
	}
	for j, i := range waiting {
		switch {
		case found[j] != nil:
			writes[i] = p.change(found[j].ID, rows[j])
		case p.mode == modeUpsert && !p.remove:
			writes[i] = &step.Write{Mode: step.Create, Fields: rows[j]}
		default:
			faults[i] = p.missing()
		}
	}
	return writes, faults, nil
}

// needsLookup: storage itself finds entries by their primary key, but only to create or update.
func (p *Plan) needsLookup() bool {
	return p.key != nil && (p.remove || p.mode == modeUpdate || p.mode == modeUpsert && !p.primary)
}

func (p *Plan) change(id string, fields map[string]any) *step.Write {
	if p.remove {
		return &step.Write{Mode: step.Delete, ID: id}
	}
	return &step.Write{Mode: step.Update, ID: id, Fields: fields}
}

func (p *Plan) missing() error {
	return fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, fmt.Sprintf("there is no such entry of %s", p.Component))
}

func (p *Plan) evaluate(ctx context.Context, env *step.Env, item step.Item) (string, map[string]any, error) {
	vars := env.Vars(map[string]any{"item": item.Fields})
	id := ""
	if p.entryID != nil {
		v, err := p.entryID.Eval(ctx, env, vars)
		if err != nil {
			return "", nil, step.InField("entryId", err)
		}
		if id, err = step.IDText(v); err != nil {
			return "", nil, step.InField("entryId", err)
		}
	}
	fields, err := step.EvalMapping(ctx, env, p.mapped, vars)
	if err != nil {
		return "", nil, err
	}
	for _, name := range p.names {
		if v, ok := item.Fields[name]; ok {
			fields[name] = v
		}
	}
	if p.byID && id == "" {
		given, ok := fields["id"]
		if !ok {
			given = item.Fields["id"]
		}
		delete(fields, "id")
		if id, err = step.IDText(given); err != nil {
			return "", nil, step.InField("id", err)
		}
	}
	return id, fields, nil
}

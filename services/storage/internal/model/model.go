// Package model is the compiled form of a release: what the tables of its components are and which values they take.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Names of the system fields, which are columns too.
const (
	ID             = "id"
	Name           = "name"
	CreatorSubject = "creator_subject"
	UpdateSubject  = "update_subject"
	CreateTime     = "create_time"
	UpdateTime     = "update_time"
	DeleteTime     = "delete_time"
	Version        = "version"
)

// Release is an immutable set of components.
type Release struct {
	ID         string
	Components []*Component
	byID       map[string]*Component
}

// Component is one component with its fields and its rules.
type Component struct {
	ID     string
	UID    string
	Fields []*Field
	// Key is the primary key, in the order of the model; empty when there is none.
	Key      []*Field
	NameFrom *Field // the field that fills the system field "name"; may be nil
	Access   []*libraryv1.AccessRule
	Triggers []*libraryv1.Trigger

	// Rules gives the environment of row rules and triggers: "entry" and "user".
	Rules func() (*expr.Env, error)
	// Filters gives the environment of filters: the fields by their names as well.
	Filters func() (*expr.Env, error)

	byName map[string]*Field
	byID   map[string]*Field
}

// Field is one stored or virtual field.
type Field struct {
	*libraryv1.Field
	// Value is the type of its values.
	Value value.Type
	// Target is the component that a catalog or array field refers to.
	Target string
	// Column is the name of its column; empty for arrays and virtual fields.
	Column string
	// Link is the name of the link table of an array field.
	Link string
	// Pattern is the compiled rule of a string; nil without one.
	Pattern  *regexp.Regexp
	min, max *value.Decimal
}

// Component finds a component by its id.
func (r *Release) Component(id string) (*Component, bool) {
	c, ok := r.byID[id]
	return c, ok
}

// Field finds a field by its name.
func (c *Component) Field(name string) (*Field, bool) {
	f, ok := c.byName[name]
	return f, ok
}

// FieldByID finds a field by its stable id.
func (c *Component) FieldByID(id string) (*Field, bool) {
	f, ok := c.byID[id]
	return f, ok
}

// Table is the name of the component's table within the tenant's schema.
func (c *Component) Table() string { return ident("c", c.UID) }

// Bounds are the least and the greatest number that the field takes; nil for none.
func (f *Field) Bounds() (least, most *value.Decimal) { return f.min, f.max }

// Stored reports whether the field is kept at all.
func (f *Field) Stored() bool { return !f.GetIsVirtual() }

// IsArray reports whether the field lives in a link table.
func (f *Field) IsArray() bool { return f.GetType() == libraryv1.FieldType_FIELD_TYPE_ARRAY }

// Names that become identifiers, and names of fields.
var (
	safeID   = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)
	safeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,59}$`)
)

// Index and constraint names, the same for every release, so that a plan can tell what is there.

// KeyIndex is the unique index over the primary key.
func (c *Component) KeyIndex() string {
	ids := make([]string, len(c.Key))
	for i, f := range c.Key {
		ids[i] = f.GetId()
	}
	slices.Sort(ids)
	return ident("uk", c.UID, strings.Join(ids, "_"))
}

// QueryIndex is the index of a field that can be filtered on.
func (c *Component) QueryIndex(f *Field) string { return ident("ix", c.UID, f.GetId()) }

// Searched are the fields that full-text search looks into, in the order of their ids.
func (c *Component) Searched() []*Field {
	var fields []*Field
	for _, f := range c.Fields {
		if f.GetSearchable() && f.GetType() == libraryv1.FieldType_FIELD_TYPE_STRING && f.Stored() && !f.GetSensitive() {
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b *Field) int { return strings.Compare(a.GetId(), b.GetId()) })
	return fields
}

// SearchIndex is the full-text index over the searched fields; another set of fields has another one.
func (c *Component) SearchIndex() string {
	parts := []string{c.UID}
	for _, f := range c.Searched() {
		parts = append(parts, f.GetId())
	}
	return ident("fts", parts...)
}

// UniqueIndex is the index that keeps a reference 1:1, or the targets of an array exclusive.
func (c *Component) UniqueIndex(f *Field) string { return ident("ux", c.UID, f.GetId()) }

// ForeignKey is the constraint of a reference.
func (c *Component) ForeignKey(f *Field) string { return ident("fk", c.UID, f.GetId()) }

// EntryKey is the constraint that ties the rows of a link table to their entry.
func (c *Component) EntryKey(f *Field) string { return ident("le", c.UID, f.GetId()) }

// ident joins parts into an identifier. One that would not fit is shortened to its digest.
func ident(prefix string, parts ...string) string {
	name := prefix + "_" + strings.Join(parts, "_")
	if len(name) <= 62 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return prefix + "_" + hex.EncodeToString(sum[:20])
}

// Compile reads a release. An error names what cannot be stored: the library checks definitions, so it is never the fault
// of the caller of storage. The clock is that of now() in expressions.
func Compile(id string, components []*libraryv1.Component, clk clock.Clock) (*Release, error) {
	r := &Release{ID: id, byID: make(map[string]*Component, len(components))}
	uids := map[string]bool{}
	for _, def := range components {
		c, err := compileComponent(def)
		if err != nil {
			return nil, fmt.Errorf("component %q: %w", def.GetId(), err)
		}
		if r.byID[c.ID] != nil || uids[c.UID] {
			return nil, fmt.Errorf("component %q appears twice", c.ID)
		}
		uids[c.UID] = true
		r.byID[c.ID] = c
		r.Components = append(r.Components, c)
	}
	r.compileExpressions(clk)
	return r, nil
}

func compileComponent(def *libraryv1.Component) (*Component, error) {
	c := &Component{
		ID: def.GetId(), UID: def.GetUid(),
		Access: def.GetSettings().GetAccess(), Triggers: def.GetSettings().GetTriggers(),
		byName: map[string]*Field{}, byID: map[string]*Field{},
	}
	if !safeID.MatchString(c.UID) || !safeID.MatchString(c.ID) {
		return nil, fmt.Errorf("uid %q or id is not an identifier", c.UID)
	}
	for _, def := range def.GetModel().GetFields() {
		f, err := c.compileField(def)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", def.GetName(), err)
		}
		if c.byName[f.GetName()] != nil || c.byID[f.GetId()] != nil {
			return nil, fmt.Errorf("field %q appears twice", f.GetName())
		}
		c.byName[f.GetName()], c.byID[f.GetId()] = f, f
		c.Fields = append(c.Fields, f)
		if f.GetPrimaryKey() {
			c.Key = append(c.Key, f)
		}
		if f.GetIsName() && !f.GetSensitive() {
			c.NameFrom = f
		}
	}
	return c, nil
}

func (c *Component) compileField(def *libraryv1.Field) (*Field, error) {
	f := &Field{Field: def}
	if !safeID.MatchString(def.GetId()) || !safeName.MatchString(def.GetName()) {
		return nil, fmt.Errorf("id %q or name is not an identifier", def.GetId())
	}
	if _, reserved := objectmodel.SystemField(def.GetName()); reserved || def.GetName() == DeleteTime {
		return nil, fmt.Errorf("the name is taken by a system field")
	}
	var known bool
	if f.Value, known = objectmodel.FieldType(def); !known {
		return nil, fmt.Errorf("unknown type %s", def.GetType())
	}
	switch def.GetType() {
	case libraryv1.FieldType_FIELD_TYPE_CATALOG:
		f.Target = def.GetCatalog().GetComponent()
	case libraryv1.FieldType_FIELD_TYPE_ARRAY:
		f.Target = def.GetArray().GetComponent()
	}
	switch {
	case !f.Stored():
	case f.IsArray():
		f.Link = ident("l", c.UID, def.GetId())
	default:
		f.Column = ident("f", def.GetId())
	}
	if f.GetPrimaryKey() && (f.IsArray() || f.GetSensitive() || !f.Stored()) {
		return nil, fmt.Errorf("a list, an encrypted or a virtual field cannot be part of the primary key")
	}
	return f, f.compileRules()
}

func (f *Field) compileRules() error {
	if p := f.GetString_().GetPattern(); p != "" {
		re, err := regexp.Compile(`\A(?:` + p + `)\z`)
		if err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
		f.Pattern = re
	}
	bound := func(text string, to **value.Decimal) error {
		if text == "" {
			return nil
		}
		d, err := value.ParseDecimal(text)
		*to = &d
		return err
	}
	if err := bound(f.GetNumber().GetMin(), &f.min); err != nil {
		return fmt.Errorf("min: %w", err)
	}
	if err := bound(f.GetNumber().GetMax(), &f.max); err != nil {
		return fmt.Errorf("max: %w", err)
	}
	return nil
}

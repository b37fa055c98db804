// Package move says how what storage keeps of a tenant travels to another installation: every sensitive value is opened on the
// way out, and sealed with the tenant's new key on the way in.
package move

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/tenantdata"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// crypt seals or opens a value for its place.
type crypt func(value []byte, context string) ([]byte, error)

// row is a change of a row by a crypt.
type row func(r *tenantdata.Row, c crypt) error

func both(t tenantdata.Table, key *keys.DataKey, change row) tenantdata.Table {
	t.Leave = func(r *tenantdata.Row) error { return change(r, key.Open) }
	t.Arrive = func(r *tenantdata.Row, _ map[string]string) error { return change(r, key.Seal) }
	return t
}

// live are rows that belong to no preview, whose names begin with the preview's.
func live(column string) string { return "t." + column + " !~ '^prv-[0-9a-f]{16}/'" }

// Control are the tables that tenants share.
func Control(key *keys.DataKey) []tenantdata.Table {
	table := func(name string, t tenantdata.Table) tenantdata.Table {
		t.Schema, t.Name = "storage", name
		return t
	}
	return []tenantdata.Table{
		table("tenants", tenantdata.Table{Stays: "the place of the data and its key are made anew"}),
		table("seals", tenantdata.Table{Stays: "the history is sealed anew with the new key"}),
		table("labels", tenantdata.Table{Stays: "made anew with the tables"}),
		both(table("entry_changes", tenantdata.Table{Only: live("component_uid"), People: []string{"subject"}}), key, history),
		both(table("requests", tenantdata.Table{Only: live("request_id")}), key, request),
		table("chunks", tenantdata.Table{Only: live("component_uid"), People: []string{"subject"}}),
		both(table("outbox", tenantdata.Table{Without: []string{"lease_owner"}, People: []string{"subject"}, Only: "t.release !~ '^prv-'"}), key, start),
		table("holds", tenantdata.Table{Only: live("component_uid")}),
		table("recordings", tenantdata.Table{Stays: "they are of runs in the old installation"}),
		table("uploads", tenantdata.Table{Stays: "an upload goes on where it was begun"}),
		// A file arrives as one object.
		table("files", tenantdata.Table{People: []string{"creator_subject"}, Without: []string{"part_size"}}),
	}
}

func text(r *tenantdata.Row, column string) (string, error) {
	s, ok, err := r.Text(column)
	if err == nil && !ok {
		err = fmt.Errorf("%s is empty", column)
	}
	return s, err
}

// cell changes one sealed cell; null and empty ones stay.
func cell(r *tenantdata.Row, column, context string, c crypt) error {
	b, err := r.Bytes(column)
	if err != nil || len(b) == 0 {
		return err
	}
	if b, err = c(b, context); err != nil {
		return fmt.Errorf("%s: %w", column, err)
	}
	return r.SetBytes(column, b)
}

func request(r *tenantdata.Row, c crypt) error {
	id, err := text(r, "request_id")
	if err != nil {
		return err
	}
	return cell(r, "response", engine.ResponseContext(id), c)
}

func start(r *tenantdata.Row, c crypt) error {
	entry, err := text(r, "entry")
	if err != nil {
		return err
	}
	return cell(r, "input", engine.InputContext(entry), c)
}

func history(r *tenantdata.Row, c crypt) error {
	uid, err := text(r, "component_uid")
	if err != nil {
		return err
	}
	entry, err := text(r, "entry")
	if err != nil {
		return err
	}
	for _, column := range []string{"before_values", "after_values"} {
		b, err := r.Bytes(column)
		if err != nil {
			return err
		}
		var m typev1.MapValue
		if err := proto.Unmarshal(b, &m); err != nil {
			return fmt.Errorf("%s: %w", column, err)
		}
		changed := false
		for name, v := range m.GetFields() {
			field, sealed := strings.CutPrefix(name, engine.SealedMark)
			if !sealed {
				continue
			}
			kind, ok := v.GetKind().(*typev1.Value_Bytes)
			if !ok {
				return fmt.Errorf("%s: a sealed value is none", column)
			}
			if kind.Bytes, err = c(kind.Bytes, engine.SealContextOf(uid, field, entry)); err != nil {
				return fmt.Errorf("%s: %w", column, err)
			}
			changed = true
		}
		if !changed {
			continue
		}
		if b, err = (proto.MarshalOptions{Deterministic: true}).Marshal(&m); err != nil {
			return fmt.Errorf("%s: %w", column, err)
		}
		if err := r.SetBytes(column, b); err != nil {
			return err
		}
	}
	return nil
}

var (
	entryID    = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	errEntryID = errors.New("an entry has an id that is none")
)

// Entries are the tables of a release in the tenant's own schema.
func Entries(schema string, release *model.Release, key *keys.DataKey) []tenantdata.Table {
	var tables []tenantdata.Table
	for _, c := range release.Components {
		if len(c.Fields) == 0 {
			continue
		}
		t := tenantdata.Table{
			Schema: schema, Name: c.Table(), Owned: true, Order: []string{"id"}, People: []string{model.CreatorSubject, model.UpdateSubject},
			Columns: []string{model.ID, model.Name, model.CreatorSubject, model.UpdateSubject, model.CreateTime, model.UpdateTime, model.DeleteTime, model.Version},
		}
		var sealed []*model.Field
		for _, f := range c.Fields {
			switch {
			case f.Link != "":
				tables = append(tables, tenantdata.Table{
					Schema: schema, Name: f.Link, Owned: true, Columns: []string{"entry", "position", "target"}, Order: []string{"entry", "position"},
				})
			case f.Column != "":
				t.Columns = append(t.Columns, f.Column)
				if f.GetSensitive() {
					sealed = append(sealed, f)
				}
			}
		}
		tables = append(tables, both(t, key, func(r *tenantdata.Row, crypt crypt) error {
			id, err := text(r, model.ID)
			if err != nil {
				return err
			}
			if !entryID.MatchString(id) {
				return errEntryID
			}
			for _, f := range sealed {
				if err := cell(r, f.Column, engine.SealContext(c, f, id), crypt); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return tables
}

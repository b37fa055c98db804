package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// reserved tells why a name cannot be one of a field, "" when it can. The model editor of the web UI knows the same names.
func reserved(name string) string {
	_, system := objectmodel.SystemField(name)
	switch {
	case system || slices.Contains([]string{"delete_time", "etag", "fields"}, name):
		return "the name of a system field, which every entry has"
	case expr.IsReserved(name):
		return "a word of the expression language"
	}
	return ""
}

func (r *run) model() {
	names := 0
	for _, f := range r.component.GetModel().GetFields() {
		path := "model/fields/" + f.GetName()
		if why := reserved(f.GetName()); why != "" {
			r.problem("reserved-name", path+"/name", f.GetName()+"_", "%q is %s; choose another one", f.GetName(), why)
		}
		if f.GetIsName() {
			if names++; names == 2 {
				r.problem("several-names", path+"/is_name", "", "only one field can be the name of an entry")
			}
		}
		r.flags(path, f)
		r.rules(path, f)
		if needs(f) != "" && r.circular(needs(f), map[string]bool{}) {
			r.problem("circular-reference", path+"/required", "", "no entry could be made: each needs one of %q first, and that needs one of %q", needs(f), r.component.GetId())
		}
	}
}

// needs is the component of which there must be an entry before there can be one with the field; empty for none.
func needs(f *libraryv1.Field) string {
	if !f.GetRequired() && !f.GetPrimaryKey() || f.GetIsVirtual() {
		return ""
	}
	return cmp.Or(f.GetCatalog().GetComponent(), f.GetArray().GetComponent())
}

// circular reports whether an entry of the component needs one of the checked component, directly or through others.
func (r *run) circular(component string, seen map[string]bool) bool {
	if component == r.component.GetId() {
		return true
	}
	if seen[component] {
		return false
	}
	seen[component] = true
	return slices.ContainsFunc(r.components[component].GetModel().GetFields(), func(f *libraryv1.Field) bool {
		return needs(f) != "" && r.circular(needs(f), seen)
	})
}

// flags finds flags that contradict the type or each other.
func (r *run) flags(path string, f *libraryv1.Field) {
	list := f.GetType() == libraryv1.FieldType_FIELD_TYPE_ARRAY
	file := f.GetType() == libraryv1.FieldType_FIELD_TYPE_FILE
	for _, c := range []struct {
		set    bool
		flag   string
		virt   bool // needs to be stored
		sens   bool // needs to be readable by the database
		noList bool
		noFile bool
	}{
		{f.GetPrimaryKey(), "primary_key", true, true, true, true},
		{f.GetQuery(), "query", true, true, true, true},
		{f.GetSearchable(), "searchable", true, true, true, true},
		{f.GetIsName(), "is_name", true, true, true, true},
		{f.GetIsTitle(), "is_title", false, false, true, true},
	} {
		if !c.set {
			continue
		}
		var why string
		switch {
		case c.virt && f.GetIsVirtual():
			why = "is never stored"
		case c.sens && f.GetSensitive():
			why = "is kept encrypted"
		case c.noList && list:
			why = "is a list of references"
		case c.noFile && file:
			why = "is a file"
		default:
			continue
		}
		r.problem("invalid-flag", path+"/"+c.flag, "", "%s cannot be set on a field that %s", c.flag, why)
	}
	if f.GetSearchable() && f.GetType() != libraryv1.FieldType_FIELD_TYPE_STRING && !list && !file {
		r.problem("invalid-flag", path+"/searchable", "", "searchable can only be set on texts")
	}
	if f.GetSensitive() && (list || f.GetType() == libraryv1.FieldType_FIELD_TYPE_CATALOG) {
		r.problem("invalid-flag", path+"/sensitive", "", "sensitive cannot be set on references")
	}
}

// rules finds rules that belong to another type, or that no value can meet.
func (r *run) rules(path string, f *libraryv1.Field) {
	want := ""
	switch f.GetType() {
	case libraryv1.FieldType_FIELD_TYPE_STRING, libraryv1.FieldType_FIELD_TYPE_URI:
		want = "string"
	case libraryv1.FieldType_FIELD_TYPE_INTEGER:
		want = "integer"
	case libraryv1.FieldType_FIELD_TYPE_NUMBER:
		want = "number"
	case libraryv1.FieldType_FIELD_TYPE_FILE:
		want = "file"
	case libraryv1.FieldType_FIELD_TYPE_CATALOG:
		want = "catalog"
	case libraryv1.FieldType_FIELD_TYPE_ARRAY:
		want = "array"
	}
	have := ""
	switch rules := f.GetRules().(type) {
	case *libraryv1.Field_String_:
		have = "string"
		r.stringRules(path, rules.String_)
	case *libraryv1.Field_Integer:
		have = "integer"
		r.integerRules(path, rules.Integer)
	case *libraryv1.Field_Number:
		have = "number"
		r.numberRules(path, rules.Number)
	case *libraryv1.Field_File:
		have = "file"
		if rules.File.GetMaxBytes() < 0 {
			r.problem("invalid-rules", path+"/file/max_bytes", "", "must not be negative")
		}
	case *libraryv1.Field_Catalog:
		have = "catalog"
		r.target(path+"/catalog/component", rules.Catalog.GetComponent())
	case *libraryv1.Field_Array:
		have = "array"
		r.target(path+"/array/component", rules.Array.GetComponent())
	}
	switch {
	case have != "" && have != want:
		r.problem("wrong-rules", path+"/"+have, "", "rules for %s do not fit the type of the field", have)
	case have == "" && (want == "catalog" || want == "array"):
		r.problem("missing-rules", path+"/"+want+"/component", "", "the component that is referred to must be named")
	}
}

func (r *run) target(path, id string) {
	if id == "" {
		r.problem("missing-rules", path, "", "the component that is referred to must be named")
		return
	}
	if c := r.referComponent(path, id); c != nil && len(c.GetModel().GetFields()) == 0 {
		r.problem("no-entries", path, "", "component %q has no fields and so no entries to refer to", id)
	}
}

func (r *run) stringRules(path string, s *libraryv1.StringRules) {
	if s.GetMinLength() < 0 || s.GetMaxLength() < 0 {
		r.problem("invalid-rules", path+"/string", "", "lengths must not be negative")
	}
	if s.GetMaxLength() > 0 && s.GetMinLength() > s.GetMaxLength() {
		r.problem("invalid-rules", path+"/string/max_length", "", "the greatest length is below the smallest")
	}
}

func (r *run) integerRules(path string, i *libraryv1.IntegerRules) {
	if i.Min != nil && i.Max != nil && i.GetMin() > i.GetMax() {
		r.problem("invalid-rules", path+"/integer/max", "", "the greatest value is below the smallest")
	}
	values, labels := map[int64]bool{}, map[string]bool{}
	for n, o := range i.GetOptions() {
		at := fmt.Sprintf("%s/integer/options/%d", path, n)
		if values[o.GetValue()] {
			r.problem("duplicate-option", at+"/value", "", "the value %d is there twice", o.GetValue())
		}
		if labels[o.GetLabel()] {
			r.problem("duplicate-option", at+"/label", "", "the label %q is there twice", o.GetLabel())
		}
		if o.GetLabel() == "" {
			r.problem("invalid-rules", at+"/label", "", "an option needs a label")
		}
		if i.Min != nil && o.GetValue() < i.GetMin() || i.Max != nil && o.GetValue() > i.GetMax() {
			r.problem("invalid-rules", at+"/value", "", "the value %d is out of the bounds of the field", o.GetValue())
		}
		values[o.GetValue()], labels[o.GetLabel()] = true, true
	}
}

func (r *run) numberRules(path string, n *libraryv1.NumberRules) {
	if n.Precision != nil && (n.GetPrecision() < 0 || n.GetPrecision() > 18) {
		r.problem("invalid-rules", path+"/number/precision", "", "must be within 0 and 18")
	}
	least, okMin := r.decimal(path+"/number/min", n.GetMin())
	most, okMax := r.decimal(path+"/number/max", n.GetMax())
	if okMin && okMax {
		if c, err := value.Compare(least, most); err == nil && c > 0 {
			r.problem("invalid-rules", path+"/number/max", "", "the greatest value is below the smallest")
		}
	}
}

func (r *run) decimal(path, text string) (value.Decimal, bool) {
	if text == "" {
		return value.Decimal{}, false
	}
	d, err := value.ParseDecimal(text)
	if err != nil {
		r.problem("invalid-rules", path, "", "must be a number: %s", err)
		return value.Decimal{}, false
	}
	return d, true
}

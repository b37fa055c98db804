package storage_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// goods has three entries: a/1/0.5, bbb/2/1.25 and one that is empty.
func goods(w *world) (components []*libraryv1.Component, ids []string) {
	components = []*libraryv1.Component{{Id: "goods", Uid: "goods00001", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
		{Id: "label00001", Name: "label", Type: libraryv1.FieldType_FIELD_TYPE_STRING},
		{Id: "level00001", Name: "level", Type: libraryv1.FieldType_FIELD_TYPE_INTEGER},
		{Id: "price00001", Name: "price", Type: libraryv1.FieldType_FIELD_TYPE_NUMBER},
	}}}}
	w.publish(components...)
	for _, fields := range []values{{"label": "a", "level": int64(1), "price": value.MustDecimal("0.5")}, {"label": "bbb", "level": int64(2), "price": value.MustDecimal("1.25")}, {"label": ""}} {
		ids = append(ids, w.create(w.admin(), "goods", fields).GetId())
	}
	return components, ids
}

// What is stored and does not fit changed rules is told with its entries, and only then.
func TestStoredValuesThatDoNotFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	components, ids := goods(w)
	integer := func(r *libraryv1.IntegerRules) func(*libraryv1.Field) {
		return func(f *libraryv1.Field) { f.Rules = &libraryv1.Field_Integer{Integer: r} }
	}
	text := func(r *libraryv1.StringRules) func(*libraryv1.Field) {
		return func(f *libraryv1.Field) { f.Rules = &libraryv1.Field_String_{String_: r} }
	}
	number := func(r *libraryv1.NumberRules) func(*libraryv1.Field) {
		return func(f *libraryv1.Field) { f.Rules = &libraryv1.Field_Number{Number: r} }
	}
	one, two, zero := int64(1), int64(2), int32(0)
	for i, c := range []struct {
		field  string
		change func(*libraryv1.Field)
		want   []string
		says   string
	}{
		{"label", text(&libraryv1.StringRules{MaxLength: 2}), ids[1:2], "at most 2 characters"},
		{"label", text(&libraryv1.StringRules{MinLength: 2}), ids[:1], "at least 2 characters"},
		{"label", text(&libraryv1.StringRules{Pattern: "b+"}), ids[:1], "of the form b+"},
		{"label", text(&libraryv1.StringRules{MinLength: 1, MaxLength: 3, Pattern: "[a-c]*"}), nil, ""},
		{"level", integer(&libraryv1.IntegerRules{Min: &two}), ids[:1], "at least 2"},
		{"level", integer(&libraryv1.IntegerRules{Max: &one}), ids[1:2], "at most 1"},
		{"level", integer(&libraryv1.IntegerRules{Options: []*libraryv1.EnumOption{{Value: 2, Label: "two"}}}), ids[:1], "not among the options"},
		{"level", integer(&libraryv1.IntegerRules{Min: &one, Max: &two}), nil, ""},
		{"price", number(&libraryv1.NumberRules{Min: "0.75"}), ids[:1], "at least 0.75"},
		{"price", number(&libraryv1.NumberRules{Max: "1"}), ids[1:2], "at most 1"},
		{"price", number(&libraryv1.NumberRules{Precision: &zero}), ids[:2], "at most 0 digits"},
		{"price", func(f *libraryv1.Field) {
			f.Type = libraryv1.FieldType_FIELD_TYPE_STRING
			text(&libraryv1.StringRules{MaxLength: 1})(f)
		}, nil, ""}, // the column is another one yet
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			changed := edit(clone(components), "goods", c.field, c.change)
			plan := func(fields ...*storagev1.FieldName) []*storagev1.SchemaConflict {
				res, err := w.schema.PlanSchema(t.Context(), &storagev1.PlanSchemaRequest{Tenant: w.tenant, Components: changed, ChangedRules: fields})
				require.NoError(t, err)
				return res.GetConflicts()
			}
			require.Empty(t, plan(), "what did not change is not looked at")
			got := plan(&storagev1.FieldName{Component: "goods", Field: c.field + "00001"}, &storagev1.FieldName{Component: "goods", Field: "nothing"}, &storagev1.FieldName{Component: "none"})
			if c.want == nil {
				require.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			require.Equal(t, []string{"goods", c.field}, []string{got[0].GetComponent(), got[0].GetField()})
			require.ElementsMatch(t, c.want, got[0].GetEntries())
			require.EqualValues(t, len(c.want), got[0].GetRows())
			require.Contains(t, got[0].GetMessage(), c.says)
		})
	}
}

func TestCountEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	components, ids := goods(w)
	_, err := w.entries.DeleteEntry(w.admin(), &storagev1.DeleteEntryRequest{Component: "goods", Entry: ids[0]})
	require.NoError(t, err)
	next := clone(components)
	next[0].Model.Fields = append(next[0].Model.Fields, &libraryv1.Field{Id: "seats00001", Name: "seats", Type: libraryv1.FieldType_FIELD_TYPE_INTEGER})
	next = append(next, &libraryv1.Component{Id: "other", Uid: "other00001", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{{Id: "label00002", Name: "label", Type: libraryv1.FieldType_FIELD_TYPE_STRING}}}})
	count := func(sample int32, counts ...*storagev1.EntryCount) ([]*storagev1.EntriesCounted, error) {
		res, err := w.schema.CountEntries(t.Context(), &storagev1.CountEntriesRequest{Tenant: w.tenant, Components: next, Counts: counts, Sample: sample})
		return res.GetResults(), err
	}
	of := func(filters ...string) *storagev1.EntryCount {
		return &storagev1.EntryCount{Component: "goods", Role: "clerk", Filters: filters}
	}
	got, err := count(1000, of(), of(""), of("entry.level == 2"), of("entry.level == 2", "entry.label == ''"), of("'clerk' in user.roles"),
		of("entry.seats > 1"), of("entry.nobody"), of(`entry.label == "'; DROP TABLE x; --"`),
		&storagev1.EntryCount{Component: "other", Filters: []string{""}}, &storagev1.EntryCount{Component: "none"})
	require.NoError(t, err)
	var words []string
	for _, c := range got {
		words = append(words, fmt.Sprint(c.GetSampled(), " ", c.GetSelected(), " ", c.GetProblem()))
	}
	const missing = "0 0 the rule needs a field that is not in the database yet"
	require.Equal(t, []string{"2 0 ", "2 2 ", "2 1 ", "2 2 ", "2 2 ", missing, "0 0 a rule of the component goods cannot be evaluated", "2 0 ", missing, "0 0 the component has no entries"}, words)
	few, err := count(1, of(""))
	require.NoError(t, err)
	require.EqualValues(t, []int64{1, 1}, []int64{few[0].GetSampled(), few[0].GetSelected()})
	for _, bad := range []int32{0, 1001} {
		_, err := count(bad, of(""))
		require.Error(t, err)
	}
	_, err = count(1, make([]*storagev1.EntryCount, 501)...)
	require.Error(t, err)
}

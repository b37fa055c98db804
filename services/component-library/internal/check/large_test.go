package check

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// large has 100 fields and 1,000 controls with an expression each on 20 pages.
func large(t testing.TB) *libraryv1.Component {
	c := &libraryv1.Component{Id: "large", Uid: "u", Model: &libraryv1.ObjectModel{}}
	for i := range 100 {
		c.Model.Fields = append(c.Model.Fields, field(fmt.Sprint("f", i), fmt.Sprint("field", i), libraryv1.FieldType_FIELD_TYPE_NUMBER))
	}
	for p := range 20 {
		c.Pages = append(c.Pages, largePage(t, p, "first"))
	}
	return c
}

func largePage(t testing.TB, p int, label string) *libraryv1.Page {
	nodes, children := obj{}, items{}
	for i := range 50 {
		id := fmt.Sprint("c", i)
		children = append(children, id)
		nodes[id] = node("number", obj{"label": label, "field": fmt.Sprint("field", (p+i)%100), "visible": expression(fmt.Sprintf("item.field%d > %d && item.field%d != null", i, p, i))})
	}
	nodes["page"] = node("page", obj{}, children...)
	return &libraryv1.Page{Id: fmt.Sprint("page", p), Document: doc(t, obj{"root": "page", "nodes": nodes})}
}

// A page that did not change is not checked again, unless what it refers to did.
func TestPagesAreKept(t *testing.T) {
	t.Parallel()
	c := large(t)
	k := New(&owner{}, slog.New(slog.DiscardHandler))
	first, err := k.Check(t.Context(), []*libraryv1.Component{c}, []string{"large"})
	require.NoError(t, err)
	require.Empty(t, first.Problems)
	require.Greater(t, len(first.References), 20*50)
	again, err := k.Check(t.Context(), []*libraryv1.Component{c}, []string{"large"})
	require.NoError(t, err)
	require.True(t, len(again.References) == len(first.References))
	require.NotSame(t, first.References[0], again.References[0], "answers are the caller's")

	c.Model.Fields[7].Name = "renamed"
	broken, err := k.Check(t.Context(), []*libraryv1.Component{c}, []string{"large"})
	require.NoError(t, err)
	require.NotEmpty(t, broken.Problems)
	c.Model.Fields[7].Name = "field7"
	c.Pages[3] = &libraryv1.Page{Id: "page3"}
	empty, err := k.Check(t.Context(), []*libraryv1.Component{c}, []string{"large"})
	require.NoError(t, err)
	require.Len(t, empty.Problems, 1)
	require.Equal(t, "pages/page3/document", empty.Problems[0].GetPath())
}

// BenchmarkEdit checks after one of twenty pages was saved.
func BenchmarkEdit(b *testing.B) {
	c := large(b)
	k := New(&owner{}, slog.New(slog.DiscardHandler))
	for i := 0; b.Loop(); i++ {
		c.Pages[i%20] = largePage(b, i%20, fmt.Sprint(i))
		res, err := k.Check(b.Context(), []*libraryv1.Component{c}, []string{"large"})
		require.NoError(b, err)
		require.Empty(b, res.Problems)
	}
}

package storage_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

func searchable(f *libraryv1.Field) { f.Searchable = true }

// people are searched by title and notes; the other fields are searchable in name only.
func people(edit ...func(*libraryv1.Field)) *libraryv1.Component {
	return component("person",
		field("title", typString, append([]func(*libraryv1.Field){key, named, queried}, edit...)...),
		field("notes", typString, edit...),
		field("years", typInteger, queried, searchable),
		field("secret", typString, sensitive, searchable),
		field("screen", typString, virtual, searchable))
}

func TestSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(people())
	ctx := w.admin()
	_, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "person", Search: "ada"})
	require.Contains(t, refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS, "search").Violations[0].Description, "no field of person is searchable")
	for i, p := range []values{
		{"title": "Ada Lovelace", "notes": "Analytical Engine; ada@example.com"},
		{"title": "Émile Zola", "notes": "J’Accuse…!, Größe 12", "secret": "hidden"},
		{"title": "Łukasz", "notes": nil},
		{"title": "it's a 'quote' \\ & | ! :* (x)", "notes": strings.Repeat("word ", 200_000)},
		{"title": "Ada Byron", "notes": "Engine"},
	} {
		p["years"] = int64(i)
		w.create(ctx, "person", p)
	}

	// The index is made among entries, so concurrently, and the plan tells of it.
	after := people(searchable)
	plan := w.plan(after)
	require.Empty(t, plan.GetConflicts())
	require.Len(t, plan.GetChanges(), 1)
	require.Regexp(t, `^CREATE INDEX CONCURRENTLY IF NOT EXISTS .* USING gin \(storage\.document\(`, plan.GetChanges()[0].GetStatement())
	w.publish(after)
	require.Empty(t, w.plan(after).GetChanges())
	ctx = w.admin()

	for search, want := range map[string]string{
		"ada": "Ada Byron,Ada Lovelace", "ADA love": "Ada Lovelace", "eng ad": "Ada Byron,Ada Lovelace", "example": "Ada Lovelace", "com.example@": "Ada Lovelace",
		"emile": "Émile Zola", "Émile": "Émile Zola", "ÉMI": "Émile Zola", "E\u0301mile": "Émile Zola", "accuse": "Émile Zola", "grosse": "", "gro": "Émile Zola", "Größe": "Émile Zola", "12": "Émile Zola",
		"Łuk": "Łukasz", "lovelace byron": "", "ovelace": "", "hidden": "", "1": "Émile Zola", "quote it's": "it's a 'quote' \\ & | ! :* (x)", `'quote' & | ! :* (x) \`: "it's a 'quote' \\ & | ! :* (x)",
		"'; DROP TABLE x; --": "", "a:* | b": "Ada Byron", "ﷺ": "",
	} {
		t.Run(search, func(t *testing.T) {
			page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "person", Search: search, OrderBy: "title", Count: true})
			require.NoError(t, err)
			var got []string
			for _, e := range page.GetEntries() {
				got = append(got, e.GetName())
			}
			require.Equal(t, want, strings.Join(got, ","))
			require.EqualValues(t, len(got), page.GetTotalSize())
		})
	}
	for _, bad := range []string{"!!!", strings.Repeat("x", 201), strings.Repeat("x ", 11), "a\x00b"} {
		_, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "person", Search: bad})
		refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS, "search")
	}

	// With a filter, an order and pages.
	page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "person", Search: "a", Filter: "years != 1", OrderBy: "years desc", PageSize: 1})
	require.NoError(t, err)
	require.Equal(t, "Ada Byron", page.GetEntries()[0].GetName())
	next := &storagev1.ListEntriesRequest{Component: "person", Search: "a", Filter: "years != 1", OrderBy: "years desc", PageToken: page.GetNextPageToken()}
	page, err = w.entries.ListEntries(ctx, next)
	require.NoError(t, err)
	require.Len(t, page.GetEntries(), 2)
	next.Search = "ad"
	_, err = w.entries.ListEntries(ctx, next)
	refused(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
}

func TestSearchUsesItsIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	after := people(searchable)
	w.publish(after)
	conn, err := pgx.Connect(t.Context(), w.cfg.Database.OwnerURL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	table := fmt.Sprintf("t_%s.c_u_person", w.tenant)
	_, err = conn.Exec(t.Context(), fmt.Sprintf(`INSERT INTO %s (id, creator_subject, update_subject, create_time, update_time, f_id_title)
		SELECT lpad(n::text, 8, '0'), 'u', 'u', now(), now(), 'Ada number' || n FROM generate_series(1, 20000) AS n`, table))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "VACUUM ANALYZE "+table)
	require.NoError(t, err)
	release, err := model.Compile("r", []*libraryv1.Component{after}, clock.Real())
	require.NoError(t, err)
	c, _ := release.Component("person")
	orders, err := query.ParseOrder(c, "")
	require.NoError(t, err)
	stmt, _, err := query.Scope{Schema: "t_" + w.tenant, Release: release}.Select(query.List{
		Component: c, Search: "ada number1777", Sight: query.Sight{All: true}, Orders: orders, Limit: 50})
	require.NoError(t, err)
	var text []byte
	require.NoError(t, conn.QueryRow(t.Context(), "EXPLAIN (FORMAT JSON) "+stmt.SQL, stmt.Args...).Scan(&text))
	require.True(t, json.Valid(text))
	require.Contains(t, string(text), c.SearchIndex())
}

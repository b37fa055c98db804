package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// flowOf is a dataflow that reads machines, perhaps groups them, and answers. With alone set another step reads the query, too, so that
// storage does not group.
func flowOf(id string, query, group object, alone bool) object {
	query["component"] = "machine"
	steps := list{object{"id": "read", "type": "get-raw-model"}, object{"id": "query", "type": "query-entity-by-filter", "sources": list{"read"}, "params": query}}
	last := "query"
	if group != nil {
		steps = append(steps, object{"id": "group", "type": "group-by", "sources": list{"query"}, "params": group})
		last = "group"
	}
	if alone {
		steps = append(steps, object{"id": "other", "type": "distinct", "sources": list{"query"}})
	}
	return object{"id": id, "title": id, "steps": append(steps, object{"id": "answer", "type": "write-response", "sources": list{last}})}
}

// Entries come to a dataflow in one snapshot, or page by page, or as groups that storage makes: with the same results.
func TestDataflowsReadTheSameInEveryWay(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u, makers := machines(t, s)
		texts := []string{"Größe 😀 <b>", "'; DROP TABLE x; --", "a\tb\\N", "ﬁ\u202e", "x"}
		for i := range 24 {
			e := object{"code": fmt.Sprintf("AB-%d", i+1), "label": texts[i%5]}
			for n, more := range []object{
				{"amount": fmt.Sprint(i%4 - 2)}, {"level": i % 2 * 5}, {"price": []string{"0.1", "0.20", "12345678901234567890.12"}[i%3]},
				{"exact": []string{"0.000000000000000001", "-1.5", "1"}[i%3]}, {"active": i%2 == 0}, {"built": fmt.Sprintf("2026-02-%02d", i%3+1)}, {"starts": "23:59:59.5"},
				{"seen": fmt.Sprintf("2026-01-31T13:05:%02d.123456Z", i%3)}, {"manual": "https://example.com/ä_%25"}, {"maker": makers[i%3]},
				{"parts": list{makers[2], makers[1]}}, {"secret": "shh 🙂"},
			} {
				for k, v := range more {
					if (i+n)%5 > 0 { // else null
						e[k] = v
					}
				}
			}
			u.create(t, "machine", e)
		}
		queries := []object{
			{}, {"orderBy": "price desc, code"}, {"filter": "price > 0.15 || active == null", "orderBy": "seen"}, {"filter": `maker.name_of == "Ada"`},
			{"filter": "exact < 0", "orderBy": "code desc"}, {"filter": "level == 5 && label != input.label"}, {"filter": `label == "none"`},
		}
		totals := object{"n": object{"op": "count"}, "amounts": object{"op": "count", "of": "item.amount"}, "amount": object{"op": "sum", "of": "item.amount"},
			"mean": object{"op": "avg", "of": "item.amount"}, "prices": object{"op": "sum", "of": "item.price"}, "average": object{"op": "avg", "of": "item.exact"},
			"from": object{"op": "min", "of": "item.built"}, "to": object{"op": "max", "of": "item.seen"}, "first": object{"op": "min", "of": "item.label"}, "at": object{"op": "max", "of": "item.starts"}}
		groups := []object{
			{"fields": list{"maker"}, "aggregates": totals}, {"fields": list{"level", "active"}, "aggregates": totals}, {"aggregates": totals},
			{"fields": list{"built"}, "keys": object{"when": "item.seen", "what": "item.exact"}}, {"fields": list{"label", "price", "creator_subject"}, "aggregates": totals},
		}
		flows := list{}
		type pair struct{ a, b string }
		var pairs []pair
		add := func(a, b object) {
			flows = append(flows, a, b)
			pairs = append(pairs, pair{a["id"].(string), b["id"].(string)})
		}
		with := func(query object, limit int) object {
			q := object{"limit": limit}
			for k, v := range query {
				q[k] = v
			}
			return q
		}
		for i, q := range queries {
			add(flowOf(fmt.Sprintf("paged%d", i), with(q, 1000), nil, false), flowOf(fmt.Sprintf("snapshot%d", i), with(q, 100_000), nil, false))
			for j, g := range groups {
				limit := []int{100_000, 7}[(i+j)%2]
				add(flowOf(fmt.Sprintf("alone%d_%d", i, j), with(q, limit), g, true), flowOf(fmt.Sprintf("joined%d_%d", i, j), with(q, limit), g, false))
			}
		}
		u.patch(t, "machine", func(_ *testing.T, c object) { c["dataflows"] = flows })
		require.Empty(t, u.check(t, "machine"))
		u.publish(t)
		some := 0
		for _, p := range pairs {
			input := object{"label": texts[1]}
			want := u.run(t, "machine", p.a, input).ok()["output"]
			require.Equal(t, want, u.run(t, "machine", p.b, input).ok()["output"], p.b)
			if l, ok := want.(list); ok && len(l) > 1 {
				some++
			}
		}
		require.Greater(t, some, 20, "most read several")
	})
}

// Storage groups 50,000 entries that are more than a dataflow may hold.
func TestDataflowsGroupManyEntries(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u, makers := machines(t, s)
		group := object{"fields": list{"maker"}, "aggregates": object{"n": object{"op": "count"}, "amount": object{"op": "sum", "of": "item.amount"}, "price": object{"op": "sum", "of": "item.price"}}}
		fields := object{"code": "item.code", "label": "item.label", "amount": "item.amount", "price": "item.price", "maker": "item.maker"}
		u.patch(t, "machine", func(_ *testing.T, c object) {
			c["dataflows"] = list{
				object{"id": "load", "title": "Load", "steps": list{
					object{"id": "read", "type": "get-raw-model"},
					object{"id": "rows", "type": "import-file", "sources": list{"read"}, "params": object{"file": "item.file", "format": "csv", "separator": ";", "fields": object{
						"code": "row.code", "label": "row.label", "amount": "int(row.amount)", "price": "decimal(row.price)", "maker": "row.maker"}}},
					object{"id": "collect", "type": "deferred-update-entry", "sources": list{"rows"}, "params": object{"component": "machine", "key": list{"code"}, "fields": fields}},
					object{"id": "apply", "type": "apply-deferred-update-operations", "sources": list{"collect"}, "params": object{"bulk": true}},
					object{"id": "answer", "type": "write-response", "sources": list{"apply"}},
				}},
				flowOf("joined", object{"limit": 100_000, "orderBy": "code"}, group, false),
				flowOf("alone", object{"limit": 100_000, "orderBy": "code"}, group, true),
			}
		})
		require.Empty(t, u.check(t, "machine"))
		u.publish(t)
		const files, rows = 5, 10_000
		amount, count := map[string]int{}, map[string]int{}
		for n := range files {
			lines := []string{"code;label;amount;price;maker"}
			for i := n * rows; i < (n+1)*rows; i++ {
				maker := makers[i%len(makers)]
				lines = append(lines, fmt.Sprintf("A-%d;%s;%d;0.10;%s", i, strings.Repeat("ä", 300), i%1000, maker))
				amount[maker] += i % 1000
				count[maker]++
			}
			file := u.upload(t, "import.csv", "text/csv", []byte(strings.Join(lines, "\n")+"\n"))
			require.Equal(t, rows, wholeNumber(t, u.run(t, "machine", "load", object{"file": file}).ok()["output"].(object)["created"]))
		}
		got := u.run(t, "machine", "joined", object{}).ok()
		want := list{}
		for _, maker := range makers { // the third comes with the fourth code
			price := strings.TrimSuffix(fmt.Sprintf("%d.%d", count[maker]/10, count[maker]%10), ".0")
			want = append(want, object{"maker": maker, "n": float64(count[maker]), "amount": float64(amount[maker]), "price": price})
		}
		require.ElementsMatch(t, want, got["output"])
		require.Contains(t, u.run(t, "machine", "alone", object{}).refused(400, "STEP_FAILED").Message, "64 MiB")
	})
}

package storage_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// filters are asked of the database and of package expr over the same entries; both must choose the same ones.
func filters() []string {
	return []string{
		`true`, `false`, `!false`, `null == null`, `1 == 1.0`,
		`number == "A-1"`, `number != "A-1"`, `number < "A-3"`, `"A-2" <= number`, `number >= "A-2" && number <= "A-4"`,
		`amount == 1`, `amount != 1`, `!(amount == 1)`, `amount > 1`, `amount >= 1.0`, `amount < 2.5`, `!(amount > 1)`, `amount == 1.0`, `-amount == -1`,
		`amount == null`, `amount != null`, `has(entry.amount)`, `!has(entry.amount)`, `null == total`, `entry.total != null`,
		`amount == state`, `amount != state`, `!(amount == state)`, `total == exact`, `total != exact`, `total < exact`, `amount == total`,
		`state in [0, 1]`, `!(state in [0, 1])`, `state in []`, `!(state in [])`, `state in [null, 1]`, `!(state in [null, 1])`, `amount in [1, 2.0, 3]`, `total in [1.5, 10]`,
		`amount in [state, 2]`, `number in ["A-1", "A-2"]`, `1 in [1, 2]`, `(amount + 1) in [2, 3]`, `!((amount + 1) in [2, 3])`,
		`amount + 1 == 2`, `amount + 1 != 2`, `!(amount + 1 == 2)`, `amount * 2 > total`, `amount - 1 == 0 || total > 5`, `amount / 2 == 0`, `amount % 2 == 1`,
		`-7 / 2 == -3`, `-7 % 2 == -1`, `10 / amount > 3`, `10 / (amount - 1) > 0`, `!(10 / (amount - 1) > 0)`, `10 / (amount - 1) == 10 || amount == 1`,
		`total / 3 > 0.5`, `1.0 / 3 == 0.333333333333333333`, `2.0 / 3 == 0.666666666666666667`, `total * total == 2.25`, `total * 0.1 == 0.15`, `exact / total > 1`, `total / (amount - 1) != 1.5`,
		`amount * 4611686018427387904 > 0`, `!(amount * 4611686018427387904 > 0)`, `exact * exact > 1`, `round(total) == 2.0`, `round(total, 1) == 1.5`, `floor(total) == 1`, `ceil(-1.5) == -1.0 && amount == 1`,
		`abs(amount - 3) == 2`, `int(total) == 1`, `decimal(amount) == 1.0`, `trunc(total) < 2`, `string(amount) == "1"`, `string(total) == "1.5"`,
		`paid`, `!paid`, `paid == true`, `paid == false`, `paid != true`, `!(paid == true)`, `paid && amount > 0`, `paid || amount > 1`, `paid && false`, `paid || true`, `!(paid && amount == 1)`, `!(paid || amount == 1)`,
		`(paid == true) == (amount == 1)`, `(amount > 1) == true`, `(amount > 1) != true`, `paid == (amount > 1)`, `paid != (amount > 1)`,
		`due == date("2026-01-31")`, `due != date("2026-01-31")`, `due > date(2026, 1, 31)`, `due - date("2026-01-01") == 30`, `due.addDays(1) == date("2026-02-01")`, `due.addMonths(1) == date("2026-02-28")`,
		`due.year() == 2026`, `due.month() == 1 && due.day() == 31`, `due.weekday() == 6`, `due < today()`, `string(due) == "2026-01-31"`, `datetime(due) < sent`,
		`at == time("07:30")`, `at < time("12:00")`, `at.hour() == 7 && at.minute() == 30 && at.second() == 0`,
		`sent > datetime("2026-01-01T00:00:00Z")`, `sent == datetime("2026-03-01T11:00:00.5+01:00")`, `sent + days(1) > datetime("2026-03-02T00:00:00Z")`, `sent - hours(11) < datetime("2026-03-01T00:00:00Z")`,
		`sent - datetime("2026-03-01T10:00:00Z") < duration("1s")`, `date(sent) == date("2026-03-01")`, `sent.hour() == 10 && sent.second() == 0`, `sent < now()`, `time(sent) > time("09:00")`, `datetime(due, at) < sent`,
		`number.startsWith("A-")`, `number.endsWith("1")`, `number.contains("-2")`, `!number.startsWith("A-1")`, `link.contains("%")`, `link.contains("_")`, `link.startsWith("")`, `link.endsWith("")`, `link.contains("")`,
		`size(number) == 3`, `number.size() > 2`, `link.lowerAscii() == "https://x.example/ä_%25"`, `number + "!" == "A-1!"`, `link.upperAscii().startsWith("HTTPS")`, `size(link) == 23`,
		`customer.title == "Ada"`, `customer.title != "Ada"`, `!(customer.title == "Ada")`, `customer == null`, `customer != null`, `has(customer.city)`, `customer.city == null`, `customer.city != null`,
		`customer.parent.title == "Bo"`, `customer.parent.parent.title == null`, `customer.parent == customer`, `customer.title.startsWith("A") || amount == 2`, `entry.customer.city == "Köln"`, `customer.title < "B"`,
		`customer == contact`, `customer != contact`, `customer.id == contact.id`, `customer in [contact]`, `customer.create_time < now()`,
		`customer in watchers`, `!(customer in watchers)`, `size(watchers) == 2`, `size(watchers) > 0 && paid`, `size(owned) == 0`, `contact in owned`,
		`creator_subject == user.id`, `creator_subject != user.id`, `"clerk" in user.roles`, `"admin" in user.roles`, `user.email == "u1@example.com"`, `name == number`, `size(user.roles) == 1`, `create_time <= now()`, `entry.id == id`, `id != ""`,
		`amount > 1 ? paid : state == 1`, `(paid ? 1 : 2) == 1`, `(paid ? total : 0.0) > 1`, `(amount > 1 ? "x" : "y") == "x"`, `(paid ? 1 : 1.5) > 1`,
		`amount > 0 && (state == 1 || total > 5) && !(number == "A-3")`, `amount > 0 || 10 / (amount - 1) > 0`, `false && 1 / 0 > 0`, `true || 1 / 0 > 0`, `1 / 0 > 0`, `!(1 / 0 > 0)`,
	}
}

// resolver loads entries for package expr from the service itself.
type resolver struct {
	t   *testing.T
	w   *world
	ctx context.Context
}

func (r resolver) Resolve(_ context.Context, component string, id value.Ref) (map[string]any, error) {
	e, err := r.w.entries.GetEntry(r.ctx, &storagev1.GetEntryRequest{Component: component, Entry: string(id)})
	if err != nil {
		return nil, err
	}
	return flat(r.t, e), nil
}

// flat gives an entry with its system fields.
func flat(t *testing.T, e *storagev1.Entry) map[string]any {
	f := fieldsOf(t, e)
	f["id"], f["name"], f["creator_subject"], f["update_subject"] = e.GetId(), e.GetName(), e.GetCreatorSubject(), e.GetUpdateSubject()
	f["create_time"], f["update_time"] = e.GetCreateTime().AsTime(), e.GetUpdateTime().AsTime()
	return f
}

// filterWorld has five orders, in which everything is sometimes empty.
func filterWorld(t *testing.T) (*world, context.Context) {
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.holder("u1", "clerk")
	bo := w.create(ctx, "customer", values{"title": "Bo"})
	ada := w.create(ctx, "customer", values{"title": "Ada", "city": "Köln", "parent": bo.GetId()})
	w.create(ctx, "order", values{"number": "A-1", "amount": int64(1), "state": int64(1), "total": "1.5", "exact": "1.5", "paid": true, "due": "2026-01-31",
		"at": "07:30", "sent": "2026-03-01T10:00:00.5Z", "link": "https://x.example/ä_%25", "customer": ada.GetId(), "contact": ada.GetId(), "watchers": []any{ada.GetId(), bo.GetId()}})
	w.create(ctx, "order", values{"number": "A-2", "amount": int64(2), "state": int64(0), "total": "10", "exact": "10.000000000000000001", "paid": false, "due": "2025-12-31",
		"at": "23:59:59.999999", "sent": "2025-01-01T00:00:00Z", "link": "mailto:a@b.c", "customer": bo.GetId(), "contact": bo.GetId(), "watchers": []any{ada.GetId()}, "owned": []any{bo.GetId()}})
	w.create(ctx, "order", values{"number": "A-3"})
	w.create(w.holder("u2", "clerk"), "order", values{"number": "A-4", "amount": int64(-5), "total": "-1.5", "exact": "12345678901234567890.5", "customer": ada.GetId(), "paid": true})
	w.create(ctx, "order", values{"number": "A-5", "state": int64(1), "due": "9999-12-31", "sent": "9999-12-31T23:59:59Z", "watchers": []any{bo.GetId()}, "customer": bo.GetId()})
	return w, ctx
}

func TestFiltersChooseWhatExpressionsChoose(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	release, err := model.Compile("r", order(), clock.Real())
	require.NoError(t, err)
	c, _ := release.Component("order")
	env, err := c.Filters()
	require.NoError(t, err)
	all, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order"})
	require.NoError(t, err)
	require.Len(t, all.GetEntries(), 5)
	user := map[string]any{"id": "u1", "email": "u1@example.com", "name": "", "roles": []any{"clerk"}}
	some := 0
	for _, filter := range filters() {
		t.Run(filter, func(t *testing.T) {
			program, err := env.Compile(filter)
			require.NoError(t, err)
			var want []string
			for _, e := range all.GetEntries() {
				vars := flat(t, e)
				vars["entry"] = expr.Entry{ID: value.Ref(e.GetId()), Fields: flat(t, e)}
				vars["user"] = user
				// A failure chooses nothing.
				if got, err := program.EvalWith(t.Context(), vars, resolver{t, w, ctx}); err == nil && got == true {
					want = append(want, fieldsOf(t, e)["number"].(string))
				}
			}
			page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", Filter: filter, Count: true})
			require.NoError(t, err)
			var got []string
			for _, e := range page.GetEntries() {
				got = append(got, fieldsOf(t, e)["number"].(string))
			}
			require.Equal(t, want, got)
			require.Equal(t, int64(len(got)), page.GetTotalSize())
			if len(got) > 0 && len(got) < 5 {
				some++
			}
		})
	}
	require.Greater(t, some, 100, "most filters must choose some and not all")
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	const invalid, beyond = faultv1.Reason_REASON_EXPRESSION_INVALID, faultv1.Reason_REASON_EXPRESSION_NOT_TRANSLATABLE
	for filter, reason := range map[string]faultv1.Reason{
		`amuont > 1`:                        invalid,
		`amount`:                            invalid,
		`amount >`:                          invalid,
		`number > 1`:                        invalid,
		`number.matches("A.*")`:             beyond,
		`secret == "hush"`:                  beyond,
		`watchers.exists(x, x.title == "")`: beyond,
		`number == amount`:                  invalid,
		`number.split("-").size() == 2`:     beyond,
		`number[0] == "A"`:                  invalid,
		`date(number) == due`:               beyond,
		`(paid ? amount : state) == null`:   beyond,
	} {
		t.Run(filter, func(t *testing.T) {
			_, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", Filter: filter})
			f := refused(t, err, reason)
			require.Equal(t, "filter", f.Violations[0].Field)
			require.Regexp(t, `^1:\d+: |^expected|^the result`, f.Violations[0].Description)
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	var ops []*storagev1.WriteOperation
	const rows = 230
	for i := range rows {
		f := values{"number": fmt.Sprintf("A-%d", i)}
		if i%3 > 0 {
			f["amount"] = int64(i % 7)
		}
		if i%5 > 0 {
			f["total"] = value.NewDecimal(int64(i % 4))
		}
		if i%2 > 0 {
			f["due"] = mustDate(t, "2026-01-01")
		}
		ops = append(ops, upsert(t, f))
	}
	_, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops})
	require.NoError(t, err)
	for _, order := range []string{"", "id desc", "number", "number desc", "amount", "amount desc", "amount, total desc", "amount desc, total", "due desc, amount desc, number", "due, total, amount desc", "create_time desc", "name"} {
		for _, filter := range []string{"", "amount > 2"} {
			t.Run(order+"/"+filter, func(t *testing.T) {
				whole := w.ids(ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: order, Filter: filter, PageSize: 1000})
				paged := w.ids(ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: order, Filter: filter, PageSize: 7})
				require.Equal(t, whole, paged)
				require.Len(t, slices.Compact(slices.Sorted(slices.Values(whole))), len(whole))
			})
		}
	}
	page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: "number desc", PageSize: 2, Fields: []string{"amount"}, Count: true})
	require.NoError(t, err)
	require.Equal(t, int64(rows), page.GetTotalSize())
	require.Len(t, page.GetEntries()[0].GetFields(), 1)
	for name, r := range map[string]*storagev1.ListEntriesRequest{
		"other filter":    {Component: "order", OrderBy: "number desc", Filter: "true", PageToken: page.GetNextPageToken()},
		"other order":     {Component: "order", OrderBy: "number", PageToken: page.GetNextPageToken()},
		"other component": {Component: "customer", OrderBy: "title desc", PageToken: page.GetNextPageToken()},
		"nonsense":        {Component: "order", PageToken: "xyz"},
	} {
		_, err := w.entries.ListEntries(ctx, r)
		require.Error(t, err, name)
		refused(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
	}
	for _, bad := range []string{"nope", "number sideways", "secret", "watchers", "number,,amount", "number, number"} {
		_, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: bad})
		refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS, "order_by")
	}
	_, err = w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", Fields: []string{"nope"}})
	refused(t, err, faultv1.Reason_REASON_UNKNOWN_FIELD)
}

package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// quick is how soon bad input is answered. The machine may be busy with other tests, so the best of some attempts counts.
const (
	quick    = 50 * time.Millisecond
	attempts = 5
)

func TestBadInput(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		u.create(t, "invoice", invoice("INV-1", "1", 0))
		deep := func(open, shut string) string {
			return strings.Repeat(open, 100_000) + "1" + strings.Repeat(shut, 100_000)
		}
		var names strings.Builder
		for n := range 1_000_000 {
			fmt.Fprintf(&names, `"%d":1,`, n)
		}
		const entries, part = "/v1/components/invoice/entries", "/v1/components/invoice/part"
		before := u.state(t)
		for name, c := range map[string]struct {
			method, path string
			body         any
			header       []string
			code         int
			reason       string
			field        string
		}{
			"half an object":  {"POST", entries, `{"fields":{"InvoiceNumber":"X"`, nil, 400, "MALFORMED_REQUEST", ""},
			"no JSON":         {"POST", entries, `hello`, nil, 400, "MALFORMED_REQUEST", ""},
			"two documents":   {"POST", entries, `{}{}`, nil, 400, "MALFORMED_REQUEST", ""},
			"not UTF-8":       {"POST", entries, "{\"name\":\"\xff\"}", nil, 400, "", ""},
			"2 MiB":           {"POST", entries, `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, "REQUEST_TOO_LARGE", ""},
			"1,000,000 names": {"POST", entries + ":batchWrite", `{"operations":[{"create":{"fields":{` + names.String() + `"x":1}}}]}`, nil, 413, "", ""},
			"deep objects":    {"POST", entries, deep(`{"a":`, `}`), nil, 400, "", ""},
			"deep value":      {"POST", entries, `{"fields":{"InvoiceName":` + deep(`[`, `]`) + `}}`, nil, 400, "REQUEST_TOO_DEEP", ""},
			"deep expression": {"GET", entries + query("filter", strings.Repeat("(", 1000)+"true"+strings.Repeat(")", 1000)), nil,
				nil, 400, "", ""},
			"deep input of a dataflow": {"POST", "/v1/components/invoice/dataflows/save:run", `{"input":` + deep(`[`, `]`) + `}`,
				nil, 400, "REQUEST_TOO_DEEP", ""},
			"fields is a list":   {"POST", entries, `{"fields":[]}`, nil, 400, "INVALID_FIELDS", "fields"},
			"unknown member":     {"POST", entries, `{"feilds":{}}`, nil, 400, "UNKNOWN_FIELD", "feilds"},
			"member given twice": {"POST", entries, `{"fields":{},"fields":{}}`, nil, 400, "INVALID_FIELDS", "fields"},
			"unknown field": {"POST", entries, `{"fields":{"InvoiceNumber":"IN-1","InvoiceName":"x","Colour":1}}`,
				nil, 400, "UNKNOWN_FIELD", "fields.Colour"},
			"wrong type": {"POST", entries, `{"fields":{"InvoiceNumber":5,"InvoiceName":"x"}}`,
				nil, 400, "VALUE_INVALID", "fields.InvoiceNumber"},
			"content type":             {"POST", entries, `{}`, []string{"Content-Type", "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE", ""},
			"no content type":          {"POST", entries, `{}`, []string{"Content-Type", ""}, 415, "UNSUPPORTED_MEDIA_TYPE", ""},
			"compressed":               {"POST", entries, `{}`, []string{"Content-Encoding", "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE", ""},
			"a body that is not asked": {"GET", entries, `{}`, nil, 400, "MALFORMED_REQUEST", ""},
			"unknown path":             {"GET", "/v1/nothing/here", nil, nil, 404, "UNKNOWN_METHOD", ""},
			"internal method":          {"POST", "/aqtra.storage.v1.Tenants/ProvisionTenant", `{}`, nil, 404, "UNKNOWN_METHOD", ""},
			"dots in the path":         {"GET", "/v1/components/%2e%2e/%2e%2e/users", nil, nil, 404, "UNKNOWN_METHOD", ""},
			"wrong verb":               {"PUT", entries, `{}`, nil, 405, "METHOD_NOT_ALLOWED", ""},
			"verb by header":           {"GET", entries + "/" + "x", nil, []string{"X-HTTP-Method-Override", "DELETE"}, 404, "ENTRY_NOT_FOUND", ""},
			"unknown parameter":        {"GET", entries + "?limit=5", nil, nil, 400, "UNKNOWN_FIELD", "limit"},
			"page size is a word":      {"GET", entries + "?pageSize=many", nil, nil, 400, "INVALID_FIELDS", "pageSize"},
			"page size is negative":    {"GET", entries + "?pageSize=-1", nil, nil, 400, "", ""},
			"page token":               {"GET", entries + "?pageToken=bm90IG91cnM", nil, nil, 400, "PAGE_TOKEN_INVALID", ""},
			"page token of users":      {"GET", "/v1/users?pageToken=bm90IG91cnM", nil, nil, 400, "PAGE_TOKEN_INVALID", ""},
			"page token of components": {"GET", "/v1/components?pageToken=bm90IG91cnM", nil, nil, 400, "PAGE_TOKEN_INVALID", ""},
			"page token of runs":       {"GET", "/v1/runs?pageToken=bm90IG91cnM", nil, nil, 400, "PAGE_TOKEN_INVALID", ""},
			"page token of tasks":      {"GET", "/v1/tasks?pageToken=bm90IG91cnM", nil, nil, 400, "PAGE_TOKEN_INVALID", ""},
			"page token of files":      {"GET", "/v1/files?pageToken=bm90IG91cnM", nil, nil, 400, "PAGE_TOKEN_INVALID", ""},
			"filter is no expression":  {"GET", entries + query("filter", "InvoiceState =="), nil, nil, 400, "EXPRESSION_INVALID", ""},
			"filter is no condition":   {"GET", entries + query("filter", "InvoiceState + 1"), nil, nil, 400, "EXPRESSION_INVALID", ""},
			"filter of another type":   {"GET", entries + query("filter", "InvoiceName > 5"), nil, nil, 400, "EXPRESSION_INVALID", ""},
			"unknown order":            {"GET", entries + query("orderBy", "Colour"), nil, nil, 400, "", ""},
			"SQL as order":             {"GET", entries + query("orderBy", "InvoiceName; DROP TABLE x"), nil, nil, 400, "", ""},
			"unknown read mask":        {"GET", entries + query("fields", "Colour"), nil, nil, 400, "", ""},
			"unknown update mask":      {"PATCH", entries + "/x?updateMask=fields.Colour", `{"fields":{}}`, nil, 400, "", ""},
			"long URL":                 {"GET", entries + query("filter", strings.Repeat("x", 10_000)), nil, nil, 414, "REQUEST_TOO_LARGE", ""},
			"no such component":        {"GET", "/v1/components/nothing/entries", nil, nil, 404, "COMPONENT_NOT_FOUND", ""},
			"component id":             {"POST", "/v1/components", object{"id": "Robert'); DROP TABLE"}, nil, 400, "", "id"},
			"component id is taken":    {"POST", "/v1/components", object{"id": "invoice"}, nil, 409, "COMPONENT_EXISTS", ""},
			"field without a type": {"POST", "/v1/components", object{"id": "a", "model": object{"fields": list{object{"name": "x"}}}}, nil, 400, "",
				"model.fields[0].type"},
			"field name": {"POST", "/v1/components", object{"id": "a", "model": object{"fields": list{object{"name": "1;x", "type": "FIELD_TYPE_STRING"}}}}, nil,
				400, "", "model.fields[0].name"},
			"field twice": {"POST", "/v1/components", object{"id": "a", "model": object{"fields": list{
				object{"name": "x", "type": "FIELD_TYPE_STRING"}, object{"name": "x", "type": "FIELD_TYPE_STRING"}}}}, nil, 400, "", "model.fields[1].name"},
			"pattern": {"POST", "/v1/components", object{"id": "a", "model": object{"fields": list{
				object{"name": "x", "type": "FIELD_TYPE_STRING", "string": object{"pattern": "("}}}}}, nil, 400, "", "model.fields[0].string.pattern"},
			"unknown enum": {"POST", "/v1/components", `{"id":"a","model":{"fields":[{"name":"x","type":"FIELD_TYPE_MONEY"}]}}`,
				nil, 400, "INVALID_FIELDS", "model.fields[0].type"},
			"a part without one":     {"PUT", part, object{"etag": u.get(t, "/v1/components/invoice")["etag"]}, nil, 400, "", "part"},
			"two parts":              {"PUT", part, `{"etag":"1","page":{"id":"a"},"script":{"id":"b"}}`, nil, 400, "", ""},
			"no such publication":    {"GET", "/v1/publications/" + random(), nil, nil, 404, "PUBLICATION_NOT_FOUND", ""},
			"publish what is not":    {"POST", "/v1/publications", object{"components": list{"nothing"}}, nil, 404, "COMPONENT_NOT_FOUND", ""},
			"no such dataflow":       {"POST", "/v1/components/invoice/dataflows/nothing:run", `{}`, nil, 404, "DATAFLOW_NOT_FOUND", ""},
			"dataflow without input": {"POST", "/v1/components/invoice/dataflows/save:run", `{}`, nil, 400, "INPUT_INVALID", ""},
			"no such workflow":       {"POST", "/v1/components/invoice/workflows/nothing:start", `{}`, nil, 404, "WORKFLOW_NOT_FOUND", ""},
			"no such script":         {"POST", "/v1/components/invoice/scripts/nothing:run", `{}`, nil, 404, "SCRIPT_NOT_FOUND", ""},
			"no such run":            {"GET", "/v1/runs/" + random(), nil, nil, 404, "RUN_NOT_FOUND", ""},
			"no such task":           {"POST", "/v1/tasks/" + random() + ":answer", `{"answer":1}`, nil, 404, "TASK_NOT_FOUND", ""},
			"no such sample":         {"GET", "/v1/samples/nothing", nil, nil, 404, "SAMPLE_NOT_FOUND", ""},
			"empty batch action":     {"POST", entries + ":batchWrite", `{"operations":[{"entry":{"fields":{}}}]}`, nil, 400, "", ""},
			"role id":                {"POST", "/v1/roles", object{"id": "No Role", "displayName": "x"}, nil, 400, "INVALID_FIELDS", "id"},
			"e-mail address": {"POST", "/v1/invitations", object{"email": "nobody", "roles": list{"member"}},
				nil, 400, "INVALID_FIELDS", "email"},
			"bad token": {"GET", entries, nil, []string{"Authorization", "Bearer made-up"}, 401, "UNAUTHENTICATED", ""},
			"no bearer": {"GET", entries, nil, []string{"Authorization", "Basic eDp5"}, 401, "UNAUTHENTICATED", ""},
			"identity by header": {"GET", entries, nil,
				[]string{"Authorization", "", "Grpc-Metadata-Aqtra-Token-Bin", "AAAA", "Aqtra-Token-Bin", "AAAA"}, 401, "UNAUTHENTICATED", ""},
		} {
			t.Run(name, func(t *testing.T) {
				var r refusal
				best := time.Hour
				for i := 0; i < attempts && (i == 0 || best >= quick); i++ {
					a := u.call(t, c.method, c.path, c.body, c.header...)
					require.Equal(t, c.code, a.Code, "%.500s", a.Body)
					r, best = a.refusal(), min(best, a.Took)
				}
				require.Less(t, best, quick)
				if c.reason != "" {
					require.Equal(t, c.reason, r.Reason, "%v", r)
				}
				if c.field != "" {
					require.Contains(t, r.fields(), c.field, "%v", r)
				}
			})
		}
		require.Equal(t, before, u.state(t), "nothing has changed")
	})
}

// state is what a tenant holds, as far as lists tell.
func (u *user) state(t *testing.T) map[string]object {
	t.Helper()
	out := map[string]object{}
	for _, path := range []string{
		"/v1/components", "/v1/components/invoice/entries?showDeleted=true", "/v1/users", "/v1/roles", "/v1/invitations", "/v1/files", "/v1/runs",
		"/v1/tasks", "/v1/publications", "/v1/published/components", "/v1/apiKeys", "/v1/components/invoice/revisions",
	} {
		out[path] = u.get(t, path)
	}
	return out
}

func TestBadGRPC(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		entries := storagev1.NewEntriesClient(u.GRPC())
		deep := &typev1.Value{}
		for range 5000 {
			deep = &typev1.Value{Kind: &typev1.Value_List{List: &typev1.ListValue{Items: []*typev1.Value{deep}}}}
		}
		for name, c := range map[string]struct {
			call func(context.Context) error
			want codes.Code
		}{
			"too deep": {func(ctx context.Context) error {
				_, err := entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "invoice",
					Entry: &storagev1.Entry{Fields: map[string]*typev1.Value{"InvoiceName": deep}}})
				return err
			}, codes.InvalidArgument},
			"no message at all": {func(ctx context.Context) error {
				return u.GRPC().Invoke(ctx, storagev1.Entries_GetEntry_FullMethodName, []byte{0xff, 0xff, 0xff}, new([]byte), grpc.ForceCodec(raw{}))
			}, codes.InvalidArgument},
			"no entry": {func(ctx context.Context) error {
				_, err := entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "invoice"})
				return err
			}, codes.InvalidArgument},
			"no such component": {func(ctx context.Context) error {
				_, err := entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "nothing"})
				return err
			}, codes.NotFound},
			"method of services": {func(ctx context.Context) error {
				_, err := storagev1.NewTenantsClient(u.GRPC()).ProvisionTenant(ctx, &storagev1.ProvisionTenantRequest{Tenant: u.tenant})
				return err
			}, codes.Unimplemented},
			"no credentials": {func(ctx context.Context) error {
				_, err := storagev1.NewEntriesClient(s.nobody(t).GRPC()).ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "invoice"})
				return err
			}, codes.Unauthenticated},
		} {
			code, reason := grpcReason(t, c.call(t.Context()))
			require.Equal(t, c.want, code, "%s: %s", name, reason)
		}
		require.Equal(t, 0, u.count(t, "invoice", ""))
	})
}

// raw sends bytes as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

func (raw) Unmarshal(data []byte, v any) error { *v.(*[]byte) = data; return nil }

func (raw) Name() string { return "proto" }

// TestForeignLooksMissing asks for another tenant's things with every id that there is, and compares with what was never there.
func TestForeignLooksMissing(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		owner, stranger := invoices(t, s), invoices(t, s)
		entry := text(t, owner.create(t, "invoice", invoice("INV-1", "5000", 0)), "id")
		run := text(t, owner.call(t, "POST", "/v1/components/invoice/workflows/approval:start", object{"input": object{"entry": entry}}).ok(), "id")
		task := text(t, owner.task(t, run), "id")
		owner.call(t, "POST", "/v1/components", object{"id": "private", "displayName": "Private"}).ok()
		owner.call(t, "POST", "/v1/roles", object{"id": "private", "displayName": "Private"}).ok()
		publication := text(t, items(t, owner.get(t, "/v1/publications"), "publications")[0], "id")
		key := text(t, owner.call(t, "POST", "/v1/apiKeys", object{"displayName": "key"}).ok(), "id")
		invitation := text(t, owner.call(t, "POST", "/v1/invitations", object{"email": random() + "@example.com", "roles": list{"member"}}).ok(), "id")
		file := owner.upload(t, "a.txt", "text/plain", []byte("mine"))
		before, own := owner.state(t), owner.get(t, "/v1/runs/"+run+"/events")
		for _, c := range []struct {
			method, path, id string
			body             any
		}{
			{"GET", "/v1/components/invoice/entries/{id}", entry, nil},
			{"PATCH", "/v1/components/invoice/entries/{id}", entry, object{"fields": object{"InvoiceState": 1}}},
			{"DELETE", "/v1/components/invoice/entries/{id}", entry, nil},
			{"POST", "/v1/components/invoice/entries/{id}:restore", entry, object{}},
			{"GET", "/v1/components/invoice/entries/{id}/changes", entry, nil},
			{"GET", "/v1/components/{id}", "private", nil},
			{"PATCH", "/v1/components/{id}", "private", object{"displayName": "stolen", "etag": "x"}},
			{"DELETE", "/v1/components/{id}", "private", nil},
			{"GET", "/v1/components/{id}/revisions", "private", nil},
			{"POST", "/v1/components/{id}:check", "private", object{}},
			{"GET", "/v1/publications/{id}", publication, nil},
			{"GET", "/v1/publications/{id}:watch", publication, nil},
			{"GET", "/v1/runs/{id}", run, nil},
			{"GET", "/v1/runs/{id}/events", run, nil},
			{"POST", "/v1/runs/{id}:cancel", run, object{}},
			{"POST", "/v1/runs/{id}:signal", run, object{"type": "x"}},
			{"GET", "/v1/tasks/{id}", task, nil},
			{"POST", "/v1/tasks/{id}:answer", task, object{"answer": 1}},
			{"GET", "/v1/files/{id}", file, nil},
			{"GET", "/v1/files/{id}:download", file, nil},
			{"DELETE", "/v1/files/{id}", file, nil},
			{"GET", "/v1/users/{id}", owner.id, nil},
			{"PATCH", "/v1/users/{id}?updateMask=roles", owner.id, object{"roles": list{"member"}}},
			{"DELETE", "/v1/users/{id}", owner.id, nil},
			{"POST", "/v1/users/{id}:createPasswordLink", owner.id, object{}},
			{"PATCH", "/v1/roles/{id}?updateMask=grants", "private", object{"grants": list{}}},
			{"DELETE", "/v1/roles/{id}", "private", nil},
			{"DELETE", "/v1/apiKeys/{id}", key, nil},
			{"DELETE", "/v1/invitations/{id}", invitation, nil},
		} {
			ask := func(id string) string {
				a := stranger.call(t, c.method, strings.Replace(c.path, "{id}", id, 1), c.body)
				require.Equal(t, 404, a.Code, "%s %s: %s", c.method, c.path, a.Body)
				var compact bytes.Buffer
				require.NoError(t, json.Compact(&compact, a.Body))
				return strings.ReplaceAll(compact.String(), id, "{id}")
			}
			require.Equal(t, ask("never"+random()), ask(c.id), "%s %s", c.method, c.path)
		}
		require.Equal(t, before, owner.state(t))
		require.Equal(t, own, owner.get(t, "/v1/runs/"+run+"/events"))
	})
}

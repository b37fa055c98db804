package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

const (
	// entries are what the measured component holds besides the sample's own, so that a list of 20 is a page of many.
	entries = 1000
	// interval is how often something that is under way is looked at.
	interval = 100 * time.Millisecond
	patience = 2 * time.Minute
)

// app is a tenant with the sample app, as its administrator sees it.
type app struct {
	session *stand.Client
	// key is an API key of the administrator.
	key string
	// ids are entries of the component invoice.
	ids []string
}

// client is a client that wants success.
type client struct{ *stand.Client }

// call sends a request, demands success and decodes the answer, unless out is nil.
func (c client) call(ctx context.Context, method, path string, body, out any) error {
	a, err := c.Do(ctx, method, path, body)
	if err != nil {
		return err
	}
	if a.Code != http.StatusOK {
		return fmt.Errorf("%s %s answered %d: %.1000s", method, path, a.Code, a.Body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(a.Body, out)
}

// signUp makes a tenant and returns its administrator's client. Close it.
func signUp(ctx context.Context, s *stand.Stand, name string) (*stand.Client, error) {
	nobody, err := s.Client("")
	if err != nil {
		return nil, err
	}
	defer nobody.Close()
	var session struct{ Token string }
	err = client{nobody}.call(ctx, http.MethodPost, "/v1/tenants:signUp", map[string]any{
		"tenantName": name, "email": name + "@example.com", "password": "correct horse battery", "displayName": name, "returnToken": true,
	}, &session)
	if err != nil {
		return nil, err
	}
	return s.Client(session.Token)
}

// prepare makes a tenant with an API key, the sample app and entries.
func prepare(ctx context.Context, s *stand.Stand) (*app, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	session, err := signUp(ctx, s, "bench")
	if err != nil {
		return nil, err
	}
	a := &app{session: session}
	c := client{session}
	var key struct{ Key string }
	if err := c.call(ctx, http.MethodPost, "/v1/apiKeys", map[string]any{"displayName": "bench"}, &key); err != nil {
		return nil, err
	}
	a.key = key.Key
	if err := c.install(ctx, "invoice"); err != nil {
		return nil, err
	}
	a.ids, err = c.fill(ctx)
	return a, err
}

func (c client) install(ctx context.Context, sample string) error {
	if err := c.call(ctx, http.MethodPost, "/v1/samples/"+sample+":install", struct{}{}, nil); err != nil {
		return err
	}
	return c.until(ctx, "/v1/samples/"+sample+"/installation", "INSTALLATION_STATE_SUCCEEDED", "INSTALLATION_STATE_FAILED")
}

// publish makes all components live.
func (c client) publish(ctx context.Context) error {
	var p struct{ ID string }
	if err := c.call(ctx, http.MethodPost, "/v1/publications", struct{}{}, &p); err != nil {
		return err
	}
	return c.until(ctx, "/v1/publications/"+p.ID, "PUBLICATION_STATE_SUCCEEDED", "PUBLICATION_STATE_FAILED")
}

// until reads a resource until its state is the wanted one.
func (c client) until(ctx context.Context, path, wanted, failed string) error {
	for {
		var now struct{ State, Message string }
		if err := c.call(ctx, http.MethodGet, path, nil, &now); err != nil {
			return err
		}
		switch now.State {
		case wanted:
			return nil
		case failed:
			return fmt.Errorf("%s: %s", path, now.Message)
		}
		if err := pause(ctx, interval); err != nil {
			return fmt.Errorf("%s is still %s: %w", path, now.State, err)
		}
	}
}

// fill stores invoices and returns the ids of all there are now.
func (c client) fill(ctx context.Context) ([]string, error) {
	operations := make([]any, 0, entries)
	for n := range entries {
		operations = append(operations, map[string]any{"action": "WRITE_ACTION_CREATE", "entry": map[string]any{"fields": invoice("FILL", uint64(n))}})
	}
	var result struct{ Results []struct{ ID string } }
	err := c.call(ctx, http.MethodPost, "/v1/components/invoice/entries:batchWrite", map[string]any{"operations": operations}, &result)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, entries)
	for _, r := range result.Results {
		ids = append(ids, r.ID)
	}
	return ids, nil
}

func invoice(prefix string, n uint64) map[string]any {
	return map[string]any{
		"InvoiceNumber": fmt.Sprintf("%s-%07d", prefix, n), "InvoiceName": "Cloud hosting", "InvoiceDueDate": "2026-12-15T00:00:00Z",
		"InvoiceTotalValue": "655.20", "InvoiceState": 0,
	}
}

// scenarios are the operations with a budget.
func (a *app) scenarios() []scenario {
	get := func(path string) func(uint64) request {
		return func(uint64) request { return request{method: http.MethodGet, path: path} }
	}
	return []scenario{
		{name: "read entry", budget: map[stand.Mode]int{stand.One: 130, stand.Six: 200}, bare: 53, next: func(n uint64) request {
			return request{method: http.MethodGet, path: "/v1/components/invoice/entries/" + url.PathEscape(a.ids[n%uint64(len(a.ids))])}
		}},
		{name: "list 20", budget: map[stand.Mode]int{stand.One: 180, stand.Six: 260}, bare: 120, next: get("/v1/components/invoice/entries?pageSize=20")},
		{name: "load page", next: get("/v1/published/components/invoice/pages/add_view_invoice")},
		{name: "create entry", next: func(n uint64) request {
			return request{http.MethodPost, "/v1/components/invoice/entries", encode(map[string]any{"fields": invoice("NEW", n)})}
		}},
		{name: "run Save", next: func(n uint64) request {
			return request{http.MethodPost, "/v1/components/invoice/dataflows/save:run", encode(map[string]any{
				"input": invoice("SAVE", n), "requestId": fmt.Sprintf("save-%d", n),
			})}
		}},
	}
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of text and numbers have a JSON form
	}
	return text
}

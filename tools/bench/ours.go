package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// startOurs makes a tenant with the table in the installation that runs.
func startOurs(ctx context.Context, s *stand.Stand) (*peer, error) {
	session, err := signUp(ctx, s, "peers")
	if err != nil {
		return nil, err
	}
	defer session.Close()
	c := client{session}
	field := func(name, typ string, query bool) map[string]any {
		return map[string]any{"name": name, "title": name, "type": "FIELD_TYPE_" + typ, "query": query}
	}
	fields := []any{field("title", "STRING", false), field("state", "INTEGER", true), field("price", "NUMBER", false), field("due", "DATE", false)}
	if err := c.call(ctx, http.MethodPost, "/v1/components", map[string]any{"id": "item", "displayName": "Item", "model": map[string]any{"fields": fields}}, nil); err != nil {
		return nil, err
	}
	if err := c.publish(ctx); err != nil {
		return nil, err
	}
	const path = "/v1/components/item/entries"
	tls := s.TLS()
	tls.NextProtos = []string{"http/1.1"}
	return &peer{
		name: "Aqtra, with TLS and Postgres", address: s.URL, auth: "Bearer " + session.Token, tls: tls,
		pids: func() ([]int, error) {
			all, err := groups(s)
			var pids []int
			for _, some := range all {
				pids = append(pids, some...)
			}
			return pids, err
		},
		create: func(n int) (string, any) { return path, map[string]any{"fields": peerEntry(n)} },
		read:   func(id string) string { return path + "/" + id },
		list: func(state int) string {
			return path + "?pageSize=20&filter=" + url.QueryEscape(fmt.Sprintf("state == %d", state))
		},
		id: func(answer []byte) (string, error) {
			var e struct{ ID string }
			return e.ID, json.Unmarshal(answer, &e)
		},
		count: func(answer []byte) (int, error) {
			var l struct{ Entries []any }
			err := json.Unmarshal(answer, &l)
			return len(l.Entries), err
		},
		stop: func() error { return nil },
	}, nil
}

// peerEntry are the fields of the nth entry, the same for all platforms.
func peerEntry(n int) map[string]any {
	return map[string]any{"title": fmt.Sprint("Item ", n), "state": n % peerStates, "price": 12.5, "due": "2026-12-01"}
}

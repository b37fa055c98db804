package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const (
	publishedFields = 20
	publications    = 10
)

// measurePublishing publishes a component of 20 fields again and again, each time with another title and a new, indexed
// field, from the request until the publication has ended.
func measurePublishing(ctx context.Context, a *app) (authoring, error) {
	c := client{a.session}
	out := authoring{what: fmt.Sprintf("publish a changed component of %d fields", publishedFields), goal: time.Second}
	fields := make([]any, publishedFields)
	for i := range fields {
		fields[i] = map[string]any{"name": fmt.Sprint("field", i), "title": fmt.Sprint("Field ", i), "type": "FIELD_TYPE_NUMBER", "query": i < 3}
	}
	component := map[string]any{"id": "twenty", "displayName": "Twenty", "model": map[string]any{"fields": fields}}
	var saved struct {
		Etag  string
		Model map[string]any
	}
	if err := c.call(ctx, http.MethodPost, "/v1/components", component, &saved); err != nil {
		return out, err
	}
	var took []time.Duration
	for n := range publications + 1 { // the first one makes the table
		start := time.Now()
		var p struct{ ID string }
		if err := c.call(ctx, http.MethodPost, "/v1/publications", map[string]any{"components": []string{"twenty"}}, &p); err != nil {
			return out, err
		}
		if err := c.until(ctx, "/v1/publications/"+p.ID, "PUBLICATION_STATE_SUCCEEDED", "PUBLICATION_STATE_FAILED"); err != nil {
			return out, err
		}
		if n > 0 {
			took = append(took, time.Since(start))
		}
		all := saved.Model["fields"].([]any)
		all[n].(map[string]any)["title"] = fmt.Sprint("Renamed ", n)
		saved.Model["fields"] = append(all, map[string]any{"name": fmt.Sprint("more", n), "title": "More", "type": "FIELD_TYPE_STRING", "query": true})
		if err := c.call(ctx, http.MethodPatch, "/v1/components/twenty?updateMask=model", map[string]any{"etag": saved.Etag, "model": saved.Model}, &saved); err != nil {
			return out, err
		}
	}
	slices.Sort(took)
	out.p50, out.max = took[len(took)/2], took[len(took)-1]
	return out, nil
}

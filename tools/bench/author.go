package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// authoring is how long something took that a builder waits for.
type authoring struct {
	what     string
	goal     time.Duration // 0 without one
	p50, max time.Duration
}

// authoringOnly names it on the command line.
const authoringOnly = "authoring"

const (
	// A component as large as real ones become: 1,000 controls on 20 pages.
	bigFields, bigPages, bigControls, bigDataflows = 100, 20, 50, 20
	// edits is how often each is measured.
	edits = 20
)

// measureAuthoring saves a large component page by page, as the Studio does while somebody types, and has it checked after each save.
func measureAuthoring(ctx context.Context, a *app) ([]authoring, error) {
	c := client{a.session}
	var saved struct{ Etag string }
	if err := c.call(ctx, http.MethodPost, "/v1/components", bigComponent(), &saved); err != nil {
		return nil, err
	}
	all := []authoring{{what: "save a page"}, {what: "check after the save", goal: 50 * time.Millisecond}, {what: "check again", goal: 50 * time.Millisecond}, {what: "compare two revisions"}}
	took := make([][]time.Duration, len(all))
	for edit := range edits {
		page := bigPage(edit%bigPages, fmt.Sprintf("edit %d", edit))
		for i, do := range []func() error{
			func() error {
				return c.call(ctx, http.MethodPut, "/v1/components/big/part", map[string]any{"etag": saved.Etag, "page": page}, &saved)
			},
			func() error { return checked(ctx, c) },
			func() error { return checked(ctx, c) },
			func() error { return c.call(ctx, http.MethodGet, "/v1/components/big/revisions:diff?from=1", nil, nil) },
		} {
			start := time.Now()
			if err := do(); err != nil {
				return nil, fmt.Errorf("%s: %w", all[i].what, err)
			}
			took[i] = append(took[i], time.Since(start))
		}
	}
	for i, times := range took {
		slices.Sort(times)
		all[i].p50, all[i].max = times[len(times)/2], times[len(times)-1]
	}
	published, err := measurePublishing(ctx, a)
	return append(all, published), err
}

// checked has the component checked, which must find nothing.
func checked(ctx context.Context, c client) error {
	var found struct{ Problems []any }
	if err := c.call(ctx, http.MethodPost, "/v1/components/big:check", map[string]any{}, &found); err != nil {
		return err
	}
	if len(found.Problems) > 0 {
		return fmt.Errorf("the component has problems: %v", found.Problems[0])
	}
	return nil
}

func bigComponent() map[string]any {
	fields, pages, flows := make([]any, bigFields), make([]any, bigPages), make([]any, bigDataflows)
	for i := range fields {
		fields[i] = map[string]any{"name": fmt.Sprint("field", i), "type": "FIELD_TYPE_NUMBER", "query": i < 10}
	}
	for i := range pages {
		pages[i] = bigPage(i, "first")
	}
	for i := range flows {
		mapping := map[string]any{}
		for j := range 10 {
			mapping[fmt.Sprint("field", j)] = fmt.Sprintf("item.field%d + item.field%d * 2", i, j)
		}
		flows[i] = map[string]any{"id": fmt.Sprint("flow", i), "title": "Flow", "steps": []any{
			map[string]any{"id": "read", "type": "get-action-model", "params": map[string]any{"validate": true}},
			map[string]any{"id": "store", "type": "update-entry", "sources": []any{"read"}, "params": map[string]any{"component": "big", "mode": "create", "fields": mapping, "resultField": "saved"}},
			map[string]any{"id": "answer", "type": "write-response", "sources": []any{"store"}},
		}}
	}
	return map[string]any{"id": "big", "displayName": "Big", "model": map[string]any{"fields": fields}, "pages": pages, "dataflows": flows}
}

// bigPage has number fields with labels and an expression each, below panels of ten.
func bigPage(n int, label string) map[string]any {
	nodes := map[string]any{}
	var panels []any
	for i := range bigControls / 10 {
		var children []any
		for j := range 9 {
			id := fmt.Sprintf("c%d_%d", i, j)
			children = append(children, id)
			nodes[id] = map[string]any{"type": "number", "name": id, "slots": map[string]any{}, "props": map[string]any{
				"field": fmt.Sprint("field", (n+10*i+j)%bigFields), "label": label,
				"visible": map[string]any{"$expr": fmt.Sprintf("item.field%d > %d && item.field%d != null", i, j, j)},
			}}
		}
		id := fmt.Sprint("panel", i)
		panels = append(panels, id)
		nodes[id] = map[string]any{"type": "panel", "name": id, "props": map[string]any{}, "slots": map[string]any{"children": children}}
	}
	nodes["page"] = map[string]any{"type": "page", "name": "page", "props": map[string]any{"title": label}, "slots": map[string]any{"children": panels}}
	return map[string]any{"id": fmt.Sprint("page", n), "title": fmt.Sprint("Page ", n), "document": map[string]any{"root": "page", "nodes": nodes}}
}

func writeAuthoring(b *bytes.Buffer, all []authoring) {
	fmt.Fprintf(b, "## Authoring\n\nA component with %d fields, %d controls with an expression each on %d pages, and %d dataflows, in one process; %d times one after the other, "+
		"from the request to the answer read.\n\n| what | p50 ms | most ms | goal ms |\n|---|--:|--:|--:|\n", bigFields, bigControls*bigPages, bigPages, bigDataflows, edits)
	for _, r := range all {
		goal := ""
		if r.goal > 0 {
			goal = fmt.Sprint(r.goal.Milliseconds())
		}
		fmt.Fprintf(b, "| %s | %.1f | %.1f | %s |\n", r.what, r.p50.Seconds()*1000, r.max.Seconds()*1000, goal)
	}
	b.WriteString("\n")
}

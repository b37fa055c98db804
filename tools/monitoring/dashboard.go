package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"

	"gopkg.in/yaml.v3"
)

// The source of a dashboard.
type (
	source struct {
		Title string
		UID   string
		Rows  []row
	}
	row struct {
		Title  string
		Panels []panel
	}
	panel struct {
		Title       string
		Description string
		Kind        string // "timeseries" unless given
		Unit        string
		Width       int
		Thresholds  map[string]float64 // color by the value from which on it holds
		Queries     []query
	}
	query struct {
		Expr   string
		Legend string
	}
)

const (
	columns    = 24
	statHeight = 4
	height     = 8
)

// object is a JSON object.
type object = map[string]any

// readSource reads a source; a name that it does not know is an error. The short form $p is written out.
func readSource(text []byte) (source, error) {
	short := regexp.MustCompile(`\$p\b`)
	var s source
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("read the dashboard's source: %w", err)
	}
	for _, r := range s.Rows {
		for i := range r.Panels {
			p := &r.Panels[i]
			if p.Kind == "" {
				p.Kind = "timeseries"
			}
			if p.Title == "" || p.Unit == "" || p.Width < 1 || p.Width > columns || len(p.Queries) == 0 {
				return s, fmt.Errorf("panel %q lacks a title, unit, width or query", p.Title)
			}
			for j := range p.Queries {
				p.Queries[j].Expr = short.ReplaceAllLiteralString(p.Queries[j].Expr, `{platform="$platform"}`)
			}
		}
	}
	return s, nil
}

// dashboard returns Grafana's JSON of a source.
func dashboard(text []byte) ([]byte, error) {
	s, err := readSource(text)
	if err != nil {
		return nil, err
	}
	datasource := object{"type": "prometheus", "uid": "${datasource}"}
	var panels []object
	y := 0
	for _, r := range s.Rows {
		panels = append(panels, object{
			"id": len(panels) + 1, "type": "row", "title": r.Title, "collapsed": false, "panels": []any{},
			"gridPos": object{"x": 0, "y": y, "w": columns, "h": 1},
		})
		y++
		x, tallest := 0, 0
		for _, p := range r.Panels {
			h := height
			if p.Kind == "stat" {
				h = statHeight
			}
			if x+p.Width > columns {
				x, y, tallest = 0, y+tallest, 0
			}
			panels = append(panels, p.object(len(panels)+1, datasource, object{"x": x, "y": y, "w": p.Width, "h": h}))
			x, tallest = x+p.Width, max(tallest, h)
		}
		y += tallest
	}
	out := object{
		"uid": s.UID, "title": s.Title, "tags": []string{"aqtra"}, "editable": true, "schemaVersion": 39, "version": 1,
		"timezone": "browser", "refresh": "30s", "graphTooltip": 1, "time": object{"from": "now-6h", "to": "now"},
		"templating": object{"list": []object{
			{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"},
			{
				"name": "platform", "type": "query", "label": "Installation", "datasource": datasource, "refresh": 2, "sort": 1,
				"definition": "label_values(aqtra_ready, platform)",
				"query":      object{"query": "label_values(aqtra_ready, platform)", "refId": "platform"},
			},
		}},
		"annotations": object{"list": []any{}}, "panels": panels,
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(out)
	return b.Bytes(), err
}

func (p panel) object(id int, datasource, pos object) object {
	targets := make([]object, len(p.Queries))
	for i, q := range p.Queries {
		targets[i] = object{"refId": string(rune('A' + i)), "expr": q.Expr, "legendFormat": q.Legend, "datasource": datasource, "instant": p.Kind == "stat"}
	}
	type step struct {
		Color string   `json:"color"`
		Value *float64 `json:"value"`
	}
	steps := []step{{Color: "green"}}
	for color, from := range p.Thresholds {
		steps = append(steps, step{color, &from})
	}
	sort.Slice(steps[1:], func(i, j int) bool { return *steps[i+1].Value < *steps[j+1].Value })
	o := object{
		"id": id, "type": p.Kind, "title": p.Title, "description": p.Description, "datasource": datasource, "gridPos": pos, "targets": targets,
		"fieldConfig": object{
			"defaults":  object{"unit": p.Unit, "min": 0, "thresholds": object{"mode": "absolute", "steps": steps}},
			"overrides": []any{},
		},
	}
	if p.Kind == "stat" {
		o["options"] = object{"colorMode": "background", "graphMode": "none", "reduceOptions": object{"calcs": []string{"lastNotNull"}}}
	} else {
		o["options"] = object{"legend": object{"displayMode": "list", "placement": "bottom"}, "tooltip": object{"mode": "multi", "sort": "desc"}}
	}
	return o
}

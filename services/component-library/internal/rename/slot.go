package rename

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// binding is the key of a bound setting of a page: {"$expr": "CEL"}. Paths do not name it.
const binding = "$expr"

// slot is what stands at a path.
type slot struct {
	// text is nil when it is no text.
	text *string
	// fields hold it under key; nil when it is in no map.
	fields map[string]*typev1.Value
	key    string
}

// find gives what stands at a path as checks write it; nil when nothing does.
func find(c *libraryv1.Component, path string) *slot {
	list, rest, _ := strings.Cut(path, "/")
	id, rest, _ := strings.Cut(rest, "/")
	switch list {
	case "pages":
		if p := byID(c.GetPages(), id); p != nil {
			return inValue(p.GetDocument(), rest)
		}
	case "dataflows":
		steps, rest, _ := strings.Cut(rest, "/")
		step, rest, _ := strings.Cut(rest, "/")
		if d := byID(c.GetDataflows(), id); d != nil && steps == "steps" {
			if s := byID(d.GetSteps(), step); s != nil && strings.HasPrefix(rest, "params/") {
				return inFields(s.GetParams(), strings.TrimPrefix(rest, "params/"))
			}
		}
	case "workflows":
		if w := byID(c.GetWorkflows(), id); w != nil && strings.HasPrefix(rest, "document/") {
			return inValue(w.GetDocument(), strings.TrimPrefix(rest, "document/"))
		}
	case "settings":
		return inSettings(c.GetSettings(), id, rest)
	}
	return nil
}

func byID[P interface {
	comparable
	GetId() string
}](list []P, id string) P {
	var none P
	for _, p := range list {
		if p.GetId() == id {
			return p
		}
	}
	return none
}

func inSettings(s *libraryv1.Settings, list, rest string) *slot {
	id, setting, _ := strings.Cut(rest, "/")
	switch list {
	case "home_page":
		if s != nil {
			return &slot{text: &s.HomePage}
		}
	case "access":
		if i, err := strconv.Atoi(id); err == nil && i >= 0 && i < len(s.GetAccess()) && setting == "filter" {
			return &slot{text: &s.Access[i].Filter}
		}
	case "triggers":
		t := byID(s.GetTriggers(), id)
		switch {
		case t != nil && setting == "workflow":
			return &slot{text: &t.Workflow}
		case t != nil && setting == "condition":
			return &slot{text: &t.Condition}
		}
	}
	return nil
}

func inValue(v *typev1.Value, rest string) *slot {
	switch k := v.GetKind().(type) {
	case *typev1.Value_Text:
		if rest == "" {
			return &slot{text: &k.Text}
		}
	case *typev1.Value_Map:
		if rest == "" {
			if text, ok := k.Map.GetFields()[binding].GetKind().(*typev1.Value_Text); ok {
				return &slot{text: &text.Text}
			}
			return &slot{}
		}
		return inFields(k.Map.GetFields(), rest)
	case *typev1.Value_List:
		index, rest, _ := strings.Cut(rest, "/")
		if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(k.List.GetItems()) {
			return inValue(k.List.GetItems()[i], rest)
		}
	}
	if rest == "" {
		return &slot{}
	}
	return nil
}

// inFields looks below each key that the path may begin with: keys can hold slashes.
func inFields(fields map[string]*typev1.Value, path string) *slot {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		rest, below := strings.CutPrefix(path, key+"/")
		if path != key && !below {
			continue
		}
		if path == key {
			rest = ""
		}
		if s := inValue(fields[key], rest); s != nil {
			if rest == "" && s.fields == nil {
				s.fields, s.key = fields, key
			}
			return s
		}
	}
	return nil
}

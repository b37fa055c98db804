package rename

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// maxMention bounds the text of a mention, in characters.
const maxMention = 200

// Mentions are the texts that hold the old name where no reference says what it means. Names of fields are looked for as words,
// also in keys that authors choose; ids of parts only where they stand alone or in quotes.
func Mentions(all []*libraryv1.Component, t Target, refs []*catalogv1.Reference) []*libraryv1.RenameMention {
	known := map[place]map[int]bool{}
	for _, r := range refs {
		at := place{r.GetComponent(), r.GetPath()}
		if known[at] == nil {
			known[at] = map[int]bool{}
		}
		offset := int(r.GetOffset())
		if r.GetInKey() {
			offset = inKey
		}
		known[at][offset] = true
	}
	var out []*libraryv1.RenameMention
	for _, c := range all {
		walk(c, func(path, text string, isKey bool) {
			sure := known[place{c.GetId(), path}]
			if isKey && (t.Kind != "field" || sure[inKey]) {
				return
			}
			if isKey {
				sure = nil
			}
			if line, ok := mentioned(text, path, t, sure); ok {
				out = append(out, &libraryv1.RenameMention{Component: c.GetId(), Path: path, Text: line})
			}
		})
	}
	return out
}

// inKey stands for the offset of a reference in a key.
const inKey = -1

// mentioned gives the first line that holds the name elsewhere than at the known offsets.
func mentioned(text, path string, t Target, sure map[int]bool) (string, bool) {
	for start := 0; ; {
		i := strings.Index(text[start:], t.Old)
		if i < 0 {
			return "", false
		}
		i += start
		start = i + len(t.Old)
		at := utf8.RuneCountInString(text[:i])
		if sure[at] || i > 0 && text[i-1] == '`' && sure[at-1] || !t.stands(text, path, i) {
			continue
		}
		line := text[strings.LastIndexByte(text[:i], '\n')+1:]
		line, _, _ = strings.Cut(line, "\n")
		if r := []rune(strings.TrimSpace(line)); len(r) > maxMention {
			return string(r[:maxMention]), true
		}
		return strings.TrimSpace(line), true
	}
}

// stands reports whether what stands at an index of a text may be the name.
func (t Target) stands(text, path string, i int) bool {
	before, after := byte(' '), byte(' ')
	if i > 0 {
		before = text[i-1]
	}
	if end := i + len(t.Old); end < len(text) {
		after = text[end]
	}
	if t.Kind == "field" {
		return !isWord(before) && !isWord(after)
	}
	if text == t.Old {
		return path[strings.LastIndexByte(path, '/')+1:] == t.Kind
	}
	return before == after && strings.IndexByte("'\"`", before) >= 0
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

type visit func(path, text string, isKey bool)

// walk goes over the texts of a component that may name things, and the keys that authors choose.
func walk(c *libraryv1.Component, see visit) {
	for _, p := range c.GetPages() {
		nodes := p.GetDocument().GetMap().GetFields()["nodes"].GetMap().GetFields()
		for _, id := range slices.Sorted(maps.Keys(nodes)) {
			walkValue(nodes[id].GetMap().GetFields()["props"], fmt.Sprintf("pages/%s/nodes/%s/props", p.GetId(), id), false, see)
		}
	}
	for _, d := range c.GetDataflows() {
		for _, s := range d.GetSteps() {
			for _, name := range slices.Sorted(maps.Keys(s.GetParams())) {
				walkValue(s.GetParams()[name], fmt.Sprintf("dataflows/%s/steps/%s/params/%s", d.GetId(), s.GetId(), name), true, see)
			}
		}
	}
	for _, w := range c.GetWorkflows() {
		walkValue(w.GetDocument(), "workflows/"+w.GetId()+"/document", false, see)
	}
	for _, s := range c.GetScripts() {
		see("scripts/"+s.GetId()+"/source", s.GetSource(), false)
	}
	for i, a := range c.GetSettings().GetAccess() {
		see(fmt.Sprintf("settings/access/%d/filter", i), a.GetFilter(), false)
	}
	for _, t := range c.GetSettings().GetTriggers() {
		see("settings/triggers/"+t.GetId()+"/condition", t.GetCondition(), false)
	}
}

// walkValue goes over a setting. The keys of a free one are the author's own.
func walkValue(v *typev1.Value, path string, free bool, see visit) {
	switch k := v.GetKind().(type) {
	case *typev1.Value_Text:
		see(path, k.Text, false)
	case *typev1.Value_List:
		for i, item := range k.List.GetItems() {
			walkValue(item, path+"/"+strconv.Itoa(i), free, see)
		}
	case *typev1.Value_Map:
		fields := k.Map.GetFields()
		if text, ok := fields[binding].GetKind().(*typev1.Value_Text); ok {
			see(path, text.Text, false)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			at := path + "/" + key
			if free {
				see(at, key, true)
			}
			walkValue(fields[key], at, free || isFree(key), see)
		}
	}
}

// isFree reports whether the keys below a key are names of the author's own.
func isFree(key string) bool {
	return slices.Contains([]string{"params", "input", "values", "mapping", "labels", "data", "fields", "set", "as"}, key)
}

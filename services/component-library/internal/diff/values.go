package diff

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/aqtra/aqtra/pkg/value"
)

// values compares two values at any depth. name is what the value is called in words.
func (d *differ) values(at place, name string, before, after any) {
	if value.Equal(before, after) {
		return
	}
	b, isMap := before.(map[string]any)
	a, staysMap := after.(map[string]any)
	if isMap && staysMap && !bound(b) && !bound(a) {
		d.maps(at, name, b, a)
		return
	}
	bl, isList := before.([]any)
	al, staysList := after.([]any)
	if isList && staysList && named(bl) && named(al) {
		list(d, at, bl, al, key, func(item any) string { return strings.TrimSuffix(name, "s") + " " + quote(key(item)) },
			func(at place, b, a any) { d.values(at, "", content(b), content(a)) })
		return
	}
	d.changed(at, name, before, after)
}

func (d *differ) maps(at place, name string, before, after map[string]any) {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		words := spaced(k)
		if name != "" && name != "settings" && name != "document" {
			words = name + " " + words
		}
		d.values(at.in(k, ""), words, before[k], after[k])
	}
}

// bound tells whether a map is an expression: one thing, not a record.
func bound(m map[string]any) bool {
	_, ok := m["$expr"]
	return ok && len(m) == 1
}

// key is what an item of a list is known by: its id, or its only key, as with the tasks of a workflow.
func key(item any) string {
	m, _ := item.(map[string]any)
	if id, ok := m["id"].(string); ok {
		return id
	}
	for k := range m {
		if len(m) == 1 {
			return k
		}
	}
	return ""
}

// content is an item without the name that it is known by.
func content(item any) any {
	m, _ := item.(map[string]any)
	if _, ok := m["id"].(string); ok {
		return m
	}
	for _, v := range m {
		return v
	}
	return nil
}

// named tells whether all items of a list have keys of their own.
func named(items []any) bool {
	seen := map[string]bool{}
	for _, item := range items {
		k := key(item)
		if k == "" || seen[k] {
			return false
		}
		seen[k] = true
	}
	return true
}

const (
	// shown is how many characters of a value stand in a sentence, kept how many beside it.
	shown, kept = 80, 4000
)

// show is a value in a sentence.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case string:
		return quote(v)
	case map[string]any:
		if text, ok := v["$expr"].(string); ok && len(v) == 1 {
			return "the expression " + cut(text, shown)
		}
	case []any:
		if len(v) == 0 {
			return "an empty list"
		}
		if !slices.ContainsFunc(v, func(item any) bool { _, ok := item.(string); return !ok }) {
			texts := make([]string, len(v))
			for i, item := range v {
				texts[i] = fmt.Sprint(item)
			}
			return cut(strings.Join(texts, ", "), shown)
		}
	}
	return cut(encode(v), shown)
}

// encode is a value as JSON, or a text as it is; empty for none.
func encode(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return cut(v, kept)
	}
	text, err := value.ToJSON(v)
	if err != nil { // no value of a document
		return cut(fmt.Sprint(v), kept)
	}
	return cut(string(text), kept)
}

func quote(text string) string {
	return strconv.QuoteToGraphic(cut(text, shown)) // letters of all scripts stay as they are, what cannot be seen shows
}

// cut shortens a text to n characters.
func cut(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

// spaced makes words of a name: "max_length" and "maxLength" become "max length".
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_' || r == '-':
			b.WriteByte(' ')
		case unicode.IsUpper(r) && i > 0:
			b.WriteByte(' ')
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// lines counts the lines that were added and removed, those of the longest common sequence aside when that is cheap to know.
func lines(before, after string) (added, removed int) {
	b, a := strings.Split(before, "\n"), strings.Split(after, "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a)*len(b) > 4_000_000 { // two thousand lines changed here and there: it does not matter which
		return len(a), len(b)
	}
	row := make([]int, len(b)+1)
	for _, line := range a {
		diagonal := 0
		for j, other := range b {
			above := row[j+1]
			if line == other {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return len(a) - row[len(b)], len(b) - row[len(b)]
}

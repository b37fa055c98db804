package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/value"
)

// rows checks a filter or an order of entries, as storage reads them. Over what a dataflow gives nothing is known.
func (w *pageWalk) rows(key, text, path, component string) {
	if len(w.components[component].GetModel().GetFields()) == 0 {
		return
	}
	if key == "filter" {
		w.expression(path, text, scope{fields: component, entry: component, user: true}, &value.Type{Kind: value.Bool})
		return
	}
	offset := 0
	for part := range strings.SplitSeq(text, ",") {
		start := offset + utf8.RuneCountInString(part) - utf8.RuneCountInString(strings.TrimLeftFunc(part, unicode.IsSpace))
		offset += utf8.RuneCountInString(part) + 1
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && !strings.EqualFold(words[1], "desc") && !strings.EqualFold(words[1], "asc") {
			w.problem("invalid-order", path, "", `expected fields separated by commas, each perhaps followed by "desc"`)
			return
		}
		uses, instead := w.resolve(component, words[0])
		switch {
		case strings.Contains(words[0], "."):
			w.problem("invalid-order", path, "", "%q is a field of another component; entries are sorted by fields of their own", words[0])
		case instead != nil:
			w.unknown("field", path, words[0], instead)
		}
		for _, u := range uses {
			u.at.offset += start
			w.refer(path, "field", u.component, u.id, u.at)
		}
	}
}

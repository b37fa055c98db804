package notify

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/cbroglie/mustache"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

const (
	// maxTemplate and maxHTML bound a template and what comes of it, in bytes.
	maxTemplate = 64 << 10
	maxHTML     = 256 << 10
	// maxWork bounds how many tags may be looked at. It is an upper bound: every section counts as often as the longest list is long.
	maxWork = 4_000_000
)

// template is a mustache template, see mustache(5): it has no logic that could go wrong, and escapes values by itself.
type template struct {
	parsed      *mustache.Template
	tags, depth int
}

// parse reads a template. What would insert text as HTML, or read a file, is refused.
func parse(text string) (*template, error) {
	switch {
	case len(text) > maxTemplate:
		return nil, fmt.Errorf("the template is longer than %d bytes", maxTemplate)
	case strings.Contains(text, "{{{"), strings.Contains(text, "{{&"):
		return nil, errors.New("{{{..}}} and {{&..}} would insert values as HTML; write {{..}}")
	case strings.Contains(text, "{{="), strings.Contains(text, "{{>"):
		return nil, errors.New("{{=..}} and {{>..}} are not supported")
	}
	parsed, err := mustache.ParseStringPartials(text, &mustache.StaticProvider{})
	if err != nil {
		return nil, fmt.Errorf("the template cannot be read: %w", err)
	}
	t := &template{parsed: parsed}
	t.measure(parsed.Tags(), 0)
	return t, nil
}

func (t *template) measure(tags []mustache.Tag, depth int) {
	t.tags, t.depth = t.tags+len(tags), max(t.depth, depth)
	for _, tag := range tags {
		if kind := tag.Type(); kind == mustache.Section || kind == mustache.InvertedSection {
			t.measure(tag.Tags(), depth+1)
		}
	}
}

func (t *template) render(values any) (string, error) {
	longest := 1
	values = readable(values, &longest)
	if float64(t.tags)*math.Pow(float64(longest), float64(t.depth)) > maxWork {
		return "", task.NewError("validation", "the template has %d sections within each other, and a list of %d items: too much for a mail", t.depth, longest)
	}
	out := &limited{left: maxHTML}
	switch err := t.parsed.FRender(out, values); {
	case out.left < 0:
		return "", task.NewError("validation", "the mail is longer than %d bytes", maxHTML)
	case err != nil:
		return "", task.NewError("validation", "the template cannot be filled: %s", err)
	}
	return out.String(), nil
}

// limited takes a bounded text.
type limited struct {
	strings.Builder
	left int
}

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return l.Builder.Write(p)
}

// readable is a value as a template shows it: decimals, dates and times as texts. It notes how long the longest list is.
func readable(v any, longest *int) any {
	switch v := v.(type) {
	case nil:
		return "" // it would print it as "<nil>"
	case bool, string:
		return v
	case []any:
		*longest = max(*longest, len(v))
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = readable(item, longest)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			out[name] = readable(item, longest)
		}
		return out
	}
	if text, ok := task.TextOf(v); ok {
		return text
	}
	text, err := value.ToJSON(v)
	if err != nil {
		return ""
	}
	return strings.Trim(string(text), `"`)
}

package notify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/value"
)

func TestTemplate(t *testing.T) {
	t.Parallel()
	many := make([]any, 2000)
	for i := range many {
		many[i] = int64(i)
	}
	values := map[string]any{
		"name": "<b>Ada</b>", "total": value.MustDecimal("12.50"), "lines": []any{map[string]any{"no": int64(1)}, map[string]any{"no": int64(2)}},
		"paid": false, "nothing": nil, "many": many, "long": strings.Repeat("x", 1000),
	}
	for text, want := range map[string]string{
		"Hello {{name}}, {{total}}!":                                     "Hello &lt;b&gt;Ada&lt;/b&gt;, 12.5!",
		"{{#lines}}<li>{{no}}</li>{{/lines}}":                            "<li>1</li><li>2</li>",
		"{{^paid}}open{{/paid}}{{#paid}}{{/paid}}{{nothing}}{{unknown}}": "open",
	} {
		parsed, err := parse(text)
		require.NoError(t, err, text)
		got, err := parsed.render(values)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"{{{name}}}", "{{&name}}", "{{& name}}", "{{>/etc/passwd}}", "{{=<% %>=}}", "{{#lines}}", strings.Repeat("x", maxTemplate+1)} {
		_, err := parse(text)
		require.Error(t, err, text)
	}
	for text, want := range map[string]string{
		"{{#many}}{{#many}}{{/many}}{{/many}}": "too much for a mail",
		"{{#many}}{{long}}{{/many}}":           "longer than",
	} {
		parsed, err := parse(text)
		require.NoError(t, err, text)
		_, err = parsed.render(values)
		require.ErrorContains(t, err, want)
	}
	parsed, err := parse("Hello")
	require.NoError(t, err)
	got, err := parsed.render(nil)
	require.NoError(t, err)
	require.Equal(t, "Hello", got)
}

// FuzzTemplate: no template and no value makes it fail in another way than with an error.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"{{#a}}{{b}}{{/a}}", "{{a.b.c}}", "{{.}}", "{{^a}}{{.}}{{/a}}", "{{! x }}"} {
		f.Add(text, `{"a": [{"b": 1}, 2, null], "b": {"c": "<"}}`)
	}
	f.Fuzz(func(t *testing.T, text, values string) {
		parsed, err := parse(text)
		if err != nil {
			return
		}
		v, err := value.FromJSON([]byte(values))
		if err != nil {
			return
		}
		_, _ = parsed.render(v)
	})
}

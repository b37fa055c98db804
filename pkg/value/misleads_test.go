package value_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/value"
)

func TestMisleads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Rechnung März 1.pdf":                false,
		"\u05d7\u05e9\u05d1\u05d5\u05df.pdf": false, // Hebrew needs no marks
		"👨\u200d👩\u200d👧":                    false, // a family is joined by U+200D
		"a\nb":                               true, "a\tb": true, "a\x00b": true, "a\x7fb": true, "a\u0085b": true,
		"a\u061cb": true, "a\u200eb": true, "a\u200fb": true, "a\u202ab": true, "invoice\u202efdp.exe": true,
		"a\u2066b": true, "a\u2069b": true,
	} {
		require.Equal(t, want, strings.ContainsFunc(text, value.Misleads), "%q", text)
	}
}

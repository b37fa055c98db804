package near_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/near"
)

func TestName(t *testing.T) {
	t.Parallel()
	known := []string{"amount", "customer", "city", "größe"}
	for _, tc := range []struct{ name, got, want string }{
		{"a letter is missing", "amout", "amount"},
		{"letter case", "Amount", "amount"},
		{"one too many", "amount_", "amount"},
		{"swapped letters are one mistake", "ctiy", "city"},
		{"letters, not bytes", "grösse", "größe"},
		{"another word", "total", ""},
		{"a word of one letter", "x", ""},
		{"nothing", "", ""},
		{"a long text", strings.Repeat("amount", 100), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, near.Name(tc.got, known))
		})
	}
	require.Empty(t, near.Name("amount", nil))
	require.Empty(t, near.Name("b", []string{"a"}), "nothing of it is right")
	require.Equal(t, "B", near.Name("b", []string{"a", "B"}))
	require.Equal(t, "bats", near.Name("bat", []string{"oats", "bats", "cats"}), "the nearest, not the first")
}

package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A large file is stored in bulk: what is new is created, what is there changes, a bad row is told and keeps no other away.
func TestBulkImport(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		u.build(t, u.sample(t, "invoice"))
		u.patch(t, "invoice", func(t *testing.T, c object) {
			step(t, c, "import", "apply")["params"] = object{"bulk": true}
		})
		u.publish(t)
		const rows = 20_000
		load := func(total func(i int) string) object {
			lines := []string{"number;name;due;total;state"}
			for i := range rows {
				lines = append(lines, fmt.Sprintf("INV-%d;Invoice %d;2026-09-30T00:00:00Z;%s;1", i+1, i, total(i)))
			}
			file := u.upload(t, "import.csv", "text/csv", []byte(strings.Join(lines, "\n")+"\n"))
			return u.run(t, "invoice", "import", object{"file": file}).ok()["output"].(object)
		}
		counts := func(out object) []int {
			return []int{wholeNumber(t, out["created"]), wholeNumber(t, out["updated"]), wholeNumber(t, out["unchanged"]), wholeNumber(t, out["failed"])}
		}
		price := func(i int) string { return fmt.Sprintf("%d.50", i) }
		require.Equal(t, []int{rows, 0, 0, 0}, counts(load(price)))
		require.Equal(t, []int{0, 0, rows, 0}, counts(load(price)), "nothing has changed")
		out := load(func(i int) string {
			switch {
			case i == 7:
				return "-1"
			case i%1000 == 0:
				return "3"
			}
			return price(i)
		})
		require.Equal(t, []int{0, rows / 1000, rows - rows/1000 - 1, 1}, counts(out))
		require.Equal(t, []any{float64(9)}, column(t, items(t, out, "errors"), "line"))
		require.Equal(t, rows, u.count(t, "invoice", ""))
		require.Equal(t, rows/1000, u.count(t, "invoice", "InvoiceTotalValue == 3.0"))
		require.Equal(t, 1, u.count(t, "invoice", "InvoiceName == 'Invoice 7' && InvoiceTotalValue == 7.5"))
	})
}

package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQueriesOverREST asks for aggregates, expanded references and words as a client of the REST interface does.
func TestQueriesOverREST(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u, makers := machines(t, s)
		for i, code := range []string{"AB-1", "AB-2", "AB-3"} {
			u.create(t, "machine", object{"code": code, "label": code, "price": "0.10", "built": "2026-02-28", "maker": makers[i/2]})
		}
		answer := u.call(t, http.MethodPost, entriesPath("machine")+":aggregate", object{
			"groupBy":  list{object{"field": "maker.name_of"}, object{"field": "built", "unit": "DATE_UNIT_MONTH"}},
			"measures": list{object{"function": "MEASURE_FUNCTION_SUM", "field": "price", "name": "worth"}}, "orderBy": "worth desc"}).ok()
		require.Equal(t, list{
			object{"values": object{"maker.name_of": "Ada", "built.month": "2026-02-01", "worth": "0.2"}},
			object{"values": object{"maker.name_of": "Ben", "built.month": "2026-02-01", "worth": "0.1"}},
		}, answer["groups"])

		page := u.get(t, entriesPath("machine")+"?expand=maker&fields=code&fields=maker.name_of&orderBy=code")
		first := page["entries"].(list)[0].(object)
		require.Equal(t, object{"code": "AB-1"}, first["fields"])
		maker := first["expanded"].(object)["maker"].(object)["entries"].(list)[0].(object)
		require.Equal(t, object{"name_of": "Ada"}, maker["fields"])

		found := u.get(t, entriesPath("machine")+"?search=ab+2&fields=code")["entries"].(list)
		require.Len(t, found, 1)
		require.Equal(t, object{"code": "AB-2"}, found[0].(object)["fields"])
		u.call(t, http.MethodGet, entriesPath("maker")+"?search=ada", nil).refused(400, "INVALID_FIELDS")
	})
}

package query

import (
	"fmt"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// Sample makes the statement that looks at the first n live entries of a component, and returns how many there are and how
// many of them a sight has.
func (s Scope) Sample(c *model.Component, sight Sight, n int) (Statement, error) {
	b := newBuilder(s)
	cond, err := b.sight(c, sight, "e")
	if err != nil {
		return Statement{}, err
	}
	return b.statement(fmt.Sprintf("SELECT count(*), count(*) FILTER (WHERE %s) FROM (SELECT * FROM %s WHERE delete_time IS NULL ORDER BY id LIMIT %d) AS e%s",
		cond, b.table(c), n, b.joins.sql.String()))
}

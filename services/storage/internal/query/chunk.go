package query

import (
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// chunkTable holds the rows of a chunk until its transaction ends.
const chunkTable = "pg_temp.aqtra_chunk"

// Chunk is how rows of one component are stored by way of a temporary table. Its statements belong to one transaction.
type Chunk struct {
	// Create makes the temporary table, Copy fills it from text lines of cells made by AppendCell and parted by tabs, Upsert stores what is in it.
	Create, Copy string
	Upsert       Statement
	// Conflicting locks the entries that the rows meet, and returns the number of the row and whether the caller may see and change
	// what it meets.
	Conflicting Statement
}

// Grant lets a role read the temporary table.
func (Chunk) Grant(role string) string { return "GRANT SELECT ON " + chunkTable + " TO " + quote(role) }

// Chunk makes the statements of a chunk. Fields begin with the primary key. With ids the upsert names the entries.
func (s Scope) Chunk(c *model.Component, fields []*model.Field, read, update Sight, ids bool, at Stamp) (Chunk, error) {
	var out Chunk
	define, cols, set := []string{"n integer", `id text COLLATE "C"`, `name text COLLATE "C"`}, []string{}, []string{}
	named := false
	for i, f := range fields {
		col := quote(f.Column)
		define = append(define, col+" "+fieldTypeName(f))
		if strings.HasPrefix(fieldType(f), "text") {
			define[len(define)-1] = col + ` text COLLATE "C"` // as in the table itself
		}
		cols = append(cols, col)
		if i >= len(c.Key) {
			set = append(set, col)
		}
		named = named || f == c.NameFrom
	}
	keys := strings.Join(cols[:len(c.Key)], ", ")
	out.Create = fmt.Sprintf("CREATE TEMP TABLE %s (%s) ON COMMIT DROP", strings.TrimPrefix(chunkTable, "pg_temp."), strings.Join(define, ", "))
	out.Copy = fmt.Sprintf("COPY %s (n, id, name, %s) FROM STDIN", chunkTable, strings.Join(cols, ", "))

	b := newBuilder(s)
	who, when := b.bind(at.Subject, "text"), b.bind(at.Time, "timestamptz")
	conflict := "DO NOTHING"
	if len(set) > 0 {
		sets := []string{"update_subject = excluded.update_subject", "update_time = excluded.update_time", "version = e.version + 1"}
		if named {
			sets = append(sets, "name = excluded.name")
		}
		for _, col := range set {
			sets = append(sets, col+" = excluded."+col)
		}
		conflict = fmt.Sprintf("DO UPDATE SET %s WHERE (e.%s) IS DISTINCT FROM (excluded.%s)",
			strings.Join(sets, ", "), strings.Join(set, ", e."), strings.Join(set, ", excluded."))
	}
	names := "NULL::text[], NULL::text[]"
	if ids {
		names = "array_agg(id) FILTER (WHERE fresh), array_agg(id) FILTER (WHERE NOT fresh)"
	}
	var err error
	if out.Upsert, err = b.statement(fmt.Sprintf(
		"WITH stored AS (INSERT INTO %s AS e (id, name, creator_subject, update_subject, create_time, update_time, %s) "+
			"SELECT k.id, k.name, %s, %[3]s, %s, %[4]s, %s FROM %s AS k ON CONFLICT (%s) WHERE delete_time IS NULL %s "+
			"RETURNING e.id, e.version = 1 AS fresh) "+
			"SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh), %s FROM stored",
		b.table(c), strings.Join(cols, ", "), who, when, "k."+strings.Join(cols, ", k."), chunkTable, keys, conflict, names)); err != nil {
		return out, err
	}
	b = newBuilder(s)
	may := make([]string, 2)
	for i, sight := range []Sight{read, update} {
		cond, err := b.sight(c, sight, "e")
		if err != nil {
			return out, err
		}
		may[i] = "coalesce(" + cond + ", false)"
	}
	out.Conflicting, err = b.statement(fmt.Sprintf(
		"SELECT k.n::text, %s, %s FROM %s AS e JOIN %s AS k ON (k.%s) = (e.%s)%s WHERE e.delete_time IS NULL ORDER BY e.id FOR UPDATE OF e",
		may[0], may[1], b.table(c), chunkTable, strings.Join(cols[:len(c.Key)], ", k."), strings.Join(cols[:len(c.Key)], ", e."), b.joins.sql.String()))
	return out, err
}

// AppendCell appends a value of a field to a line of text as COPY reads it.
func AppendCell(line []byte, v any) []byte {
	if v == nil {
		return append(line, `\N`...)
	}
	text := encodeText(v)
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; ch {
		case '\\':
			line = append(line, `\\`...)
		case '\n':
			line = append(line, `\n`...)
		case '\r':
			line = append(line, `\r`...)
		case '\t':
			line = append(line, `\t`...)
		default:
			line = append(line, ch)
		}
	}
	return line
}

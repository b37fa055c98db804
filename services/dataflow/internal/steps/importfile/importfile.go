// Package importfile is the step import-file: it reads the rows of a CSV, JSON or XLSX file.
package importfile

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/near"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

const (
	// maxFile is how large a file may be, in bytes: it is read as a whole.
	maxFile = 32 << 20
	// maxRows is how many rows a file may have.
	maxRows = 100_000
	maxSkip = 10_000

	formatAuto = "auto"
	formatCSV  = "csv"
	formatJSON = "json"
	formatXLSX = "xlsx"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func text(s string) *typev1.Value { return &typev1.Value{Kind: &typev1.Value_Text{Text: s}} }

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "import-file", Group: "Input", Title: "Import file",
		Summary: "Reads the rows of a file, each an item. A row that is broken is reported with its line, the others go on.",
		Params: []*catalogv1.Param{
			{Name: "file", Title: "File", Help: "Id of the file, such as item.file.", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, Required: true},
			{Name: "format", Title: "Format", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Default: text(formatAuto),
				Options: []string{formatAuto, formatCSV, formatJSON, formatXLSX}, Help: "auto goes by the name of the file."},
			{Name: "separator", Title: "Separator", Help: "Of a CSV file; one character, or \\t for the tabulator.", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Default: text(";")},
			{Name: "skipLines", Title: "Lines to skip", Help: "Before the line with the names of the columns.", Kind: catalogv1.ParamKind_PARAM_KIND_INT},
			{Name: "worksheet", Title: "Worksheet", Help: "Of an XLSX file; the first one when empty.", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT},
			{Name: "fields", Title: "Fields", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING,
				Help: "Made of row (its columns by name, as text unless the file is JSON) and line (its number in the file): " +
					"decimal(row.total), row['Due date']. Without it, the columns themselves."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

type runner struct {
	file      *step.Expr
	format    string
	separator rune
	skip      int
	worksheet string
	mapped    []step.Mapped
}

func (kind) Compile(c *step.Compiler) step.Runner {
	r := &runner{
		file: c.Expr("file", c.Vars()), format: c.Text("format"), worksheet: c.Text("worksheet"),
		skip: int(c.Int("skipLines", 0, 0, maxSkip)),
	}
	separator := strings.ReplaceAll(c.Text("separator"), `\t`, "\t")
	first, size := utf8.DecodeRuneInString(separator)
	if size == 0 || size != len(separator) || strings.ContainsRune("\r\n\"\uFFFD", first) {
		c.Problem("separator", "invalid-param", "the separator must be one character, such as ; or \\t")
	}
	r.separator = first
	r.mapped = c.Mapping("fields", append(c.Vars(),
		value.Field{Name: "row"}, value.Field{Name: "line", Type: value.Type{Kind: value.Int}}))
	if len(r.mapped) > 0 {
		c.Output(step.ItemType(step.MappingFields(r.mapped)...))
	}
	return r
}

// record is a row of the file: its columns, or why it cannot be read.
type record struct {
	line   int64
	fields map[string]any
	broken string
}

func (r *runner) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	out := []step.Item{}
	env.Report.RowsIn = 0
	for _, item := range in[0] {
		records, err := r.read(ctx, env, item)
		if err != nil {
			return nil, err
		}
		env.Report.RowsIn += int64(len(records))
		for _, rec := range records {
			made, err := r.row(ctx, env, item, rec)
			if err != nil {
				return nil, err
			}
			if made != nil {
				out = append(out, step.Item{Fields: made, Line: rec.line})
			}
		}
	}
	return out, nil
}

func (r *runner) read(ctx context.Context, env *step.Env, item step.Item) ([]record, error) {
	v, err := r.file.Eval(ctx, env, env.Vars(map[string]any{"item": item.Fields}))
	if err != nil {
		return nil, step.InField("file", err)
	}
	id, err := step.IDText(v)
	if err != nil {
		return nil, step.InField("file", err)
	}
	if id == "" {
		return nil, fault.Invalid(faultv1.Reason_REASON_INPUT_INVALID, "there is no file to import")
	}
	content, info, err := env.Files.Read(ctx, id, maxFile)
	if err != nil {
		return nil, err
	}
	switch format := r.formatOf(info); format {
	case formatCSV:
		return r.withColumns(readCSV(content, r.separator, r.skip))
	case formatJSON:
		return readJSON(content)
	case formatXLSX:
		return r.withColumns(readXLSX(content, r.worksheet, r.skip))
	default:
		return nil, failed(fmt.Sprintf("the name of the file does not tell its format (%q); set the format", format))
	}
}

// withColumns refuses a table without a column that the mapping reads: every row would come out empty there. Objects of JSON
// may leave fields out.
func (r *runner) withColumns(records []record, err error) ([]record, error) {
	whole := slices.IndexFunc(records, func(rec record) bool { return rec.broken == "" })
	if err != nil || whole < 0 {
		return records, err
	}
	columns := records[whole].fields
	for _, m := range r.mapped {
		for _, name := range m.Expr.FieldsOf("row") {
			if _, ok := columns[name]; ok {
				continue
			}
			message := fmt.Sprintf("the file has no column %q, which the field %q reads", name, m.Name)
			if meant := near.Name(name, slices.Sorted(maps.Keys(columns))); meant != "" {
				message += fmt.Sprintf("; did you mean %q?", meant)
			}
			return nil, failed(message)
		}
	}
	return records, nil
}

func (r *runner) formatOf(info step.FileInfo) string {
	if r.format != formatAuto {
		return r.format
	}
	return strings.TrimPrefix(strings.ToLower(path.Ext(info.Name)), ".")
}

// row makes the item of a record, or reports it and returns nil.
func (r *runner) row(ctx context.Context, env *step.Env, item step.Item, rec record) (map[string]any, error) {
	if rec.broken != "" {
		env.Report.Refuse(step.RowError{Line: rec.line, Message: rec.broken})
		return nil, nil
	}
	if len(r.mapped) == 0 {
		return rec.fields, nil
	}
	vars := env.Vars(map[string]any{"item": item.Fields, "row": rec.fields, "line": rec.line})
	fields := make(map[string]any, len(r.mapped))
	for _, m := range r.mapped {
		v, err := m.Expr.Eval(ctx, env, vars)
		if f, ok := fault.As(err); ok && rowsFault(f) {
			env.Report.Refuse(step.RowError{Line: rec.line, Field: m.Name, Message: f.Message})
			return nil, nil
		}
		if err != nil {
			return nil, step.InField(m.Name, err)
		}
		fields[m.Name] = v
	}
	return fields, nil
}

// rowsFault tells the fault of a row from one that would befall every row.
func rowsFault(f *fault.Error) bool {
	return f.Reason == faultv1.Reason_REASON_EXPRESSION_FAILED || f.Reason == faultv1.Reason_REASON_EXPRESSION_COST
}

func failed(message string) error {
	return fault.Invalid(faultv1.Reason_REASON_IMPORT_FAILED, message)
}

func tooManyRows() error { return failed(fmt.Sprintf("the file has more than %d rows", maxRows)) }

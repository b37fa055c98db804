// Package exporttofile is the step export-to-file: it writes the items into a CSV, XLSX or JSON file.
package exporttofile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

const (
	// maxFile is how large the file may become, in bytes.
	maxFile    = 32 << 20
	maxColumns = 1000

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
		Type: "export-to-file", Group: "Output", Title: "Export to file",
		Summary: "Writes all items into one file and gives one item with the file. In CSV and XLSX nothing that comes from data is taken for a formula.",
		Params: []*catalogv1.Param{
			{Name: "format", Title: "Format", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Required: true, Options: []string{formatCSV, formatXLSX, formatJSON}},
			{Name: "fileName", Title: "File name", Help: "Expression over input and user: 'invoices.csv'.", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, Required: true, ResultType: "text"},
			{Name: "fields", Title: "Fields", Help: "Columns and their values; without it, the fields of the items.", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING},
			{Name: "columns", Title: "Columns", Help: "Their order; those that are not named follow in the order of their names.", Kind: catalogv1.ParamKind_PARAM_KIND_TEXTS},
			{Name: "separator", Title: "Separator", Help: "Of a CSV file; one character, or \\t for the tabulator.", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Default: text(";")},
			{Name: "worksheet", Title: "Worksheet", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Default: text("Sheet1")},
			{Name: "resultField", Title: "Result field", Help: "Gets the file.", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD, Default: text("file")},
		},
		MinSources: 1, MaxSources: 1,
	}
}

type runner struct {
	format, worksheet, result string
	fileName                  *step.Expr
	mapped                    []step.Mapped
	columns                   []string
	separator                 rune
}

func (kind) Compile(c *step.Compiler) step.Runner {
	r := &runner{
		format: c.Text("format"), worksheet: c.Text("worksheet"), result: c.ResultField("resultField", ""), columns: c.Texts("columns"),
		mapped: c.Mapping("fields", c.Vars()), fileName: c.Expr("fileName", c.VarsWith()),
	}
	if r.fileName != nil && r.fileName.Type().Kind != value.Text && r.fileName.Type().Kind != value.Any {
		c.Problem("fileName", "wrong-type", "the file name must be text, it is %s", r.fileName.Type())
	}
	separator := strings.ReplaceAll(c.Text("separator"), `\t`, "\t")
	first, size := utf8.DecodeRuneInString(separator)
	if size == 0 || size != len(separator) || strings.ContainsRune("\r\n\"\uFFFD", first) {
		c.Problem("separator", "invalid-param", "the separator must be one character, such as ; or \\t")
	}
	r.separator = first
	if n := utf8.RuneCountInString(r.worksheet); n == 0 || n > 31 || strings.ContainsAny(r.worksheet, `:\/?*[]`) {
		c.Problem("worksheet", "invalid-param", `a worksheet has 1 to 31 characters and none of : \ / ? * [ ]`)
	}
	if len(r.mapped) > 0 {
		names := make([]string, len(r.mapped))
		for i, m := range r.mapped {
			names[i] = m.Name
		}
		for _, name := range r.columns {
			if !slices.Contains(names, name) {
				c.Unknown("columns", "unknown-field", "column", name, names)
			}
		}
	}
	c.Output(step.ItemType(
		value.Field{Name: r.result, Type: value.Type{Kind: value.FileKind}},
		value.Field{Name: "rows", Type: value.Type{Kind: value.Int}},
	))
	return r
}

func (r *runner) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	name, err := r.name(ctx, env)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, len(in[0]))
	for i, item := range in[0] {
		rows[i] = item.Fields
		if len(r.mapped) > 0 {
			if rows[i], err = step.EvalMapping(ctx, env, r.mapped, env.Vars(map[string]any{"item": item.Fields})); err != nil {
				return nil, err
			}
		}
	}
	columns := r.order(rows)
	if len(columns) > maxColumns {
		return nil, failed(fmt.Sprintf("the file would have %d columns, at most %d", len(columns), maxColumns))
	}
	var content []byte
	contentType := "text/csv"
	switch r.format {
	case formatCSV:
		content, err = writeCSV(columns, rows, r.separator)
	case formatJSON:
		contentType = "application/json"
		content, err = writeJSON(rows)
	default:
		contentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		content, err = writeXLSX(columns, rows, r.worksheet)
	}
	if err != nil {
		return nil, err
	}
	if len(content) > maxFile {
		return nil, failed(fmt.Sprintf("the file would be larger than %d MiB", maxFile>>20))
	}
	info, err := env.Files.Store(ctx, name, contentType, content)
	if err != nil {
		return nil, err
	}
	return []step.Item{{Line: 1, Fields: map[string]any{r.result: value.File(info.ID), "rows": int64(len(rows))}}}, nil
}

func (r *runner) name(ctx context.Context, env *step.Env) (string, error) {
	v, err := r.fileName.Eval(ctx, env, env.Vars(nil))
	if err != nil {
		return "", step.InField("fileName", err)
	}
	name, _ := v.(string)
	if name == "" || utf8.RuneCountInString(name) > 200 || strings.ContainsAny(name, "/\\\x00\r\n") {
		return "", fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "the file name must have 1 to 200 characters and no slash")
	}
	return name, nil
}

// order is the order of the columns.
func (r *runner) order(rows []map[string]any) []string {
	all := map[string]bool{}
	for _, m := range r.mapped {
		all[m.Name] = true
	}
	for _, row := range rows {
		for name := range row {
			all[name] = true
		}
	}
	columns := slices.Clone(r.columns)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	return columns
}

func failed(message string) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED, message)
}

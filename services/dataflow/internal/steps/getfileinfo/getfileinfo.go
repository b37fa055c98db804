// Package getfileinfo is the step get-file-info: name, type, size, date and author of a file.
package getfileinfo

import (
	"context"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "get-file-info", Group: "Transformation", Title: "Get file info",
		Summary: "Adds what is known of a file: id, name, content_type, size in bytes, create_time, creator_subject; null when there is no such file.",
		Params: []*catalogv1.Param{
			{Name: "file", Title: "File", Help: "Id of the file, such as item.attachment.", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, Required: true},
			{Name: "resultField", Title: "Result field", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD, Required: true},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	file, result := c.Expr("file", c.Vars()), c.ResultField("resultField", "")
	text := value.Type{Kind: value.Text}
	c.Output(c.Extended(value.Field{Name: result, Type: value.MapOf(
		value.Field{Name: "id", Type: value.Type{Kind: value.FileKind}},
		value.Field{Name: "name", Type: text}, value.Field{Name: "content_type", Type: text},
		value.Field{Name: "size", Type: value.Type{Kind: value.Int}},
		value.Field{Name: "create_time", Type: value.Type{Kind: value.DatetimeKind}},
		value.Field{Name: "creator_subject", Type: text},
	)}))
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		out := make([]step.Item, len(in[0]))
		for i, item := range in[0] {
			v, err := file.Eval(ctx, env, env.Vars(map[string]any{"item": item.Fields}))
			if err != nil {
				return nil, err
			}
			described, err := describe(ctx, env, v)
			if err != nil {
				return nil, err
			}
			out[i] = item.With(map[string]any{result: described})
		}
		return out, nil
	})
}

func describe(ctx context.Context, env *step.Env, v any) (any, error) {
	id, err := step.IDText(v)
	if err != nil || id == "" {
		return nil, err
	}
	info, err := env.Files.Info(ctx, id)
	if fault.Has(err, faultv1.Reason_REASON_FILE_NOT_FOUND) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": value.File(info.ID), "name": info.Name, "content_type": info.ContentType, "size": info.Size,
		"create_time": info.CreateTime, "creator_subject": info.CreatorSubject,
	}, nil
}

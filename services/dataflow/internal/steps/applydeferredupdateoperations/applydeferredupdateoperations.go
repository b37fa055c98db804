// Package applydeferredupdateoperations is the step apply-deferred-update-operations: it stores collected writes in bulk.
package applydeferredupdateoperations

import (
	"context"
	"strconv"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/entrywrite"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

const (
	defaultChunk = 1000
	maxChunk     = 10_000
	// maxChunkBytes keeps a chunk within one message.
	maxChunkBytes = 2 << 20
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "apply-deferred-update-operations", Group: "Output", Title: "Apply deferred update operations",
		Summary: "Stores the writes that deferred-update-entry collected, in chunks. Rows that storage refuses are reported, the others " +
			"are stored. Gives one item with the counts and the first 100 refused rows.",
		Params: []*catalogv1.Param{{
			Name: "chunkSize", Title: "Chunk size", Help: "Writes that are stored at once, 1 to 10,000.", Kind: catalogv1.ParamKind_PARAM_KIND_INT,
			Default: &typev1.Value{Kind: &typev1.Value_Int{Int: defaultChunk}},
		}, {
			Name: "bulk", Title: "In bulk", Kind: catalogv1.ParamKind_PARAM_KIND_BOOL,
			Help: "For large imports: entries that are found by their primary key are stored up to 50,000 at once, much faster. The history then " +
				"keeps who stored which chunk and a digest of it, not the values of every entry.",
		}},
		MinSources: 1, MaxSources: 100,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	size := c.Int("chunkSize", defaultChunk, 1, maxChunk)
	whole, text := value.Type{Kind: value.Int}, value.Type{Kind: value.Text}
	c.Output(step.ItemType(
		value.Field{Name: "created", Type: whole}, value.Field{Name: "updated", Type: whole},
		value.Field{Name: "unchanged", Type: whole}, value.Field{Name: "deleted", Type: whole},
		value.Field{Name: "failed", Type: whole},
		value.Field{Name: "errors", Type: value.ListOf(value.MapOf(
			value.Field{Name: "line", Type: whole}, value.Field{Name: "field", Type: text}, value.Field{Name: "message", Type: text},
		))},
	))
	bulk := c.Bool("bulk")
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		return run(ctx, env, in, int(size), bulk)
	})
}

// queued is a write with the line of its row.
type queued struct {
	write step.Write
	line  int64
}

func run(ctx context.Context, env *step.Env, in [][]step.Item, size int, bulk bool) ([]step.Item, error) {
	queues := map[string][]queued{}
	var components []string
	for _, items := range in {
		for _, item := range items {
			component, w, err := entrywrite.ParseOperation(item.Fields)
			if err != nil {
				return nil, err
			}
			if queues[component] == nil {
				components = append(components, component)
			}
			queues[component] = append(queues[component], queued{w, item.Line})
		}
	}
	var total step.Counts
	n := 0
	for _, component := range components {
		queue := queues[component]
		if bulk {
			rest, err := applyBulk(ctx, env, component, queue, &total)
			if err != nil {
				return nil, err
			}
			queue = rest
		}
		for _, chunk := range chunks(queue, size) {
			counts, err := apply(ctx, env, component, chunk, strconv.Itoa(n))
			if err != nil {
				return nil, err
			}
			n++
			total.Add(counts)
		}
	}
	return []step.Item{{Line: 1, Fields: map[string]any{
		"created": total.Created, "updated": total.Updated, "unchanged": total.Unchanged, "deleted": total.Deleted,
		"failed": total.Failed, "errors": details(env.Report.Errors),
	}}}, nil
}

func chunks(queue []queued, size int) [][]queued {
	return step.Chunks(queue, size, maxChunkBytes, func(q queued) int64 { return step.Size(q.write.Fields) })
}

func apply(ctx context.Context, env *step.Env, component string, chunk []queued, part string) (step.Counts, error) {
	writes := make([]step.Write, len(chunk))
	for i, q := range chunk {
		writes[i] = q.write
	}
	written, counts, err := env.Entries.Write(ctx, component, writes, true, env.RequestID(part))
	if err != nil {
		return step.Counts{}, err
	}
	for i, w := range written {
		if w.Error != nil {
			env.Report.Refuse(step.RowError{Line: chunk[i].line, Field: w.Error.Field, Message: w.Error.Message})
		}
	}
	return counts, nil
}

func details(errors []step.RowError) []any {
	list := make([]any, len(errors))
	for i, e := range errors {
		list[i] = map[string]any{"line": e.Line, "field": e.Field, "message": e.Message}
	}
	return list
}

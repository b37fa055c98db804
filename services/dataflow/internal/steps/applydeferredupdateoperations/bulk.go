package applydeferredupdateoperations

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// maxBulk is how many entries storage takes at once.
const maxBulk = 50_000

// applyBulk stores in bulk what can be, and returns the rest: other writes than upserts, and chunks that storage refuses as they
// are all or nothing, so that the rows at fault are found one by one.
func applyBulk(ctx context.Context, env *step.Env, component string, queue []queued, total *step.Counts) ([]queued, error) {
	var rest []queued
	alike := map[string][]queued{} // by the names of their fields
	var order []string
	for _, q := range queue {
		if q.write.Mode != step.Upsert {
			rest = append(rest, q)
			continue
		}
		fields := strings.Join(slices.Sorted(maps.Keys(q.write.Fields)), ",")
		if alike[fields] == nil {
			order = append(order, fields)
		}
		alike[fields] = append(alike[fields], q)
	}
	job := env.RequestID("bulk/" + component)
	n := int64(0)
	for _, fields := range order {
		names := strings.Split(fields, ",")
		for _, chunk := range chunks(alike[fields], maxBulk) {
			rows := make([][]any, len(chunk))
			for i, q := range chunk {
				rows[i] = make([]any, len(names))
				for j, name := range names {
					rows[i][j] = q.write.Fields[name]
				}
			}
			counts, err := env.Entries.WriteChunk(ctx, step.Chunk{Component: component, Job: job, Number: n, Fields: names, Rows: rows})
			n++
			switch {
			case refused(err):
				rest = append(rest, chunk...)
			case err != nil:
				return nil, err
			default:
				total.Add(counts)
			}
		}
	}
	slices.SortStableFunc(rest, func(a, b queued) int { return int(a.line - b.line) })
	return rest, nil
}

// refused tells whether storage refuses what is in a chunk; anything else may pass.
func refused(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind != fault.KindUnavailable && f.Kind != fault.KindDeadlineExceeded && f.Kind != fault.KindCanceled
}

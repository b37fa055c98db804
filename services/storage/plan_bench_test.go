package storage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/columnar"
	"github.com/aqtra/aqtra/pkg/value"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// BenchmarkReadingAll reads 50,000 entries into maps as a dataflow does: page by page, and by a plan; and has a plan group them.
func BenchmarkReadingAll(b *testing.B) {
	w := newWorld(b)
	w.publish(order()...)
	ctx := w.admin()
	const rows = 50_000
	w.manyOrders(ctx, 5, rows/5, 50)
	for name, read := range map[string]func() int{
		"pages": func() int {
			n, token := 0, ""
			for {
				page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", PageSize: 1000, PageToken: token})
				require.NoError(b, err)
				for _, e := range page.GetEntries() {
					fields, err := value.MapFromProto(e.GetFields())
					require.NoError(b, err)
					require.NotEmpty(b, fields)
					n++
				}
				if token = page.GetNextPageToken(); token == "" {
					return n
				}
			}
		},
		"plan": func() int {
			got, err := w.planned(ctx, &storagev1.QueryPlanRequest{Component: "order"})
			require.NoError(b, err)
			return len(got)
		},
		"plan of three fields": func() int {
			got, err := w.planned(ctx, &storagev1.QueryPlanRequest{Component: "order", Fields: []string{"number", "amount", "link"}})
			require.NoError(b, err)
			return len(got)
		},
		"groups": func() int {
			stream, err := w.bulk.QueryPlan(ctx, &storagev1.QueryPlanRequest{Component: "order", GroupBy: by("amount"), Measures: []*storagev1.Measure{measure(count, "")}})
			require.NoError(b, err)
			groups, err := columnar.NewReader(&planReader{stream: stream})
			require.NoError(b, err)
			n := 0
			require.NoError(b, groups.Each(func(row []any) error {
				n += int(row[1].(int64))
				return nil
			}))
			return n
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.Equal(b, rows, read())
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

package store

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// The direct way gives what the long one gives, or leaves the column to it.
func TestDirectly(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	types := pgtype.NewMap()
	number := func(text string) pgtype.Numeric {
		var n pgtype.Numeric
		require.NoError(t, n.Scan(text))
		return n
	}
	type column struct {
		oid    uint32
		kind   value.Type
		values []any
		direct int // how many of the values go the direct way
	}
	columns := map[string]column{
		"text":      {pgtype.TextOID, value.Type{Kind: value.Text}, []any{"", "a", "Größe \" \\ \n"}, 3},
		"reference": {pgtype.TextOID, value.Type{Kind: value.RefKind}, []any{"e1"}, 1},
		"file":      {pgtype.TextOID, value.Type{Kind: value.FileKind}, []any{"f1"}, 1},
		"bool":      {pgtype.BoolOID, value.Type{Kind: value.Bool}, []any{true, false}, 2},
		"int":       {pgtype.Int8OID, value.Type{Kind: value.Int}, []any{int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64)}, 4},
		"options":   {pgtype.Int8OID, value.Type{Kind: value.Int, Enum: []value.Option{{Value: 1}}}, []any{int64(1), int64(2)}, 1},
		"time": {pgtype.TimeOID, value.Type{Kind: value.TimeKind}, []any{
			pgtype.Time{Valid: true}, pgtype.Time{Microseconds: 47_100_000_001, Valid: true}, pgtype.Time{Microseconds: 86_400_000_000, Valid: true}}, 2},
	}
	dates := column{oid: pgtype.DateOID, kind: value.Type{Kind: value.DateKind}}
	instants := column{oid: pgtype.TimestamptzOID, kind: value.Type{Kind: value.DatetimeKind}}
	for range 300 {
		at := time.Unix(firstSecond+r.Int64N(lastSecond-firstSecond), 1000*r.Int64N(1e6)).UTC()
		dates.values = append(dates.values, at)
		instants.values = append(instants.values, at)
	}
	dates.values, instants.values = append(dates.values, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), append(instants.values, time.Unix(0, 0))
	dates.direct, instants.direct = len(dates.values), len(instants.values)
	dates.values = append(dates.values, pgtype.Date{InfinityModifier: pgtype.Infinity, Valid: true}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	instants.values = append(instants.values, pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	columns["date"], columns["datetime"] = dates, instants
	numbers := column{oid: pgtype.NumericOID, kind: value.Type{Kind: value.DecimalKind}}
	for _, text := range []string{"0", "0.00", "-0.5", "1.50", "10000", "100000000", "0.0001", "0.00001", "0.000000000000000001", "-12345678901234567890.123456789012345678", "99999999999999999999999999999999999999", "9999.9999", "10000.0001"} {
		numbers.values = append(numbers.values, number(text))
	}
	for range 2000 {
		digits := big.NewInt(r.Int64())
		numbers.values = append(numbers.values, pgtype.Numeric{Int: digits.Mul(digits, big.NewInt(r.Int64N(1000))), Exp: -r.Int32N(17), Valid: true})
	}
	numbers.direct = len(numbers.values)
	numbers.values = append(numbers.values, pgtype.Numeric{NaN: true, Valid: true}, number("0.0000000000000000001"), pgtype.Numeric{Int: big.NewInt(1), Exp: 39, Valid: true})
	columns["number"] = numbers

	for name, c := range columns {
		f := &model.Field{Field: &libraryv1.Field{}, Value: c.kind}
		direct, went := directly(c.oid, pgx.BinaryFormatCode, f), 0
		require.NotNil(t, direct, name)
		for _, v := range c.values {
			raw, err := types.Encode(c.oid, pgx.BinaryFormatCode, v, []byte{})
			require.NoError(t, err)
			long := newCell(c.oid)
			require.NoError(t, types.Scan(c.oid, pgx.BinaryFormatCode, raw, long.dest()))
			want, err := long.value()
			if err == nil {
				want, err = fieldValue(want, nil, f, "", nil)
			}
			encoded, ok := direct(nil, raw)
			if !ok {
				continue
			}
			went++
			require.NoError(t, err, "%s: %v", name, v)
			var p typev1.Value
			require.NoError(t, proto.Unmarshal(encoded, &p))
			got, present, err := value.FromProto(&p)
			require.NoError(t, err)
			require.True(t, present)
			require.True(t, value.Equal(want, got), "%s: %v: %v, not %v", name, v, got, want)
			exact, err := value.ToProto(want)
			require.NoError(t, err)
			require.True(t, proto.Equal(exact, &p), "%s: %v, not %v", name, &p, exact)
		}
		require.Equal(t, c.direct, went, name)
	}
	require.Nil(t, directly(pgtype.Int8OID, pgx.BinaryFormatCode, &model.Field{Field: &libraryv1.Field{}, Value: value.Type{Kind: value.DecimalKind}}), "a column of another release")
	require.Nil(t, directly(pgtype.TextOID, pgx.BinaryFormatCode, &model.Field{Field: &libraryv1.Field{Sensitive: true}, Value: value.Type{Kind: value.Text}}))
}

package wirejson_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/wirejson"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// page is a page of 20 entries with 10 fields each.
func page() *typev1.ListValue {
	entries := &typev1.ListValue{}
	for i := range int64(20) {
		entries.Items = append(entries.Items, object(map[string]*typev1.Value{
			"number": number(1000 + i), "amount": decimal("1234.56"), "customer": text("Müller & Söhne GmbH"),
			"note": text("Delivery on Tuesday, please ring twice.\nThank you!"), "paid": truth(i%2 == 0), "due": null(),
			"createTime": at(1769864700+i, 123_456_000), "lines": list(number(1), number(2), number(3)),
			"title": text(fmt.Sprint("Order ", i)), "discount": decimal("0.05"),
		}))
	}
	return entries
}

func BenchmarkMarshal(b *testing.B) {
	codec, m := wirejson.New(), page()
	out, err := codec.Marshal(m)
	require.NoError(b, err)
	b.Run("wirejson", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(out)))
		for b.Loop() {
			_, _ = codec.Marshal(m)
		}
	})
	b.Run("protojson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = protojson.Marshal(m)
		}
	})
}

func BenchmarkUnmarshal(b *testing.B) {
	codec, m := wirejson.New(), page()
	ours, err := codec.Marshal(m)
	require.NoError(b, err)
	theirs, err := protojson.Marshal(m)
	require.NoError(b, err)
	for _, c := range []struct {
		name      string
		in        []byte
		unmarshal func([]byte, *typev1.ListValue) error
	}{
		{"wirejson", ours, func(in []byte, m *typev1.ListValue) error { return codec.Unmarshal(in, m) }},
		{"protojson", theirs, func(in []byte, m *typev1.ListValue) error { return protojson.Unmarshal(in, m) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.in)))
			for b.Loop() {
				if err := c.unmarshal(c.in, &typev1.ListValue{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMessage measures messages without typed values, which go through protobuf's reflection.
func BenchmarkMessage(b *testing.B) {
	codec, msg := wirejson.New(), protodesc.ToFileDescriptorProto(schema(b))
	in, err := protojson.Marshal(msg)
	require.NoError(b, err)
	b.Run("marshal/wirejson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = codec.Marshal(msg)
		}
	})
	b.Run("marshal/protojson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(msg)
		}
	})
	into := proto.Clone(msg)
	b.Run("unmarshal/wirejson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = codec.Unmarshal(in, into)
		}
	})
	b.Run("unmarshal/protojson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = protojson.Unmarshal(in, into)
		}
	})
}

// BenchmarkEntries measures a page of 20 entries of 10 fields, the answer of a list.
func BenchmarkEntries(b *testing.B) {
	page := &storagev1.ListEntriesResponse{}
	for i := range 20 {
		e := &storagev1.Entry{Id: "01a204a7-8bde-79a5-b118-3d7bb45d7577", Name: "Server hardware", Etag: "v1", CreateTime: timestamppb.Now(), Fields: map[string]*typev1.Value{}}
		for j := range 10 {
			e.Fields[fmt.Sprintf("field_%d", j)] = &typev1.Value{Kind: &typev1.Value_Decimal{Decimal: fmt.Sprint(i, ".", j)}}
		}
		page.Entries = append(page.Entries, e)
	}
	codec := wirejson.New()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Marshal(page); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendWire(b *testing.B) {
	codec, m := wirejson.New(), page()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = codec.AppendWire(nil, m.ProtoReflect().Descriptor(), raw)
	}
}

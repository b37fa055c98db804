package step

import (
	"time"

	"github.com/aqtra/aqtra/pkg/value"
)

// Size estimates the memory of a value in bytes: near enough to bound what a run holds, cheap enough to ask for every item.
func Size(v any) int64 {
	switch v := v.(type) {
	case string:
		return 16 + int64(len(v))
	case []byte:
		return 24 + int64(len(v))
	case value.Ref:
		return 16 + int64(len(v))
	case value.File:
		return 16 + int64(len(v))
	case value.Decimal, time.Time:
		return 48
	case []any:
		size := int64(24 + 16*len(v))
		for _, item := range v {
			size += Size(item)
		}
		return size
	case map[string]any:
		size := int64(48)
		for name, item := range v {
			size += 32 + int64(len(name)) + Size(item)
		}
		return size
	default:
		return 16
	}
}

// Chunks cuts items into runs of at most count items and, unless a single one is larger, at most size estimated bytes.
func Chunks[T any](items []T, count int, size int64, of func(T) int64) [][]T {
	var chunks [][]T
	start, held := 0, int64(0)
	for i, item := range items {
		s := of(item)
		if i > start && (i-start >= count || held+s > size) {
			chunks = append(chunks, items[start:i])
			start, held = i, 0
		}
		held += s
	}
	if start < len(items) {
		chunks = append(chunks, items[start:])
	}
	return chunks
}

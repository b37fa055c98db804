package query

import (
	"strconv"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// pgType is the type of Postgres that holds values of a kind.
func pgType(k value.Kind) string {
	switch k {
	case value.Bool:
		return "boolean"
	case value.Int:
		return "bigint"
	case value.DecimalKind:
		return "numeric"
	case value.DateKind:
		return "date"
	case value.TimeKind:
		return "time"
	case value.DatetimeKind:
		return "timestamptz"
	case value.Bytes:
		return "bytea"
	}
	return `text COLLATE "C"`
}

// Encode gives a value the form in which it is bound.
func Encode(v any) any {
	switch v := v.(type) {
	case value.Decimal:
		return v.String()
	case value.Date:
		return v.String()
	case value.Time:
		return v.String()
	case value.Ref:
		return string(v)
	case value.File:
		return string(v)
	}
	return v
}

// encodeText gives a value as text, for arrays, whose items are cast in SQL.
func encodeText(v any) string {
	switch v := Encode(v).(type) {
	case string:
		return v
	case nil:
		return ""
	case time.Time:
		return value.FormatDatetime(v)
	case int64:
		return strconv.FormatInt(v, 10)
	default:
		text, _ := value.ToJSON(v) // booleans only
		return string(text)
	}
}

// fieldType is the type of the column of a field.
func fieldType(f *model.Field) string {
	if f.GetSensitive() {
		return "bytea"
	}
	if f.GetType() == libraryv1.FieldType_FIELD_TYPE_CATALOG {
		return "text"
	}
	return pgType(f.Value.Kind)
}

package step

import (
	"fmt"
	"strconv"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// MaxItems is how many items may leave one step.
const MaxItems = 100_000

// MaxBytes is how much memory, by estimate, the items may take that leave one step.
const MaxBytes = 64 << 20

// TooLarge is the fault of a step whose items take more than MaxBytes.
func TooLarge() error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED, fmt.Sprintf("the step made more than %d MiB of items", MaxBytes>>20))
}

// TooMany is the fault of a step that would make more than MaxItems.
func TooMany() error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED, fmt.Sprintf("a step may make %d items", MaxItems))
}

// ItemsOf makes items of data of any shape: one of each element of a list, else one of the whole. What is not an object
// becomes the field "value"; nothing at all is one empty item.
func ItemsOf(input any) []Item {
	switch input := input.(type) {
	case nil:
		return []Item{{Fields: map[string]any{}, Line: 1}}
	case []any:
		items := make([]Item, len(input))
		for i, v := range input {
			items[i] = Item{Fields: fieldsOf(v), Line: int64(i) + 1}
		}
		return items
	default:
		return []Item{{Fields: fieldsOf(input), Line: 1}}
	}
}

func fieldsOf(v any) map[string]any {
	if fields, ok := v.(map[string]any); ok {
		return fields
	}
	return map[string]any{"value": v}
}

// InItem says in the fault, or around the error, which item it came of.
func InItem(it Item, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return fmt.Errorf("item %d: %w", it.Line, err)
	}
	named := *f
	named.Meta = map[string]string{"line": strconv.FormatInt(it.Line, 10)}
	for k, v := range f.Meta {
		named.Meta[k] = v
	}
	named.Message = fmt.Sprintf("item %d: %s", it.Line, f.Message)
	return &named
}

// maxName is how long the name of a field may be.
const maxName = 60

// NewName reports a name that a field of an item cannot have: expressions could not reach it.
func (c *Compiler) NewName(param, name string) bool {
	good := name != "" && len(name) <= maxName
	for i, r := range name {
		good = good && (r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9')
	}
	if !good {
		c.Problem(param, "invalid-name", "%q cannot name a field: it takes letters, digits and underscores, at most %d", name, maxName)
	}
	return good
}

// ResultField returns the name of a new field; an absent setting is the fallback.
func (c *Compiler) ResultField(param, fallback string) string {
	name := c.Text(param)
	if name == "" {
		return fallback
	}
	c.NewName(param, name)
	return name
}

// NewFields is Mapping for one that makes new fields of items.
func (c *Compiler) NewFields(param string, vars []value.Field) []Mapped {
	mapped := c.Mapping(param, vars)
	for _, m := range mapped {
		c.NewName(param+"/"+m.Name, m.Name)
	}
	return mapped
}

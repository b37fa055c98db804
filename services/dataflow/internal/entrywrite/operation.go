package entrywrite

import (
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// OperationType is the type of the items that carry a write from one step to another.
func OperationType() value.Type {
	text := value.Type{Kind: value.Text}
	return step.ItemType(
		value.Field{Name: "component", Type: text},
		value.Field{Name: "operation", Type: text},
		value.Field{Name: "entry", Type: text},
		value.Field{Name: "fields", Type: value.Type{Kind: value.Map}},
	)
}

// Operation is a write as the fields of an item.
func Operation(component string, w step.Write) map[string]any {
	fields := map[string]any{"component": component, "operation": operationName(w.Mode)}
	if w.ID != "" {
		fields["entry"] = w.ID
	}
	if w.Fields != nil {
		fields["fields"] = w.Fields
	}
	return fields
}

// ParseOperation reads what Operation made.
func ParseOperation(fields map[string]any) (component string, w step.Write, err error) {
	component, _ = fields["component"].(string)
	name, _ := fields["operation"].(string)
	for _, mode := range []step.WriteMode{step.Create, step.Update, step.Upsert, step.Delete} {
		if name == operationName(mode) {
			w.Mode = mode
		}
	}
	w.ID, _ = fields["entry"].(string)
	w.Fields, _ = fields["fields"].(map[string]any)
	if component == "" || w.Mode == 0 {
		return "", step.Write{}, fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED,
			"the items are no writes; they must come from deferred-update-entry")
	}
	return component, w, nil
}

func operationName(mode step.WriteMode) string {
	switch mode {
	case step.Create:
		return modeCreate
	case step.Update:
		return modeUpdate
	case step.Upsert:
		return modeUpsert
	case step.Delete:
		return "delete"
	default:
		return ""
	}
}

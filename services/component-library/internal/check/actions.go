package check

// needed is the setting that an action of a kind cannot do without; empty for all else.
func needed(kind string) string {
	switch kind {
	case "run-dataflow":
		return "dataflow"
	case "start-workflow":
		return "workflow"
	case "run-script":
		return "script"
	case "open-page", "open-modal", "open-sidebar", "add-record", "edit-record":
		return "page"
	case "open-component":
		return "component"
	case "open-file":
		return "file"
	}
	return ""
}

// action reports what a click would need and has not: without it nothing would happen, and nobody would know why.
func (w *pageWalk) action(props map[string]any, path string) {
	kind, _ := props["type"].(string)
	need := needed(kind)
	if need == "" {
		return
	}
	if v, there := props[need]; !there || v == nil || v == "" {
		w.problem("missing-setting", path+"/"+need, "", "the action %s needs a %s; choose one", kind, need)
	}
}

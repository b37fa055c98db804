package engine

import (
	"cmp"
	"slices"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
)

// shift is how a change of names or places moves what a check tells.
type shift struct {
	// place is where what stood at a path stands afterwards.
	place func(component, path string) (string, string)
	// leads is where a reference leads afterwards.
	leads func(r *catalogv1.Reference) (component, id string)
	// ignored are the references that come and go with the change.
	ignored func(component, path string) bool
	// wrong says in words why it is refused.
	wrong, other string
}

// same refuses a change after which something is wrong that was right, or refers to something else.
func same(may May, by shift, before, after CheckResult) error {
	type problem struct {
		component, path, reason string
		severity                catalogv1.Severity
	}
	known := map[problem]int{}
	for _, p := range before.Problems {
		component, path := by.place(p.GetComponent(), p.GetPath())
		known[problem{component, path, p.GetReason(), p.GetSeverity()}]++
	}
	var found []fault.Option
	for _, p := range after.Problems {
		key := problem{p.GetComponent(), p.GetPath(), p.GetReason(), p.GetSeverity()}
		if known[key]--; known[key] < 0 {
			found = append(found, violation(may, p.GetComponent(), p.GetPath(), p.GetMessage()))
		}
	}
	type reference struct {
		component, path, kind, target, id string
		inKey                             bool
	}
	uses := map[reference]int{}
	for _, r := range before.References {
		component, path := by.place(r.GetComponent(), r.GetPath())
		target, id := by.leads(r)
		if !by.ignored(component, path) {
			uses[reference{component, path, r.GetKind(), target, id, r.GetInKey()}]++
		}
	}
	for _, r := range after.References {
		if !by.ignored(r.GetComponent(), r.GetPath()) {
			uses[reference{r.GetComponent(), r.GetPath(), r.GetKind(), r.GetTargetComponent(), r.GetTargetId(), r.GetInKey()}]--
		}
	}
	var elsewhere []reference
	for r, n := range uses {
		if n != 0 {
			elsewhere = append(elsewhere, r)
		}
	}
	slices.SortFunc(elsewhere, func(a, b reference) int {
		return cmp.Or(cmp.Compare(a.component, b.component), cmp.Compare(a.path, b.path))
	})
	for _, r := range elsewhere {
		found = append(found, violation(may, r.component, r.path, by.other))
	}
	if len(found) > 0 {
		return refused(by.wrong, found)
	}
	return nil
}

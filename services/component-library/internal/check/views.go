package check

import libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

// Views are components as owners of dataflows and workflows see them, without what they never look at.
type Views struct {
	byID     map[string]*libraryv1.Component
	stripped *stripped
}

// NewViews makes the views of all components.
func NewViews(all []*libraryv1.Component) *Views {
	u := newUniverse(all)
	return &Views{byID: u.components, stripped: u.strip()}
}

// Of returns the view of one component and those of all others.
func (v *Views) Of(component string) (own *libraryv1.Component, others []*libraryv1.Component) {
	return v.stripped.with(v.byID[component])
}

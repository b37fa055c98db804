package check

import (
	"fmt"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// partIDs lists the ids of one kind of part of a component.
func partIDs(c *libraryv1.Component, kind string) []string {
	var ids []string
	switch kind {
	case "page":
		for _, p := range c.GetPages() {
			ids = append(ids, p.GetId())
		}
	case "dataflow":
		for _, d := range c.GetDataflows() {
			ids = append(ids, d.GetId())
		}
	case "workflow":
		for _, w := range c.GetWorkflows() {
			ids = append(ids, w.GetId())
		}
	case "script":
		for _, s := range c.GetScripts() {
			ids = append(ids, s.GetId())
		}
	}
	return ids
}

// parts records the roles that parts name.
func (r *run) parts() {
	for _, d := range r.component.GetDataflows() {
		r.roles("dataflows/"+d.GetId()+"/roles", d.GetRoles())
	}
	for _, w := range r.component.GetWorkflows() {
		r.roles("workflows/"+w.GetId()+"/roles", w.GetRoles())
	}
	for _, s := range r.component.GetScripts() {
		r.roles("scripts/"+s.GetId()+"/roles", s.GetRoles())
	}
}

func (r *run) settings() {
	s := r.component.GetSettings()
	boolean := &value.Type{Kind: value.Bool}
	for i, rule := range s.GetAccess() {
		path := fmt.Sprintf("settings/access/%d", i)
		r.roles(path+"/role", []string{rule.GetRole()})
		if rule.GetFilter() == "" {
			continue
		}
		if len(r.component.GetModel().GetFields()) == 0 {
			r.problem("no-entries", path+"/filter", "", "the component has no fields and so no entries to filter")
			continue
		}
		r.expression(path+"/filter", rule.GetFilter(), scope{entry: r.component.GetId(), user: true}, boolean)
	}
	for _, t := range s.GetTriggers() {
		path := "settings/triggers/" + t.GetId()
		if len(r.component.GetModel().GetFields()) == 0 {
			r.problem("no-entries", path, "", "the component has no fields and so no entries that change")
			continue
		}
		if t.GetOperation() == libraryv1.Operation_OPERATION_READ {
			r.problem("invalid-operation", path+"/operation", "", "reading starts nothing; choose create, update or delete")
		}
		r.referPart(path+"/workflow", "workflow", r.component, t.GetWorkflow())
		if t.GetCondition() != "" {
			r.expression(path+"/condition", t.GetCondition(), scope{entry: r.component.GetId()}, boolean)
		}
	}
	if home := s.GetHomePage(); home != "" {
		r.referPart("settings/home_page", "page", r.component, home)
	}
}

// referPart checks the name of a part.
func (r *run) referPart(path, kind string, of *libraryv1.Component, id string) {
	known := partIDs(of, kind)
	for _, k := range known {
		if k == id {
			r.refer(path, kind, of.GetId(), id, whole(id))
			return
		}
	}
	r.unknown(kind, path, id, known)
}

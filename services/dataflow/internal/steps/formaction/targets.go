package formaction

import (
	"regexp"
	"strings"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// constant reads a parameter that is a plain text and so known now; what is computed is known only in a run.
func constant(c *step.Compiler, name string) (string, bool) {
	text := c.Step.GetParams()["params"].GetMap().GetFields()[name].GetText()
	m := regexp.MustCompile(`^\s*(?:'([A-Za-z0-9_-]*)'|"([A-Za-z0-9_-]*)")\s*$`).FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1] + m[2], true
}

// constantAt is where the text of such a parameter begins, after its quote; it is all ASCII.
func constantAt(c *step.Compiler, name string) int {
	return strings.IndexAny(c.Step.GetParams()["params"].GetMap().GetFields()[name].GetText(), `'"`) + 1
}

// checkTargets reports components, pages and scripts that are not there, and records those that are.
func checkTargets(c *step.Compiler, action string) {
	component := c.Scope.Component
	if id, ok := constant(c, "component"); ok {
		if component, ok = c.Scope.Find(id); !ok {
			var ids []string
			for _, other := range c.Scope.Components {
				ids = append(ids, other.GetId())
			}
			c.Unknown("params/component", "unknown-component", "component", id, ids)
			return
		}
		c.ReferAt("params/component", "component", id, "", constantAt(c, "component"), len(id))
	} else if c.Step.GetParams()["params"].GetMap().GetFields()["component"] != nil {
		return
	}
	switch action {
	case "open-page", "open-component", "open-sidebar", "open-modal":
		checkPart(c, component, "page", pages(component))
	case "run-script":
		checkPart(c, component, "script", scripts(component))
	}
}

func checkPart(c *step.Compiler, component *libraryv1.Component, name string, ids []string) {
	id, ok := constant(c, name)
	if !ok {
		return
	}
	for _, known := range ids {
		if known == id {
			c.ReferAt("params/"+name, name, component.GetId(), id, constantAt(c, name), len(id))
			return
		}
	}
	c.Unknown("params/"+name, "unknown-"+name, name+" of "+component.GetId(), id, ids)
}

func pages(component *libraryv1.Component) []string {
	var ids []string
	for _, p := range component.GetPages() {
		ids = append(ids, p.GetId())
	}
	return ids
}

func scripts(component *libraryv1.Component) []string {
	var ids []string
	for _, s := range component.GetScripts() {
		ids = append(ids, s.GetId())
	}
	return ids
}

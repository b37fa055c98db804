package engine

import (
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// merge copies into to what the paths name of from; without paths, what is set. A path may go one level into settings,
// as REST clients produce it; deeper ones, and those into other parts, replace the part they lead into. What the server
// assigns may be named and is left alone.
func merge(to, from *libraryv1.Component, paths []string) error {
	if len(paths) == 0 {
		paths = setPaths(from)
	}
	for _, path := range paths {
		head, rest, _ := strings.Cut(path, ".")
		switch head {
		case "display_name":
			to.DisplayName = from.GetDisplayName()
		case "description":
			to.Description = from.GetDescription()
		case "model":
			to.Model = from.GetModel()
		case "pages":
			to.Pages = from.GetPages()
		case "dataflows":
			to.Dataflows = from.GetDataflows()
		case "workflows":
			to.Workflows = from.GetWorkflows()
		case "scripts":
			to.Scripts = from.GetScripts()
		case "settings":
			if err := mergeSettings(to, from, rest); err != nil {
				return err
			}
		case "id", "uid", "revision", "etag", "create_time", "update_time", "update_subject", "published_revision":
		default:
			return badPath(path)
		}
	}
	return nil
}

func mergeSettings(to, from *libraryv1.Component, path string) error {
	if path == "" {
		to.Settings = from.GetSettings()
		return nil
	}
	if to.Settings == nil {
		to.Settings = &libraryv1.Settings{}
	}
	s := to.GetSettings()
	switch name, _, _ := strings.Cut(path, "."); name {
	case "access":
		s.Access = from.GetSettings().GetAccess()
	case "triggers":
		s.Triggers = from.GetSettings().GetTriggers()
	case "home_page":
		s.HomePage = from.GetSettings().GetHomePage()
	case "hidden":
		s.Hidden = from.GetSettings().GetHidden()
	default:
		return badPath("settings." + path)
	}
	return nil
}

func badPath(path string) error {
	return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid",
		fault.Field("update_mask", fmt.Sprintf("%q is not a part of a component that can be replaced", truncate(path, 80))))
}

func setPaths(c *libraryv1.Component) []string {
	var out []string
	add := func(set bool, path string) {
		if set {
			out = append(out, path)
		}
	}
	add(c.GetDisplayName() != "", "display_name")
	add(c.GetDescription() != "", "description")
	add(c.GetModel() != nil, "model")
	add(len(c.GetPages()) > 0, "pages")
	add(len(c.GetDataflows()) > 0, "dataflows")
	add(len(c.GetWorkflows()) > 0, "workflows")
	add(len(c.GetScripts()) > 0, "scripts")
	add(c.GetSettings() != nil, "settings")
	return out
}

package engine

import (
	"context"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Sources checks Python.
type Sources interface {
	// CheckSource reports syntax errors and a missing function main.
	CheckSource(ctx context.Context, source string) ([]*catalogv1.Problem, error)
}

// CheckSources checks the Python that stands in the settings of steps. When nobody can check it now, that is a warning.
func CheckSources(ctx context.Context, sources Sources, kinds *catalog.Registry[step.Kind], scope *step.Scope) ([]*catalogv1.Problem, error) {
	var problems []*catalogv1.Problem
	for _, s := range scope.Dataflow.GetSteps() {
		kind, ok := kinds.Get(s.GetType())
		if !ok {
			continue
		}
		for _, param := range kind.Spec().GetParams() {
			source := s.GetParams()[param.GetName()].GetText()
			if param.GetKind() != catalogv1.ParamKind_PARAM_KIND_PYTHON || source == "" {
				continue
			}
			found, err := sources.CheckSource(ctx, source)
			if f, away := fault.As(err); away && f.Kind == fault.KindUnavailable {
				found = []*catalogv1.Problem{{
					Severity: catalogv1.Severity_SEVERITY_WARNING, Reason: "script-unchecked", Message: "the script could not be checked now",
				}}
			} else if err != nil {
				return nil, err
			}
			for _, p := range found {
				p.Component = scope.Component.GetId()
				p.Path = "dataflows/" + scope.Dataflow.GetId() + "/steps/" + s.GetId() + "/params/" + param.GetName()
				problems = append(problems, p)
			}
		}
	}
	return problems, nil
}

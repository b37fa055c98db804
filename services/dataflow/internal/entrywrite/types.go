package entrywrite

import (
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// checkType reports an expression whose result the field can never take. Texts are taken where they are the usual way to write
// a value; storage reads them.
func (p *Plan) checkType(c *step.Compiler, f *libraryv1.Field, m step.Mapped) {
	want, ok := objectmodel.FieldType(f)
	got := m.Expr.Type()
	if !ok || want.Accepts(got) || want.Kind == value.Int && got.Kind == value.DecimalKind {
		return
	}
	if got.Kind == value.Text && want.Kind != value.Bool && want.Kind != value.List {
		return
	}
	if want.Kind == value.List && got.Kind == value.List && got.Item().Kind == value.Text {
		return
	}
	c.Problem("fields/"+m.Name, "wrong-type", "the field %q is %s, the expression gives %s", f.GetName(), want, got)
}

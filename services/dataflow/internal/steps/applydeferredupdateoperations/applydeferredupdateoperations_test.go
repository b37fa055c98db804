package applydeferredupdateoperations

import (
	"testing"

	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
)

func TestCases(t *testing.T) {
	t.Parallel()
	steptest.Run(t, New())
}

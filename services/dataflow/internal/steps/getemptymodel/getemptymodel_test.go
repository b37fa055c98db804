package getemptymodel_test

import (
	"testing"

	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getemptymodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
)

func TestCases(t *testing.T) {
	t.Parallel()
	steptest.Run(t, getemptymodel.New())
}

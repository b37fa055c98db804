// Package all is the list of all kinds of step.
package all

import (
	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/applydeferredupdateoperations"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/calculatearray"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/deferredupdateentry"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/distinct"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/executedataflow"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/executescript"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/executeworkflow"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/exporttofile"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/extractcollections"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/filtersource"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/formaction"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getactionmodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getemptymodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getentitybyid"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getfileinfo"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getrawmodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getuserinfo"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getworkflowmodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/groupby"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/importfile"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/joinmodels"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/loadcatalogsbykey"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/lookupreference"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/queryentitybyfilter"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/selectmany"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/simplemath"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/transformmodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/updateentry"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/writeresponse"
)

// Kinds lists them, in the order of their folders.
func Kinds() []step.Kind {
	return []step.Kind{
		applydeferredupdateoperations.New(),
		calculatearray.New(),
		deferredupdateentry.New(),
		distinct.New(),
		executedataflow.New(),
		executescript.New(),
		executeworkflow.New(),
		exporttofile.New(),
		extractcollections.New(),
		filtersource.New(),
		formaction.New(),
		getactionmodel.New(),
		getemptymodel.New(),
		getentitybyid.New(),
		getfileinfo.New(),
		getrawmodel.New(),
		getuserinfo.New(),
		getworkflowmodel.New(),
		groupby.New(),
		importfile.New(),
		joinmodels.New(),
		loadcatalogsbykey.New(),
		lookupreference.New(),
		queryentitybyfilter.New(),
		selectmany.New(),
		simplemath.New(),
		transformmodel.New(),
		updateentry.New(),
		writeresponse.New(),
	}
}

// Registry finds a kind by its type.
func Registry() (*catalog.Registry[step.Kind], error) { return catalog.New(Kinds()...) }

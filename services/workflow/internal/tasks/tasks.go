// Package tasks lists the kinds of task and function.
package tasks

import (
	"net/http"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/catalog"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/confirm"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/dataflow"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/do"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/entry"
	loop "github.com/aqtra/aqtra/services/workflow/internal/tasks/for"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/fork"
	call "github.com/aqtra/aqtra/services/workflow/internal/tasks/http"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/listen"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/notify"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/python"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/raise"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/set"
	branch "github.com/aqtra/aqtra/services/workflow/internal/tasks/switch"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/try"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/wait"
)

// Peers are the services that functions call.
type Peers interface {
	Conn(service string) grpc.ClientConnInterface
}

// All lists every kind. web makes the calls to the outside, sender tells people; they are needed to run, not to check.
func All(peers Peers, web *http.Client, sender notify.Sender) (dsl.Kinds, error) {
	flow, err := catalog.New[task.Kind](do.Kind{}, set.Kind{}, branch.Kind{}, loop.Kind{}, fork.Kind{}, wait.Kind{}, raise.Kind{}, listen.Kind{}, try.Kind{})
	if err != nil {
		return dsl.Kinds{}, err
	}
	functions, err := catalog.New[task.Kind](
		dataflow.Kind{Client: dataflowv1.NewDataflowsClient(peers.Conn("dataflow"))},
		python.Kind{Client: pythonv1.NewRunnerClient(peers.Conn("python-runner"))},
		entry.Kind{Client: storagev1.NewEntriesClient(peers.Conn("storage")), Holds: storagev1.NewHoldsClient(peers.Conn("storage"))},
		confirm.Kind{}, notify.Kind{Sender: sender}, call.Kind{Client: web},
	)
	return dsl.Kinds{Tasks: flow, Functions: functions}, err
}

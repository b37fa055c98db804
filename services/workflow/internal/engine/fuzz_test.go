package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks"
)

// FuzzCompile feeds documents to the compiler: it answers with a program or with problems, never with a crash.
func FuzzCompile(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.yaml")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		var c testCase
		require.NoError(f, yaml.Unmarshal(text, &c))
		head := plain(c.Workflow).(map[string]any)
		head["document"] = map[string]any{"dsl": "1.0.3", "namespace": "n", "name": "n", "version": "1"}
		b, err := value.ToJSON(head)
		require.NoError(f, err)
		f.Add(b)
	}
	kinds, err := tasks.All(newWorld(), nil, nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := value.FromJSON(b)
		if err != nil {
			return
		}
		doc, err := value.ToProto(v)
		if err != nil {
			return
		}
		result := dsl.Compile(kinds, &task.Scope{Component: component()}, &libraryv1.Workflow{Id: "w", Document: doc})
		if result.Program == nil && len(result.Problems) == 0 {
			t.Fatalf("neither a program nor a problem: %s", b)
		}
		if result.Program != nil {
			for i, task := range result.Program.Tasks {
				if task.Body == nil {
					t.Fatalf("task %d has no body: %s", i, b)
				}
			}
		}
	})
}

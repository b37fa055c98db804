package steptest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Fakes are what stands in for the other services.
type Fakes struct {
	Entries *Entries
	Files   *Files
	Scripts *Scripts
	Calls   *Calls
}

// Files keeps files in memory.
type Files struct {
	files map[string]file
	added []string
}

type file struct {
	info    step.FileInfo
	content []byte
}

var _ step.Files = (*Files)(nil)

// NewFiles has no files.
func NewFiles() *Files { return &Files{files: map[string]file{}} }

// Put adds a file.
func (f *Files) Put(id, name, contentType string, content []byte) {
	f.files[id] = file{content: content, info: step.FileInfo{
		ID: id, Name: name, ContentType: contentType, Size: int64(len(content)), CreateTime: Now(), CreatorSubject: "u1",
	}}
}

// Info describes a file.
func (f *Files) Info(_ context.Context, id string) (step.FileInfo, error) {
	found, ok := f.files[id]
	if !ok {
		return step.FileInfo{}, fault.NotFound(faultv1.Reason_REASON_FILE_NOT_FOUND, fmt.Sprintf("there is no file %q", id))
	}
	return found.info, nil
}

// Read returns a whole file.
func (f *Files) Read(ctx context.Context, id string, limit int64) ([]byte, step.FileInfo, error) {
	info, err := f.Info(ctx, id)
	if err != nil {
		return nil, info, err
	}
	if info.Size > limit {
		return nil, info, fault.Invalid(faultv1.Reason_REASON_FILE_TOO_LARGE, fmt.Sprintf("the file has more than %d bytes", limit))
	}
	return bytes.Clone(f.files[id].content), info, nil
}

// Store adds a file with an id of its own.
func (f *Files) Store(ctx context.Context, name, contentType string, content []byte) (step.FileInfo, error) {
	id := fmt.Sprintf("stored-%d", len(f.added)+1)
	f.Put(id, name, contentType, bytes.Clone(content))
	f.added = append(f.added, id)
	return f.Info(ctx, id)
}

func (f *Files) stored() []any {
	var list []any
	for _, id := range f.added {
		stored := f.files[id]
		list = append(list, map[string]any{
			"id": id, "name": stored.info.Name, "contentType": stored.info.ContentType, "content": string(stored.content),
		})
	}
	return list
}

// Scripts gives the outcomes in order, one for each item, and keeps what was asked.
type Scripts struct {
	Outcomes []step.Outcome

	asked []any
}

var _ step.Scripts = (*Scripts)(nil)

// Execute gives the next outcomes; it fails when there are too few.
func (s *Scripts) Execute(_ context.Context, source string, items []any) ([]step.Outcome, error) {
	if len(items) > len(s.Outcomes) {
		return nil, fmt.Errorf("the case has %d outcomes of scripts too few", len(items)-len(s.Outcomes))
	}
	s.asked = append(s.asked, map[string]any{"script": source, "items": slices.Clone(items)})
	given := s.Outcomes[:len(items)]
	s.Outcomes = s.Outcomes[len(items):]
	return given, nil
}

func (s *Scripts) calls() []any { return s.asked }

// Calls answers calls of dataflows with fixed results, and keeps them and the workflows that were started.
type Calls struct {
	// Results are by component and dataflow: "customer/save".
	Results map[string]any

	asked []any
}

var _ step.Dataflows = (*Calls)(nil)

// Run gives the result of a dataflow, or the fault DATAFLOW_NOT_FOUND.
func (c *Calls) Run(_ context.Context, component, dataflow string, input any, requestID string, depth int) (any, error) {
	result, ok := c.Results[component+"/"+dataflow]
	if !ok {
		return nil, fault.NotFound(faultv1.Reason_REASON_DATAFLOW_NOT_FOUND, fmt.Sprintf("there is no dataflow %s/%s", component, dataflow))
	}
	c.asked = append(c.asked, map[string]any{
		"dataflow": component + "/" + dataflow, "input": input, "requestID": requestID, "depth": int64(depth),
	})
	return result, nil
}

func (c *Calls) made() []any { return c.asked }

func (c *Calls) workflows() step.Workflows { return workflows{c} }

type workflows struct{ calls *Calls }

// Start keeps the call and gives the runs ids in order: run-1, run-2.
func (w workflows) Start(_ context.Context, component, workflow, entry string, input any, requestID string) (string, error) {
	c := w.calls
	run := fmt.Sprintf("run-%d", len(c.asked)+1)
	c.asked = append(c.asked, map[string]any{
		"workflow": component + "/" + workflow, "entry": entry, "input": input, "requestID": requestID,
	})
	return run, nil
}

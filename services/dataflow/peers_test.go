package dataflow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"strconv"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
)

// library hands out one release.
type library struct {
	libraryv1.UnimplementedReleasesServer
	release *libraryv1.Release

	mu    sync.Mutex
	reads int
}

func newLibrary(components []*libraryv1.Component) *library {
	return &library{release: &libraryv1.Release{Id: "r1", Tenant: "t1", Components: components}}
}

func (l *library) GetRelease(_ context.Context, r *libraryv1.GetReleaseRequest) (*libraryv1.Release, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if r.GetTenant() != "t1" || r.GetRelease() != "r1" {
		return nil, fault.NotFound(faultv1.Reason_REASON_RELEASE_NOT_FOUND, "there is no such release")
	}
	return l.release, nil
}

// storage keeps entries in memory, and who wrote them in how many calls.
type storage struct {
	storagev1.UnimplementedEntriesServer

	mu      sync.Mutex
	entries *steptest.Entries
	calls   map[string]int
	subject string
}

func newStorage(components []*libraryv1.Component) *storage {
	return &storage{entries: steptest.NewEntries(components), calls: map[string]int{}}
}

func (s *storage) enter(ctx context.Context, call string) func() {
	s.mu.Lock()
	s.calls[call]++
	p, _ := principal.From(ctx)
	s.subject = p.Subject
	return s.mu.Unlock
}

func (s *storage) count(call string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[call]
}

func entryProto(e step.Entry) (*storagev1.Entry, error) {
	fields := maps.Clone(e.Fields)
	delete(fields, "id")
	out, err := value.MapToProto(fields)
	return &storagev1.Entry{Id: e.ID, Fields: out, CreateTime: timestamppb.New(steptest.Now()), Etag: "1"}, err
}

func (s *storage) GetEntry(ctx context.Context, r *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	defer s.enter(ctx, "get")()
	e, err := s.entries.Get(ctx, r.GetComponent(), r.GetEntry())
	if err != nil {
		return nil, err
	}
	return entryProto(e)
}

// ListEntries gives pages of at most 100; of more than 300 it says that they do not fit a message.
func (s *storage) ListEntries(ctx context.Context, r *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error) {
	defer s.enter(ctx, "list")()
	if r.GetPageSize() > 300 {
		return nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "a message is too large")
	}
	all, err := s.entries.List(ctx, step.Query{Component: r.GetComponent(), Filter: r.GetFilter(), OrderBy: r.GetOrderBy(), Limit: 100_000})
	if err != nil {
		return nil, err
	}
	from, _ := strconv.Atoi(r.GetPageToken())
	to := min(from+min(int(r.GetPageSize()), 100), len(all))
	resp := &storagev1.ListEntriesResponse{}
	for _, e := range all[from:to] {
		p, err := entryProto(e)
		if err != nil {
			return nil, err
		}
		resp.Entries = append(resp.Entries, p)
	}
	if to < len(all) {
		resp.NextPageToken = strconv.Itoa(to)
	}
	return resp, nil
}

func (s *storage) one(ctx context.Context, component string, w step.Write, requestID string) (*storagev1.Entry, error) {
	written, _, err := s.entries.Write(ctx, component, []step.Write{w}, false, requestID)
	if err != nil {
		return nil, err
	}
	return &storagev1.Entry{Id: written[0].ID}, nil
}

func (s *storage) CreateEntry(ctx context.Context, r *storagev1.CreateEntryRequest) (*storagev1.Entry, error) {
	defer s.enter(ctx, "create")()
	fields, err := value.MapFromProto(r.GetEntry().GetFields())
	if err != nil {
		return nil, err
	}
	return s.one(ctx, r.GetComponent(), step.Write{Mode: step.Create, Fields: fields}, r.GetRequestId())
}

func (s *storage) UpdateEntry(ctx context.Context, r *storagev1.UpdateEntryRequest) (*storagev1.Entry, error) {
	defer s.enter(ctx, "update")()
	fields, err := value.MapFromProto(r.GetEntry().GetFields())
	if err != nil {
		return nil, err
	}
	return s.one(ctx, r.GetComponent(), step.Write{Mode: step.Update, ID: r.GetEntry().GetId(), Fields: fields}, r.GetRequestId())
}

func (s *storage) DeleteEntry(ctx context.Context, r *storagev1.DeleteEntryRequest) (*storagev1.Entry, error) {
	defer s.enter(ctx, "delete")()
	return s.one(ctx, r.GetComponent(), step.Write{Mode: step.Delete, ID: r.GetEntry()}, r.GetRequestId())
}

func (s *storage) BatchWriteEntries(ctx context.Context, r *storagev1.BatchWriteEntriesRequest) (*storagev1.BatchWriteEntriesResponse, error) {
	defer s.enter(ctx, "batch")()
	var writes []step.Write
	for _, op := range r.GetOperations() {
		fields, err := value.MapFromProto(op.GetEntry().GetFields())
		if err != nil {
			return nil, err
		}
		writes = append(writes, step.Write{Mode: step.WriteMode(op.GetAction()), ID: op.GetEntry().GetId(), Fields: fields})
	}
	written, counts, err := s.entries.Write(ctx, r.GetComponent(), writes, r.GetPerRow(), r.GetRequestId())
	if err != nil {
		return nil, err
	}
	resp := &storagev1.BatchWriteEntriesResponse{
		Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged, Deleted: counts.Deleted, Failed: counts.Failed,
	}
	for _, w := range written {
		result := &storagev1.WriteResult{Id: w.ID}
		if w.Error != nil {
			result.Error = &storagev1.WriteError{Reason: "VALUE_INVALID", Field: w.Error.Field, Message: w.Error.Message}
		}
		resp.Results = append(resp.Results, result)
	}
	return resp, nil
}

// files keeps files in memory and sends them in small pieces.
type files struct {
	storagev1.UnimplementedFilesServer

	mu    sync.Mutex
	files *steptest.Files
}

func newFiles() *files { return &files{files: steptest.NewFiles()} }

func (f *files) put(id, name, contentType string, content []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files.Put(id, name, contentType, content)
}

func fileProto(info step.FileInfo) *storagev1.File {
	return &storagev1.File{Id: info.ID, Name: info.Name, ContentType: info.ContentType, Size: info.Size, CreateTime: timestamppb.New(info.CreateTime)}
}

func (f *files) GetFile(ctx context.Context, r *storagev1.GetFileRequest) (*storagev1.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := f.files.Info(ctx, r.GetFile())
	return fileProto(info), err
}

func (f *files) DownloadFile(r *storagev1.DownloadFileRequest, s grpc.ServerStreamingServer[storagev1.DownloadFileResponse]) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, info, err := f.files.Read(s.Context(), r.GetFile(), 1<<30)
	if err != nil {
		return err
	}
	first := &storagev1.DownloadFileResponse{File: fileProto(info)}
	for {
		n := min(len(content), 10_000)
		first.Chunk, content = content[:n], content[n:]
		if err := s.Send(first); err != nil || len(content) == 0 {
			return err
		}
		first = &storagev1.DownloadFileResponse{}
	}
}

func (f *files) UploadFile(s grpc.ClientStreamingServer[storagev1.UploadFileRequest, storagev1.File]) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var header *storagev1.UploadHeader
	var content []byte
	for {
		part, err := s.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if part.GetHeader() != nil {
			header = part.GetHeader()
		}
		content = append(content, part.GetChunk()...)
	}
	if int64(len(content)) != header.GetSize() {
		return fault.Invalid(faultv1.Reason_REASON_FILE_INCOMPLETE, "the file is incomplete")
	}
	info, err := f.files.Store(s.Context(), header.GetName(), header.GetContentType(), content)
	if err != nil {
		return err
	}
	return s.SendAndClose(fileProto(info))
}

// python runs scripts with the machine's Python, without any sandbox.
type python struct {
	pythonv1.UnimplementedRunnerServer
	started chan struct{} // gets a value when a script starts, if somebody waits
}

const driver = `
import json, sys
from decimal import Decimal
job = json.load(sys.stdin)
space = {}
out = []
exec(compile(job["source"], "script", "exec"), space)
for item in job["items"]:
    try:
        out.append({"value": space["main"](item)})
    except Exception as e:
        out.append({"error": type(e).__name__ + ": " + str(e)})
json.dump(out, sys.stdout, default=lambda v: {"$decimal": str(v)})
`

func (p *python) Execute(ctx context.Context, r *pythonv1.ExecuteRequest) (*pythonv1.ExecuteResponse, error) {
	items := make([]json.RawMessage, len(r.GetItems()))
	for i, item := range r.GetItems() {
		v, _, err := value.FromProto(item)
		if err != nil {
			return nil, err
		}
		if items[i], err = value.ToJSON(v); err != nil {
			return nil, err
		}
	}
	job, err := json.Marshal(map[string]any{"source": r.GetSource(), "items": items})
	if err != nil {
		return nil, err
	}
	select {
	case p.started <- struct{}{}:
	default:
	}
	cmd := exec.CommandContext(ctx, "python3", "-I", "-c", driver)
	cmd.Stdin = bytes.NewReader(job)
	text, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("run python: %w", err)
	}
	out, err := value.FromJSON(text)
	if err != nil {
		return nil, err
	}
	resp := &pythonv1.ExecuteResponse{}
	for _, o := range out.([]any) {
		fields := o.(map[string]any)
		if message, failed := fields["error"].(string); failed {
			resp.Outcomes = append(resp.Outcomes, &pythonv1.Outcome{Error: &pythonv1.ScriptError{Message: message, Line: 7}})
			continue
		}
		v, err := value.ToProto(decimals(fields["value"]))
		if err != nil {
			return nil, err
		}
		resp.Outcomes = append(resp.Outcomes, &pythonv1.Outcome{Value: v})
	}
	return resp, nil
}

func decimals(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if text, ok := m["$decimal"].(string); ok {
		return value.MustDecimal(text)
	}
	for name, field := range m {
		m[name] = decimals(field)
	}
	return m
}

func (p *python) CheckSource(_ context.Context, r *pythonv1.CheckSourceRequest) (*pythonv1.CheckSourceResponse, error) {
	if bytes.Contains([]byte(r.GetSource()), []byte("def main(")) {
		return &pythonv1.CheckSourceResponse{}, nil
	}
	return &pythonv1.CheckSourceResponse{Problems: []*catalogv1.Problem{{
		Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: "missing-function", Message: "there is no function main", Line: 1,
	}}}, nil
}

// workflow keeps what was started.
type workflow struct {
	workflowv1.UnimplementedRunsServer

	mu     sync.Mutex
	starts []*workflowv1.StartRunRequest
}

func (w *workflow) StartRun(_ context.Context, r *workflowv1.StartRunRequest) (*workflowv1.Run, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.starts = append(w.starts, r)
	return &workflowv1.Run{Id: fmt.Sprintf("run-%d", len(w.starts))}, nil
}

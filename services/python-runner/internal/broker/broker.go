// Package broker answers what scripts ask for: entries, files, dataflows. It calls the other services with the token of the
// script's caller, so a script can do nothing that its caller could not do.
package broker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// Bounds of one question.
const (
	maxFile    = 4 << 20 // bytes
	maxEntries = 1000
)

// Broker answers the questions of scripts. It is safe for use by several calls.
type Broker struct {
	entries   storagev1.EntriesClient
	files     storagev1.FilesClient
	dataflows dataflowv1.DataflowsClient
	methods   map[string]method
}

type method func(ctx context.Context, a *arguments) (any, error)

// New makes a broker in front of the services.
func New(entries storagev1.EntriesClient, files storagev1.FilesClient, dataflows dataflowv1.DataflowsClient) *Broker {
	b := &Broker{entries: entries, files: files, dataflows: dataflows}
	b.methods = map[string]method{
		"entries.get": b.getEntry, "entries.list": b.listEntries, "entries.create": b.createEntry, "entries.update": b.updateEntry,
		"files.read": b.readFile, "dataflows.run": b.runDataflow,
	}
	return b
}

// Invoke answers one question. An unknown method, a missing, unknown or wrongly typed argument is INVALID_FIELDS.
func (b *Broker) Invoke(ctx context.Context, name string, args map[string]any) (any, error) {
	m, ok := b.methods[name]
	if !ok {
		known := make([]string, 0, len(b.methods))
		for k := range b.methods {
			known = append(known, k)
		}
		sort.Strings(known)
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, fmt.Sprintf("there is no method %.40q; there are %s", name, strings.Join(known, ", ")))
	}
	a := &arguments{method: name, given: args, used: map[string]bool{}}
	return m(ctx, a)
}

func (b *Broker) getEntry(ctx context.Context, a *arguments) (any, error) {
	req := &storagev1.GetEntryRequest{Component: a.text("component"), Entry: a.text("id")}
	if err := a.done(); err != nil {
		return nil, err
	}
	got, err := b.entries.GetEntry(ctx, req)
	if err != nil {
		return nil, err
	}
	return entryValue(got)
}

func (b *Broker) listEntries(ctx context.Context, a *arguments) (any, error) {
	req := &storagev1.ListEntriesRequest{
		Component: a.text("component"), Filter: a.optionalText("filter"), OrderBy: a.optionalText("order_by"), PageSize: int32(a.optionalInt("limit", 100, maxEntries)),
	}
	if err := a.done(); err != nil {
		return nil, err
	}
	got, err := b.entries.ListEntries(ctx, req)
	if err != nil {
		return nil, err
	}
	list := make([]any, 0, len(got.GetEntries()))
	for _, e := range got.GetEntries() {
		v, err := entryValue(e)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (b *Broker) createEntry(ctx context.Context, a *arguments) (any, error) {
	component, fields := a.text("component"), a.fields("fields")
	if err := a.done(); err != nil {
		return nil, err
	}
	wire, err := value.MapToProto(fields)
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, err.Error())
	}
	got, err := b.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: component, Entry: &storagev1.Entry{Fields: wire}})
	if err != nil {
		return nil, err
	}
	return entryValue(got)
}

func (b *Broker) updateEntry(ctx context.Context, a *arguments) (any, error) {
	component, id, fields := a.text("component"), a.text("id"), a.fields("fields")
	if err := a.done(); err != nil {
		return nil, err
	}
	wire, err := value.MapToProto(fields)
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, err.Error())
	}
	got, err := b.entries.UpdateEntry(ctx, &storagev1.UpdateEntryRequest{Component: component, Entry: &storagev1.Entry{Id: id, Fields: wire}})
	if err != nil {
		return nil, err
	}
	return entryValue(got)
}

func (b *Broker) readFile(ctx context.Context, a *arguments) (any, error) {
	id := a.text("file")
	if err := a.done(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := b.files.DownloadFile(ctx, &storagev1.DownloadFileRequest{File: id})
	if err != nil {
		return nil, err
	}
	var content []byte
	for {
		got, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return content, nil
		}
		if err != nil {
			return nil, err
		}
		if len(content)+len(got.GetChunk()) > maxFile {
			return nil, fault.Invalid(faultv1.Reason_REASON_FILE_TOO_LARGE, fmt.Sprintf("a script reads files of at most %d bytes", maxFile))
		}
		content = append(content, got.GetChunk()...)
	}
}

func (b *Broker) runDataflow(ctx context.Context, a *arguments) (any, error) {
	component, dataflow, input := a.text("component"), a.text("dataflow"), a.any("input")
	if err := a.done(); err != nil {
		return nil, err
	}
	wire, err := value.ToProto(input)
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, err.Error())
	}
	got, err := b.dataflows.RunDataflow(ctx, &dataflowv1.RunDataflowRequest{Component: component, Dataflow: dataflow, Input: wire})
	if err != nil {
		return nil, err
	}
	output, _, err := value.FromProto(got.GetOutput())
	return output, err
}

// entryValue is an entry as a script sees it: its fields and the system fields.
func entryValue(e *storagev1.Entry) (any, error) {
	fields, err := value.MapFromProto(e.GetFields())
	if err != nil {
		return nil, fmt.Errorf("read entry: %w", err)
	}
	if fields == nil {
		fields = map[string]any{}
	}
	fields["id"], fields["name"] = e.GetId(), e.GetName()
	fields["creator_subject"], fields["update_subject"] = e.GetCreatorSubject(), e.GetUpdateSubject()
	fields["create_time"], fields["update_time"] = e.GetCreateTime().AsTime(), e.GetUpdateTime().AsTime()
	return fields, nil
}

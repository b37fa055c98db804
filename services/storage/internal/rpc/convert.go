// Package rpc is the gRPC face of storage: it turns messages into the domain's terms and back.
package rpc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/files"
)

func entryToProto(e engine.Entry) (*storagev1.Entry, error) {
	fields, err := value.MapToProto(e.Fields)
	if err != nil {
		return nil, fmt.Errorf("encode entry: %w", err)
	}
	p := &storagev1.Entry{
		Id: e.ID, Fields: fields, Name: e.Name, CreatorSubject: e.CreatorSubject, UpdateSubject: e.UpdateSubject,
		CreateTime: timestamppb.New(e.CreateTime), UpdateTime: timestamppb.New(e.UpdateTime), Etag: e.Etag(),
	}
	if e.DeleteTime != nil {
		p.DeleteTime = timestamppb.New(*e.DeleteTime)
	}
	return p, nil
}

// pageToProto makes the answer of a list, whose entries are encoded already.
func pageToProto(page engine.Page) (*storagev1.ListEntriesResponse, error) {
	rest, err := proto.Marshal(&storagev1.ListEntriesResponse{NextPageToken: page.Next, TotalSize: page.Total})
	if err != nil {
		return nil, fmt.Errorf("encode page: %w", err)
	}
	const entries = 1 // the number of the field
	size := len(rest)
	for _, e := range page.Entries {
		size += protowire.SizeTag(entries) + protowire.SizeBytes(len(e.Message))
	}
	raw := make([]byte, 0, size)
	for _, e := range page.Entries {
		raw = protowire.AppendBytes(protowire.AppendTag(raw, entries, protowire.BytesType), e.Message)
	}
	out := new(storagev1.ListEntriesResponse)
	rpc.SetEncoded(out, append(raw, rest...))
	return out, nil
}

// fieldsFromProto reads the fields of an entry; path leads to them in the request.
func fieldsFromProto(fields map[string]*typev1.Value, path string) (map[string]any, error) {
	if len(fields) > 10_000 {
		return nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "the entry has too many fields")
	}
	out := make(map[string]any, len(fields))
	var opts []fault.Option
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v, present, err := value.FromProto(fields[name])
		if err != nil {
			opts = append(opts, fault.Field(path+name, err.Error()))
		} else if present {
			out[name] = v
		}
	}
	if len(opts) > 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "the entry has values that cannot be read", opts...)
	}
	return out, nil
}

// masked applies an update mask: the fields that it names, empty when the entry does not have them.
func masked(fields map[string]any, paths []string) (map[string]any, error) {
	if len(paths) == 0 {
		return fields, nil
	}
	out := make(map[string]any, len(paths))
	for _, path := range paths {
		if path == "fields" {
			maps.Copy(out, fields)
			continue
		}
		name, ok := strings.CutPrefix(path, "fields.")
		if !ok || name == "" {
			return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the update mask is wrong", fault.Field("update_mask", `expected paths like "fields.total"`))
		}
		out[name] = fields[name]
	}
	return out, nil
}

// writeError tells what is wrong with the row of this number.
func writeError(row int, e *engine.RowError) *storagev1.WriteError {
	first := e.Errors[0]
	out := &storagev1.WriteError{
		Reason: strings.TrimPrefix(first.Reason.String(), "REASON_"), Message: first.Message, Field: first.Field, Row: int32(row),
		Violations: make([]*storagev1.WriteViolation, len(e.Errors)),
	}
	for i, f := range e.Errors {
		out.Violations[i] = &storagev1.WriteViolation{Field: f.Field, Message: f.Message}
	}
	return out
}

func fileToProto(f files.File) *storagev1.File {
	return &storagev1.File{
		Id: f.ID, Name: f.Name, ContentType: f.ContentType, Size: f.Size, Sha256: f.SHA256,
		CreateTime: timestamppb.New(f.CreateTime), CreatorSubject: f.CreatorSubject, Folder: f.Folder,
	}
}

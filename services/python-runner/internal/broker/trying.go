package broker

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/fault"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// Trying makes a broker for tests of scripts: what they write is validated by storage and taken back, and dataflows do not run.
func Trying(entries storagev1.EntriesClient, files storagev1.FilesClient) *Broker {
	return New(triedEntries{entries}, files, untried{})
}

// triedEntries has writes validated.
type triedEntries struct{ storagev1.EntriesClient }

// CreateEntry implements storagev1.EntriesClient.
func (t triedEntries) CreateEntry(ctx context.Context, r *storagev1.CreateEntryRequest, opts ...grpc.CallOption) (*storagev1.Entry, error) {
	return t.try(ctx, r.GetComponent(), storagev1.WriteAction_WRITE_ACTION_CREATE, r.GetEntry(), opts)
}

// UpdateEntry implements storagev1.EntriesClient.
func (t triedEntries) UpdateEntry(ctx context.Context, r *storagev1.UpdateEntryRequest, opts ...grpc.CallOption) (*storagev1.Entry, error) {
	return t.try(ctx, r.GetComponent(), storagev1.WriteAction_WRITE_ACTION_UPDATE, r.GetEntry(), opts)
}

func (t triedEntries) try(ctx context.Context, component string, action storagev1.WriteAction, e *storagev1.Entry, opts []grpc.CallOption) (*storagev1.Entry, error) {
	resp, err := t.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{
		Component: component, ValidateOnly: true, Operations: []*storagev1.WriteOperation{{Action: action, Entry: e}},
	}, opts...)
	if err != nil {
		return nil, err
	}
	if len(resp.GetResults()) != 1 {
		return nil, fmt.Errorf("write entry: %d results for one write", len(resp.GetResults()))
	}
	got := resp.GetResults()[0]
	return &storagev1.Entry{Id: got.GetId(), Etag: got.GetEtag(), Fields: e.GetFields()}, nil
}

// untried runs nothing.
type untried struct{ dataflowv1.DataflowsClient }

// RunDataflow implements dataflowv1.DataflowsClient.
func (untried) RunDataflow(context.Context, *dataflowv1.RunDataflowRequest, ...grpc.CallOption) (*dataflowv1.RunDataflowResponse, error) {
	return nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCRIPT_FAILED, "in a test a script runs no dataflows")
}

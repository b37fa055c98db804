package peers

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// maxRecordings is how many bytes all recordings of a dataflow may have together.
const maxRecordings = 16 << 20

// Recordings has storage keep recorded runs, as the service itself.
type Recordings struct {
	client storagev1.RecordingsClient
}

// NewRecordings reaches storage over a connection.
func NewRecordings(conn grpc.ClientConnInterface) *Recordings {
	return &Recordings{client: storagev1.NewRecordingsClient(conn)}
}

// Keep stores a recording of a dataflow of a tenant.
func (r *Recordings) Keep(ctx context.Context, tenant, component, dataflow string, at time.Time, content []byte) error {
	_, err := r.client.KeepRecording(ctx, &storagev1.KeepRecordingRequest{
		Tenant: tenant, Component: component, Dataflow: dataflow, Recording: &storagev1.Recording{Time: timestamppb.New(at), Content: content},
	})
	if err != nil {
		return fmt.Errorf("keep recording: %w", err)
	}
	return nil
}

// List returns the recordings of a dataflow that are kept, newest first.
func (r *Recordings) List(ctx context.Context, tenant, component, dataflow string) ([][]byte, error) {
	resp, err := r.client.ListRecordings(ctx, &storagev1.ListRecordingsRequest{Tenant: tenant, Component: component, Dataflow: dataflow},
		grpc.MaxCallRecvMsgSize(maxRecordings))
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	out := make([][]byte, len(resp.GetRecordings()))
	for i, rec := range resp.GetRecordings() {
		out[i] = rec.GetContent()
	}
	return out, nil
}

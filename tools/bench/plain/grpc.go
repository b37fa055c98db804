package plain

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/timestamppb"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// overGRPC answers by grpc-gateway from a gRPC server in this process, over a connection in memory. Call stop at the end.
func overGRPC(ctx context.Context, rows entries) (handler http.Handler, stop func(), err error) {
	lis := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	storagev1.RegisterEntriesServer(server, service{rows: rows})
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(lis) // its end is that of the listener
	}()
	conn, err := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		server.Stop()
		<-served
		return nil, nil, err
	}
	stop = func() {
		_ = conn.Close() // only ever "already closing"
		server.Stop()
		<-served
	}
	mux := runtime.NewServeMux()
	if err := storagev1.RegisterEntriesHandlerClient(ctx, mux, storagev1.NewEntriesClient(conn)); err != nil {
		stop()
		return nil, nil, err
	}
	return mux, stop, nil
}

// service is the storage's contract, as far as the two requests need it.
type service struct {
	storagev1.UnimplementedEntriesServer
	rows entries
}

// GetEntry returns one entry.
func (s service) GetEntry(ctx context.Context, r *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	found, err := s.rows.get(ctx, r.GetEntry())
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, status.Error(codes.NotFound, "no such entry")
	}
	if err != nil {
		return nil, err
	}
	return message(found)
}

// ListEntries returns the first entries.
func (s service) ListEntries(ctx context.Context, _ *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error) {
	found, err := s.rows.list(ctx)
	if err != nil {
		return nil, err
	}
	out := &storagev1.ListEntriesResponse{Entries: make([]*storagev1.Entry, 0, len(found))}
	for _, e := range found {
		m, err := message(e)
		if err != nil {
			return nil, err
		}
		out.Entries = append(out.Entries, m)
	}
	return out, nil
}

func message(e entry) (*storagev1.Entry, error) {
	total, err := e.Fields.Total.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return &storagev1.Entry{
		Id: e.ID, Name: e.Name, CreatorSubject: e.CreatorSubject, UpdateSubject: e.UpdateSubject,
		CreateTime: timestamppb.New(e.CreateTime), UpdateTime: timestamppb.New(e.UpdateTime), Etag: strconv.FormatInt(e.Version, 10),
		Fields: map[string]*typev1.Value{
			"InvoiceNumber":     {Kind: &typev1.Value_Text{Text: e.Fields.Number}},
			"InvoiceName":       {Kind: &typev1.Value_Text{Text: e.Fields.Name}},
			"InvoiceDueDate":    {Kind: &typev1.Value_Datetime{Datetime: timestamppb.New(e.Fields.Due)}},
			"InvoiceTotalValue": {Kind: &typev1.Value_Decimal{Decimal: string(total)}},
			"InvoiceState":      {Kind: &typev1.Value_Int{Int: int64(e.Fields.State)}},
		},
	}, nil
}

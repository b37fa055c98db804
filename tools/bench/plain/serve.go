package plain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
)

// The kinds of servers.
const (
	HTTP = "net/http + pgx"
	GRPC = "grpc-gateway + gRPC + pgx"
)

// connections is the size of the pool, that of the platform's storage.
const connections = 8

// Config says what to serve.
type Config struct {
	// Kind is HTTP or GRPC.
	Kind string
	// Database is the URL of a database that Fill has filled.
	Database string
	// Certs is the folder of the authority that signs the server's certificate.
	Certs string
}

// Serve answers on a free port of localhost until ctx ends, over HTTP/2 and TLS 1.3 with a certificate like the platform's.
// It calls ready with its address.
func Serve(ctx context.Context, cfg Config, ready func(address string)) error {
	pc, err := pgxpool.ParseConfig(cfg.Database)
	if err != nil {
		return errors.New("the URL of the database is not valid") // the parser's text would show the password
	}
	pc.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return err
	}
	defer pool.Close()
	handler, stop, err := handle(ctx, cfg.Kind, entries{pool})
	if err != nil {
		return err
	}
	defer stop()
	authority, err := certs.OpenAuthority(cfg.Certs, clock.Real())
	if err != nil {
		return err
	}
	edge, err := authority.Edge()
	if err != nil {
		return err
	}
	lis, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, TLSConfig: edge.ServerTLS(false), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() }) // Serve says what there is to say
	_, port, err := net.SplitHostPort(lis.Addr().String())
	if err != nil {
		return errors.Join(err, lis.Close())
	}
	ready(net.JoinHostPort("localhost", port))
	if err := srv.ServeTLS(lis, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handle(ctx context.Context, kind string, rows entries) (http.Handler, func(), error) {
	switch kind {
	case HTTP:
		return overHTTP(rows), func() {}, nil
	case GRPC:
		return overGRPC(ctx, rows)
	}
	return nil, nil, fmt.Errorf("there is no server %q", kind)
}

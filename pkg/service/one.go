package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/telemetry"
)

// runOne runs one service with listeners on the network until ctx ends or it fails. Nil rules are the registry's.
func runOne(ctx context.Context, u Unit, cfg Config, lookup config.Lookup, rules rpc.Rules, log *slog.Logger) (err error) {
	if err := u.validate(); err != nil {
		return err
	}
	clk := clock.Real()
	source, err := cfg.Certs.Open(u.Name, clk)
	if err != nil {
		return err
	}
	tracing, flush, err := cfg.Telemetry.Tracing(ctx, u.Name)
	if err != nil {
		return err
	}
	defer func() {
		fctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.Drain.Shutdown)
		defer cancel()
		if ferr := flush(fctx); ferr != nil {
			log.WarnContext(fctx, "last traces were not sent", "error", ferr)
		}
	}()
	p := &process{
		log: log, registry: telemetry.NewRegistry(), tracing: tracing, clk: clk, drain: cfg.Drain,
		ready: newReadiness(clk, log), adminTLS: source,
	}
	if err := source.Register(p.registry); err != nil {
		return fmt.Errorf("register certificate metric: %w", err)
	}
	clients, err := rpc.NewClients(rpc.ClientConfig{
		Metrics: p.registry, Tracing: tracing, Clock: clk, MaxMessage: int(cfg.MaxMessage), Patience: cfg.PeerPatience,
	})
	if err != nil {
		return err
	}
	conns := newPeers(func(service string) (grpc.ClientConnInterface, io.Closer, error) {
		c, err := clients.Dial(service, Address(service, lookup), credentials.NewTLS(source.ClientTLS(service)))
		return c, c, err
	})
	defer func() { err = errors.Join(err, conns.Close()) }()

	lis, err := listen(cfg.Listen)
	if err != nil {
		return err
	}
	// The server closes its listener, too; this is for the errors before it serves.
	defer func() { _ = lis.Close() }()
	if p.admin, err = listen(cfg.MetricsListen); err != nil {
		return err
	}
	defer func() { _ = p.admin.Close() }()
	in, err := build(ctx, u, Base{
		Name: u.Name, Log: log, Metrics: p.registry, Tracing: tracing, Clock: clk, Peers: conns, Lookup: lookup, Certs: source,
	}, instanceConfig{
		drain: cfg.Drain, maxMessage: cfg.MaxMessage, creds: credentials.NewTLS(source.ServerTLS(true)),
		rules: rules, health: p.ready, door: rpc.NewDoor(),
	})
	if err != nil {
		return err
	}
	return p.run(ctx, []placed{{in, lis}})
}

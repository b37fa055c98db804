// Command aqtra-setup makes what an installation on Kubernetes needs before its services start. Build it with CGO_ENABLED=0.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/aqtra/aqtra/services/aqtra/internal/setup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // the next signal kills
	os.Exit(setup.Main(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
}

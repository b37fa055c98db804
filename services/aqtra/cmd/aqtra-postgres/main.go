// Command aqtra-postgres is the entrypoint of the Postgres image for trials: it makes the data folder where there is none, and
// then becomes the server, with its own arguments.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/aqtra/aqtra/services/aqtra/internal/trialpg"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	spec, err := trialpg.FromEnvironment(os.LookupEnv)
	if err == nil {
		err = spec.Prepare(ctx)
	}
	if err == nil {
		// Signals are the server's from here on.
		stop()
		err = spec.Exec(os.Args[1:])
	}
	fmt.Fprintln(os.Stderr, "aqtra-postgres:", err)
	os.Exit(1)
}

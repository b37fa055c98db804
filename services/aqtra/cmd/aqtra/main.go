// Command aqtra runs the whole platform in one process, with a Postgres of its own.
package main

import (
	"os"

	"github.com/aqtra/aqtra/services/aqtra"
)

func main() { os.Exit(aqtra.Main(os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)) }

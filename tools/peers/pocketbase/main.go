// Command pocketbase is PocketBase as it comes, for the benchmark that measures it beside us. It has a module of its own so that
// nothing of it is part of ours.
package main

import (
	"fmt"
	"os"

	"github.com/pocketbase/pocketbase"
)

func main() {
	if err := pocketbase.New().Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

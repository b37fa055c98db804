// Command aqtra-launcher confines itself and then becomes the Python interpreter of one sandbox. It is started by the Python
// runner only; its one argument is a launcher.Spec in JSON. Build it with CGO_ENABLED=0.
package main

import (
	"fmt"
	"os"

	"github.com/aqtra/aqtra/services/python-runner/internal/launcher"
)

func main() {
	// Exec only comes back when something is wrong.
	err := launcher.Exec(os.Args[1:])
	fmt.Fprintln(os.Stderr, "aqtra-launcher:", err)
	os.Exit(125)
}

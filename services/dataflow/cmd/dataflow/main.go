// Command dataflow runs the dataflow service as a process of its own.
package main

import (
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/services/dataflow"
)

func main() { service.Main(dataflow.Unit()) }

// Command workflow runs the workflow service.
package main

import (
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/services/workflow"
)

func main() { service.Main(workflow.Unit()) }

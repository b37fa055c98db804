// Command python-runner runs the service of the same name as a process of its own.
package main

import (
	"github.com/aqtra/aqtra/pkg/service"
	pythonrunner "github.com/aqtra/aqtra/services/python-runner"
)

func main() { service.Main(pythonrunner.Unit()) }

// Command gateway runs the gateway as a process of its own.
package main

import (
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/services/gateway"
)

func main() { service.Main(gateway.Unit()) }

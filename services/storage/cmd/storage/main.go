// Command storage runs the storage service.
package main

import (
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/services/storage"
)

func main() { service.Main(storage.Unit()) }

// Command component-library runs the component library as a process of its own.
package main

import (
	"github.com/aqtra/aqtra/pkg/service"
	componentlibrary "github.com/aqtra/aqtra/services/component-library"
)

func main() { service.Main(componentlibrary.Unit()) }

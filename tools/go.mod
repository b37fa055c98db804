module github.com/aqtra/aqtra/tools

go 1.26.0

require github.com/aqtra/aqtra v0.0.0

replace github.com/aqtra/aqtra => ../

require gopkg.in/yaml.v3 v3.0.1

require (
	github.com/stretchr/testify v1.12.1 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261026165753-2ffab32bce7e // indirect
	google.golang.org/grpc v1.85.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

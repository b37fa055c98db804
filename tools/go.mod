module github.com/aqtra/aqtra/tools

go 1.26.0

replace github.com/aqtra/aqtra => ../

require gopkg.in/yaml.v3 v3.0.1

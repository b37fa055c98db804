package steptest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"gopkg.in/yaml.v3"
)

// read gives the value that a node of YAML stands for; an absent node is null.
func read(t *testing.T, n *yaml.Node) any {
	t.Helper()
	v, err := valueOf(n)
	require.NoError(t, err, "line %d", n.Line)
	return v
}

func valueOf(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.AliasNode:
		return valueOf(n.Alias)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := valueOf(item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		if len(n.Content) == 2 && strings.HasPrefix(n.Content[0].Value, "$") {
			return tagged(n.Content[0].Value, n.Content[1].Value)
		}
		fields := make(map[string]any, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			v, err := valueOf(n.Content[i+1])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", n.Content[i].Value, err)
			}
			fields[n.Content[i].Value] = v
		}
		return fields, nil
	case yaml.ScalarNode:
		switch n.Tag {
		case "!!null":
			return nil, nil
		case "!!bool":
			return n.Value == "true", nil
		case "!!int", "!!float":
			return value.ParseNumber(n.Value)
		}
		return n.Value, nil
	}
	return nil, nil
}

func tagged(tag, text string) (any, error) {
	switch tag {
	case "$decimal":
		return value.ParseDecimal(text)
	case "$date":
		return value.ParseDate(text)
	case "$time":
		return value.ParseTime(text)
	case "$datetime":
		return value.ParseDatetime(text)
	case "$ref":
		return value.Ref(text), nil
	case "$file":
		return value.File(text), nil
	case "$bytes":
		return base64.StdEncoding.DecodeString(text)
	}
	return nil, fmt.Errorf("there is no value %s", tag)
}

// plain is a value as YAML writes it, so that reading it gives the same value.
func plain(v any) any {
	switch v := v.(type) {
	case value.Decimal:
		if strings.Contains(v.String(), ".") && len(v.String()) < 16 {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: v.String()}
		}
		return map[string]any{"$decimal": v.String()}
	case value.Date:
		return map[string]any{"$date": v.String()}
	case value.Time:
		return map[string]any{"$time": v.String()}
	case time.Time:
		return map[string]any{"$datetime": value.FormatDatetime(v)}
	case value.Ref:
		return map[string]any{"$ref": string(v)}
	case value.File:
		return map[string]any{"$file": string(v)}
	case []byte:
		return map[string]any{"$bytes": base64.StdEncoding.EncodeToString(v)}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		fields := make(map[string]any, len(v))
		for k, field := range v {
			fields[k] = plain(field)
		}
		return fields
	}
	return v
}

// readType reads a type: a word, list(word), ref(component), a list of one type, or a map of names and types, in their order.
func readType(n *yaml.Node) (value.Type, error) {
	switch n.Kind {
	case yaml.MappingNode:
		fields := make([]value.Field, 0, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			t, err := readType(n.Content[i+1])
			if err != nil {
				return value.Type{}, err
			}
			fields = append(fields, value.Field{Name: n.Content[i].Value, Type: t})
		}
		return value.MapOf(fields...), nil
	case yaml.SequenceNode:
		if len(n.Content) != 1 {
			return value.Type{}, fmt.Errorf("line %d: a list has one type", n.Line)
		}
		t, err := readType(n.Content[0])
		return value.ListOf(t), err
	}
	t, err := step.ParseType(n.Value)
	if err != nil {
		return t, fmt.Errorf("line %d: %w", n.Line, err)
	}
	return t, nil
}

// readItems reads a source: its type, inferred when none is given, and its items, numbered from 1.
func readItems(t *testing.T, typ, items *yaml.Node) (value.Type, []step.Item) {
	t.Helper()
	list, _ := read(t, items).([]any)
	itemType := value.Type{Kind: value.Null}
	for _, v := range list {
		itemType = merge(itemType, infer(v))
	}
	if len(list) == 0 {
		itemType = value.Type{}
	}
	if !typ.IsZero() {
		var err error
		itemType, err = readType(typ)
		require.NoError(t, err)
	}
	read := make([]step.Item, len(list))
	for i, v := range list {
		if !typ.IsZero() {
			converted, err := value.Convert(v, itemType)
			require.NoError(t, err, "item %d", i+1)
			v = converted
		}
		fields, ok := v.(map[string]any)
		require.True(t, ok, "item %d must be a map", i+1)
		read[i] = step.Item{Fields: fields, Line: int64(i + 1)}
	}
	return itemType, read
}

// infer is the type of a value; names of maps are sorted.
func infer(v any) value.Type {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return value.Type{Kind: value.List}
		}
		elem := infer(v[0])
		for _, item := range v[1:] {
			elem = merge(elem, infer(item))
		}
		return value.ListOf(elem)
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sort.Strings(names)
		fields := make([]value.Field, len(names))
		for i, name := range names {
			fields[i] = value.Field{Name: name, Type: infer(v[name])}
		}
		return value.MapOf(fields...)
	}
	k, _ := value.Of(v)
	return value.Type{Kind: k}
}

// merge is a type that has the values of both.
func merge(a, b value.Type) value.Type {
	emptyList := func(t value.Type) bool { return t.Kind == value.List && t.Elem == nil }
	switch {
	case a.Kind == value.Null || emptyList(a) && b.Kind == value.List:
		return b
	case b.Kind == value.Null || emptyList(b) && a.Kind == value.List:
		return a
	case a.Kind == value.Map && b.Kind == value.Map:
		fields := append([]value.Field{}, a.Fields...)
		for _, f := range b.Fields {
			known := false
			for i := range fields {
				if fields[i].Name == f.Name {
					fields[i].Type, known = merge(fields[i].Type, f.Type), true
				}
			}
			if !known {
				fields = append(fields, f)
			}
		}
		return value.MapOf(fields...)
	case a.Kind == value.List && b.Kind == value.List:
		return value.ListOf(merge(*a.Elem, *b.Elem))
	case a.Accepts(b):
		return a
	case b.Accepts(a):
		return b
	}
	return value.Type{}
}

// fits says why a value is not of a type.
func fits(t value.Type, v any) error {
	if v == nil || t.Kind == value.Any {
		return nil
	}
	k, ok := value.Of(v)
	if !ok || k != t.Kind && !(t.Kind == value.DecimalKind && k == value.Int) {
		return fmt.Errorf("%T is not %s", v, t)
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if err := fits(t.Item(), item); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
	case map[string]any:
		for name, field := range v {
			of := t.Item()
			if len(t.Fields) > 0 {
				f, declared := t.Field(name)
				if !declared {
					return fmt.Errorf("%s is not declared", name)
				}
				of = f.Type
			}
			if err := fits(of, field); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// readComponents reads the shared components; the one that holds the dataflow is added when it is not among them.
func readComponents(t *testing.T, nodes []yaml.Node, own string) []*libraryv1.Component {
	t.Helper()
	var components []*libraryv1.Component
	found := false
	for _, n := range nodes {
		var decoded any
		require.NoError(t, n.Decode(&decoded))
		text, err := json.Marshal(decoded)
		require.NoError(t, err)
		c := &libraryv1.Component{}
		require.NoError(t, protojson.Unmarshal(text, c))
		for _, f := range c.GetModel().GetFields() {
			if f.GetId() == "" {
				f.Id = "f_" + f.GetName()
			}
		}
		found = found || c.GetId() == own
		components = append(components, c)
	}
	if !found {
		components = append(components, &libraryv1.Component{Id: own})
	}
	return components
}

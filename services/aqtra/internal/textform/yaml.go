package textform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"
	"gopkg.in/yaml.v3"
)

const maxDepth = 100

// fromJSON writes the JSON of a message as YAML in block style; keys stay in their order, fields that are not set are left out.
func fromJSON(text []byte, m protoreflect.Message) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	doc, err := node(d)
	if err != nil {
		return nil, err
	}
	prune(doc, m)
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(doc); err != nil {
		return nil, err
	}
	return out.Bytes(), e.Close()
}

// prune takes out what a message does not have. Values of documents are what people wrote, whatever they are.
func prune(n *yaml.Node, m protoreflect.Message) {
	if n.Kind != yaml.MappingNode || strings.HasPrefix(string(m.Descriptor().FullName()), "aqtra.type.") {
		return
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		f := m.Descriptor().Fields().ByJSONName(key.Value)
		if f != nil && !m.Has(f) {
			continue
		}
		kept = append(kept, key, v)
		if f == nil || f.Kind() != protoreflect.MessageKind {
			continue
		}
		switch {
		case f.IsMap():
			if f.MapValue().Kind() != protoreflect.MessageKind || f.MapKey().Kind() != protoreflect.StringKind || v.Kind != yaml.MappingNode {
				continue
			}
			for j := 0; j+1 < len(v.Content); j += 2 {
				if item := m.Get(f).Map().Get(protoreflect.ValueOfString(v.Content[j].Value).MapKey()); item.IsValid() {
					prune(v.Content[j+1], item.Message())
				}
			}
		case f.IsList():
			for j, item := range v.Content {
				prune(item, m.Get(f).List().Get(j).Message())
			}
		default:
			prune(v, m.Get(f).Message())
		}
	}
	n.Content = kept
}

// node reads the next JSON value.
func node(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		if token == '{' {
			n.Kind, n.Tag = yaml.MappingNode, "!!map"
		}
		for d.More() { // keys are values, too
			item, err := node(d)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, item)
		}
		_, err := d.Token()
		return n, err
	case string:
		return textNode(token), nil
	case json.Number:
		if strings.ContainsAny(token.String(), ".eE") {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: token.String()}, nil
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: token.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(token)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
}

// textNode leaves the style to the library, but for texts that it would write as a block and not read back alike, and for the one
// that merges maps when it is bare.
func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if text == "<<" || strings.TrimLeft(text, " \t\r\n") != text || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// toJSON reads one YAML document of plain maps, lists and scalars. It returns the document, too.
func toJSON(text []byte) ([]byte, *yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if err := d.Decode(&doc); err != nil {
		return nil, nil, err
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("holds more than one document")
	}
	plain, err := appendNode(nil, doc.Content[0], 0)
	return plain, doc.Content[0], err
}

// lineOf is the line of what a path such as "model.fields[2].type" leads to, as far as it leads somewhere.
func lineOf(n *yaml.Node, path string) int {
	line := n.Line
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		var next *yaml.Node
		switch n.Kind {
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.Content) {
				next = n.Content[i]
				line = next.Line
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == name {
					next, line = n.Content[i+1], n.Content[i].Line
				}
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return line
}

func appendNode(b []byte, n *yaml.Node, depth int) ([]byte, error) {
	var err error
	switch {
	case depth > maxDepth:
		return nil, fmt.Errorf("line %d: more than %d levels deep", n.Line, maxDepth)
	case n.Anchor != "" || n.Kind == yaml.AliasNode:
		return nil, fmt.Errorf("line %d: anchors and aliases are not allowed", n.Line)
	case n.Kind == yaml.SequenceNode:
		b = append(b, '[')
		for i, item := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendNode(b, item, depth+1); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case n.Kind == yaml.MappingNode:
		return appendMap(b, n, depth)
	case n.Kind == yaml.ScalarNode:
		return appendScalar(b, n)
	}
	return nil, fmt.Errorf("line %d: not a map, a list or a value", n.Line)
}

func appendMap(b []byte, n *yaml.Node, depth int) ([]byte, error) {
	b = append(b, '{')
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Tag == "!!merge" {
			return nil, fmt.Errorf("line %d: a key must be a plain text", key.Line)
		}
		if seen[key.Value] {
			return nil, fmt.Errorf("line %d: %q is there twice", key.Line, key.Value)
		}
		seen[key.Value] = true
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(key.Value)
		if err != nil {
			return nil, err
		}
		if b, err = appendNode(append(append(b, name...), ':'), n.Content[i+1], depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendScalar(b []byte, n *yaml.Node) ([]byte, error) {
	switch n.Tag {
	case "!!null":
		return append(b, "null"...), nil
	case "!!bool":
		return append(b, strings.ToLower(n.Value)...), nil
	case "!!int", "!!float":
		if !json.Valid([]byte(n.Value)) {
			return nil, fmt.Errorf("line %d: write the number %s in plain digits, or as a text", n.Line, n.Value)
		}
		return append(b, n.Value...), nil
	case "!!str", "!!timestamp":
		text, err := json.Marshal(n.Value)
		return append(b, text...), err
	}
	return nil, fmt.Errorf("line %d: values of type %s are not allowed", n.Line, n.Tag)
}

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// document is the OpenAPI document of an installation, as far as answers are compared with it.
type document struct {
	Paths      map[string]map[string]operationDoc
	Components struct {
		Schemas   map[string]*schema
		Responses map[string]response
	}
	routes []route
}

type operationDoc struct {
	Responses   map[string]response
	RequestBody *struct{}
	// Security is an empty list where no credentials are asked for.
	Security   *[]map[string][]string
	Permission string `json:"x-permission"`
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]struct{ Schema *schema }
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 string
	Properties           map[string]*schema
	AdditionalProperties *schema
	Items                *schema
	Enum                 []string
}

type route struct {
	path  *regexp.Regexp
	fixed int // characters that are not in braces: the more there are, the better the match
	verbs map[string]operationDoc
}

// readDocument fetches the document of an installation.
func readDocument(ctx context.Context, c *stand.Client) (*document, error) {
	a, err := c.Do(ctx, "GET", "/v1/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	d := &document{}
	if err := json.Unmarshal(a.Body, d); err != nil {
		return nil, err
	}
	variable := regexp.MustCompile(`\\\{\w+\\\}`)
	for path, verbs := range d.Paths {
		quoted := regexp.QuoteMeta(path)
		r := route{fixed: len(variable.ReplaceAllString(quoted, "")), verbs: verbs}
		if r.path, err = regexp.Compile("^" + variable.ReplaceAllString(quoted, "[^/]+") + "$"); err != nil {
			return nil, err
		}
		d.routes = append(d.routes, r)
	}
	slices.SortFunc(d.routes, func(a, b route) int { return b.fixed - a.fixed })
	return d, nil
}

// check returns what the document does not say about an answer. Answers at paths that it does not know are refusals.
func (d *document) check(method, path string, a stand.Answer) error {
	path, _, _ = strings.Cut(path, "?")
	for _, r := range d.routes {
		if !r.path.MatchString(path) {
			continue
		}
		op, ok := r.verbs[strings.ToLower(method)]
		if !ok {
			break
		}
		res, ok := op.Responses[fmt.Sprint(a.Code)]
		if !ok {
			res = op.Responses["default"]
		}
		return d.compare(res, a)
	}
	if a.Code < 400 {
		return fmt.Errorf("the document does not know %s %s", method, path)
	}
	return d.compare(d.Components.Responses["Error"], a)
}

func (d *document) compare(res response, a stand.Answer) error {
	if name, ok := strings.CutPrefix(res.Ref, "#/components/responses/"); ok {
		res = d.Components.Responses[name]
	}
	kind := a.Header.Get("Content-Type")
	content, ok := res.Content[kind]
	if _, any := res.Content["*/*"]; any || len(a.Body) == 0 {
		return nil
	}
	if !ok {
		return fmt.Errorf("answers of type %q are not in the document", kind)
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	for line := range strings.Lines(string(a.Body)) {
		var v any
		if kind != "application/x-ndjson" {
			line = string(a.Body)
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			return err
		}
		if err := d.conforms(content.Schema, v, "answer"); err != nil || kind != "application/x-ndjson" {
			return err
		}
	}
	return nil
}

func (d *document) conforms(s *schema, v any, at string) error {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		if s = d.Components.Schemas[name]; s == nil {
			return fmt.Errorf("%s: there is no schema %s", at, name)
		}
	}
	ok := true
	switch s.Type {
	case "":
		return nil // any JSON
	case "object":
		m, isObject := v.(object)
		if ok = isObject; !ok {
			break
		}
		for name, member := range m {
			inner, known := s.Properties[name]
			if !known {
				inner = s.AdditionalProperties
			}
			if inner == nil && len(s.Properties) > 0 {
				return fmt.Errorf("%s: the document does not know %q", at, name)
			}
			if inner == nil {
				continue
			}
			if err := d.conforms(inner, member, at+"."+name); err != nil {
				return err
			}
		}
	case "array":
		l, isList := v.(list)
		if ok = isList; !ok {
			break
		}
		for i, item := range l {
			if err := d.conforms(s.Items, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case "string":
		var text string
		text, ok = v.(string)
		ok = ok && (len(s.Enum) == 0 || slices.Contains(s.Enum, text))
	case "integer", "number":
		_, ok = v.(float64)
	case "boolean":
		_, ok = v.(bool)
	}
	if !ok {
		return fmt.Errorf("%s: %v is not as the document says (%s %v)", at, v, s.Type, s.Enum)
	}
	return nil
}

func TestDocumentCheck(t *testing.T) {
	t.Parallel()
	d := &document{}
	require.NoError(t, json.Unmarshal([]byte(`{"components": {"schemas": {
		"Kind": {"type": "string", "enum": ["A", "B"]},
		"Thing": {"type": "object", "properties": {
		"kind": {"$ref": "#/components/schemas/Kind"}, "count": {"type": "integer"}, "any": {}, "list": {"type": "array", "items": {"type": "boolean"}},
		"map": {"type": "object", "additionalProperties": {"type": "string"}}}}}}}`), d))
	thing := &schema{Ref: "#/components/schemas/Thing"}
	for text, good := range map[string]bool{
		`{}`: true, `{"kind": "A", "count": 1, "any": [{}], "list": [true], "map": {"x": "y"}}`: true,
		`[]`: false, `{"kind": "C"}`: false, `{"count": "1"}`: false, `{"other": 1}`: false, `{"list": [1]}`: false,
		`{"map": {"x": 1}}`: false, `{"kind": null}`: false,
	} {
		var v any
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		require.Equal(t, good, d.conforms(thing, v, "answer") == nil, text)
	}
	require.Error(t, d.check("GET", "/v1/unknown", stand.Answer{Code: 200, Body: []byte(`{}`)}))
}

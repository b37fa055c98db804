// Command openapi makes one document of what protoc-gen-openapiv3 writes per proto file, and makes it true for our edge: typed
// values are plain JSON, errors have our form, methods that only services may call are absent, and files travel as bytes.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	in := flag.String("in", "", "folder with the documents of protoc-gen-openapiv3")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

// object is a JSON object; maps are written with sorted keys, so the output is the same for the same input.
type object = map[string]any

func run(in, out string) error {
	doc := object{"paths": object{}, "schemas": object{}, "tags": []any{}}
	err := filepath.WalkDir(in, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var part object
		if err := json.Unmarshal(text, &part); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return merge(doc, part)
	})
	if err != nil {
		return err
	}
	rules := readRules()
	final, err := finish(doc, rules)
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(final); err != nil {
		return err
	}
	return f.Close()
}

// merge adds the paths, schemas and tags of part to doc. A path's parameters are named after the resource alone, so that
// "/v1/users/{user}" and "/v1/users/{user.id}" are one path.
func merge(doc, part object) error {
	for path, item := range asObject(part["paths"]) {
		path, renamed := plainPath(path)
		to := asObject(asObject(doc["paths"])[path])
		if to == nil {
			to = object{}
			asObject(doc["paths"])[path] = to
		}
		for verb, op := range asObject(item) {
			if to[verb] != nil {
				return fmt.Errorf("%s %s is there twice", verb, path)
			}
			rename(asObject(op), renamed)
			to[verb] = op
		}
	}
	for name, schema := range asObject(asObject(part["components"])["schemas"]) {
		asObject(doc["schemas"])[name] = schema
	}
	tags, _ := part["tags"].([]any)
	doc["tags"] = append(doc["tags"].([]any), tags...)
	return nil
}

func plainPath(path string) (string, map[string]string) {
	renamed := make(map[string]string)
	for rest := path; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			return path, renamed
		}
		name, after, _ := strings.Cut(after, "}")
		if short, _, dotted := strings.Cut(name, "."); dotted {
			renamed[name] = short
			path = strings.Replace(path, "{"+name+"}", "{"+short+"}", 1)
		}
		rest = after
	}
}

func rename(op object, names map[string]string) {
	params, _ := op["parameters"].([]any)
	for _, p := range params {
		p := asObject(p)
		if short := names[asString(p["name"])]; short != "" && p["in"] == "path" {
			p["name"] = short
		}
	}
}

func asObject(v any) object {
	o, _ := v.(object)
	return o
}

func asString(v any) string {
	s, _ := v.(string)
	return s
}

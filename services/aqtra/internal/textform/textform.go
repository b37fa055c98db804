// Package textform is the text form of a component: files that people read, compare and keep. The words are those of the
// samples (services/gateway/internal/samples): the messages of library.v1 as YAML, by the same codec (pkg/wirejson).
//
// component.yaml names the component, its model and the order of its parts, by their ids; a script's title and roles stand
// there, too. The rest of each part is a file: pages/<id>.yaml, dataflows/<id>.yaml, workflows/<id>.yaml, scripts/<id>.py;
// settings are settings.yaml. What a server or a tenant adds (uid, revision, etag, times, subject) is left out.
package textform

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/wirejson"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

const (
	componentFile = "component.yaml"
	settingsFile  = "settings.yaml"
)

// Bounds of one component, those of component-library.
const (
	maxFiles = 1 + 1 + 4*200
	maxBytes = 4 << 20
)

// Plain returns the component without what a server adds to it; it is what the files of Encode hold.
func Plain(c *libraryv1.Component) *libraryv1.Component {
	c = proto.CloneOf(c)
	c.Uid, c.Revision, c.Etag, c.CreateTime, c.UpdateTime, c.UpdateSubject, c.PublishedRevision = "", 0, "", nil, nil, "", 0
	return c
}

// Encode returns the files of a component by their slash-separated paths in the component's folder. The same component
// gives the same bytes. It fails for a component that Decode would not give back exactly.
func Encode(c *libraryv1.Component) (map[string][]byte, error) {
	want := Plain(c)
	head := proto.CloneOf(want)
	messages := map[string]proto.Message{componentFile: head}
	files := map[string][]byte{}
	for i, p := range want.GetPages() {
		head.Pages[i] = &libraryv1.Page{Id: p.GetId()}
		messages["pages/"+p.GetId()+".yaml"] = p
	}
	for i, p := range want.GetDataflows() {
		head.Dataflows[i] = &libraryv1.Dataflow{Id: p.GetId()}
		messages["dataflows/"+p.GetId()+".yaml"] = p
	}
	for i, p := range want.GetWorkflows() {
		head.Workflows[i] = &libraryv1.Workflow{Id: p.GetId()}
		messages["workflows/"+p.GetId()+".yaml"] = p
	}
	for i, p := range want.GetScripts() {
		head.Scripts[i].Source = ""
		files["scripts/"+p.GetId()+".py"] = []byte(p.GetSource())
	}
	if want.GetSettings() != nil {
		head.Settings = nil
		messages[settingsFile] = want.GetSettings()
	}
	for path, m := range messages {
		text, err := wirejson.New().Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if files[path], err = fromJSON(text, m.ProtoReflect()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	got, err := Decode(files)
	if err != nil {
		return nil, fmt.Errorf("write component %q as text: %w", c.GetId(), err)
	}
	if !proto.Equal(got, want) {
		return nil, fmt.Errorf("component %q holds a value that the text form cannot keep", c.GetId())
	}
	return files, nil
}

// Decode reads the files of one component. Errors begin with the file and the line. A file that component.yaml does not name
// is an error.
func Decode(files map[string][]byte) (*libraryv1.Component, error) {
	if len(files) > maxFiles {
		return nil, fmt.Errorf("has %d files, at most %d are allowed", len(files), maxFiles)
	}
	size := 0
	for _, text := range files {
		size += len(text)
	}
	if size > maxBytes {
		return nil, fmt.Errorf("takes %d bytes, at most %d are allowed", size, maxBytes)
	}
	r := reader{files: maps.Clone(files), id: regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)}
	c := &libraryv1.Component{}
	r.message(componentFile, c)
	if r.err == nil && (c.GetSettings() != nil || !proto.Equal(c, Plain(c))) {
		r.err = errors.New(componentFile + ": holds settings or what the server keeps (uid, revision, etag, times, subject)")
	}
	for i, p := range c.GetPages() {
		c.Pages[i] = part(&r, "pages", p, &libraryv1.Page{Id: p.GetId()}, &libraryv1.Page{})
	}
	for i, p := range c.GetDataflows() {
		c.Dataflows[i] = part(&r, "dataflows", p, &libraryv1.Dataflow{Id: p.GetId()}, &libraryv1.Dataflow{})
	}
	for i, p := range c.GetWorkflows() {
		c.Workflows[i] = part(&r, "workflows", p, &libraryv1.Workflow{Id: p.GetId()}, &libraryv1.Workflow{})
	}
	for _, p := range c.GetScripts() {
		if p.GetSource() != "" {
			r.fail(componentFile, "the source of script %q belongs into scripts/%s.py", p.GetId(), p.GetId())
		}
		path := r.path("scripts", p.GetId(), ".py")
		p.Source = string(r.take(path))
		if !utf8.ValidString(p.Source) {
			r.fail(path, "is not UTF-8 text")
		}
	}
	if _, there := r.files[settingsFile]; there {
		c.Settings = &libraryv1.Settings{}
		r.message(settingsFile, c.Settings)
	}
	if r.err == nil && len(r.files) > 0 {
		r.fail(slices.Sorted(maps.Keys(r.files))[0], "is not named in %s", componentFile)
	}
	if r.err != nil {
		return nil, r.err
	}
	return c, nil
}

// reader takes files until one is wrong.
type reader struct {
	files map[string][]byte // not read yet
	id    *regexp.Regexp
	err   error
}

func (r *reader) fail(file, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s", file, fmt.Sprintf(format, args...))
	}
}

func (r *reader) path(folder, id, ending string) string {
	if !r.id.MatchString(id) {
		r.fail(componentFile, "%q in %s is not an id", id, folder)
	}
	return folder + "/" + id + ending
}

func (r *reader) take(path string) []byte {
	text, there := r.files[path]
	if !there {
		r.fail(path, "is missing, or named twice in %s", componentFile)
	}
	delete(r.files, path)
	return text
}

func (r *reader) message(path string, m proto.Message) {
	text := r.take(path)
	if r.err != nil {
		return
	}
	plain, doc, err := toJSON(bytes.TrimPrefix(text, []byte("\ufeff")))
	if err == nil {
		err = wirejson.New().Unmarshal(plain, m)
	}
	if e, is := fault.As(err); is && len(e.Violations) > 0 {
		v := e.Violations[0]
		r.err = fmt.Errorf("%s:%d: %s: %s", path, lineOf(doc, v.Field), v.Field, v.Description)
		return
	}
	if err != nil {
		r.err = fmt.Errorf("%s: %w", path, err)
	}
}

type identified interface {
	proto.Message
	GetId() string
}

// part reads a part's file; in component.yaml it may have its id only.
func part[P identified](r *reader, folder string, named, bare, p P) P {
	if !proto.Equal(named, bare) {
		r.fail(componentFile, "%s %q may have its id only, the rest belongs into its file", folder, named.GetId())
	}
	path := r.path(folder, named.GetId(), ".yaml")
	r.message(path, p)
	if p.GetId() != named.GetId() {
		r.fail(path, "its id is %q", p.GetId())
	}
	return p
}

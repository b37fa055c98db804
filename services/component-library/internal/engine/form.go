package engine

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// What a component may hold at most.
const (
	maxComponentBytes = 4 << 20
	maxFields         = 500
	maxParts          = 200 // of each kind
	maxNodes          = 5_000
	maxSteps          = 500
	maxDepth          = 32
	maxSource         = 256 << 10
	maxExpression     = 8 << 10
	maxRules          = 500
	maxRoles          = 100
	maxTitle          = 200
	maxDescription    = 10_000
	maxOptions        = 2_000
	maxViolations     = 100
)

// form collects what is wrong with the form of a document.
type form struct {
	componentID, stableID, partID, fieldName *regexp.Regexp
	found                                    []fault.Violation
}

func newForm() *form {
	return &form{
		componentID: regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`),
		stableID:    regexp.MustCompile(`^[a-z][a-z0-9]{9}$`),
		partID:      regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`),
		fieldName:   regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,59}$`),
	}
}

// checkForm refuses a document that could not even be kept: bad names, doubles, sizes. Whether it makes sense is for the
// check. The fault names every field that is wrong, up to a hundred of them.
func checkForm(c *libraryv1.Component) error {
	if size := proto.Size(c); size > maxComponentBytes {
		return fault.Invalid(faultv1.Reason_REASON_DEFINITION_TOO_LARGE,
			fmt.Sprintf("the component takes %d bytes, at most %d are allowed", size, maxComponentBytes))
	}
	f := newForm()
	f.component(c)
	if len(f.found) == 0 {
		return nil
	}
	e := fault.Invalid(faultv1.Reason_REASON_DEFINITION_INVALID, "the definition has fields that are not valid")
	e.Violations = f.found
	return e
}

func (f *form) bad(path, format string, args ...any) {
	if len(f.found) < maxViolations {
		f.found = append(f.found, fault.Violation{Field: path, Description: fmt.Sprintf(format, args...)})
	}
}

func (f *form) length(path, text string, most int) {
	if n := utf8.RuneCountInString(text); n > most {
		f.bad(path, "has %d characters, at most %d are allowed", n, most)
	}
}

func (f *form) count(path string, n, most int) bool {
	if n > most {
		f.bad(path, "has %d items, at most %d are allowed", n, most)
		return false
	}
	return true
}

func (f *form) component(c *libraryv1.Component) {
	if !f.componentID.MatchString(c.GetId()) {
		f.bad("id", "must be 1 to 40 lower case letters, digits and underscores and begin with a letter")
	}
	if !f.stableID.MatchString(c.GetUid()) {
		f.bad("uid", "must be a letter and nine lower case letters or digits; leave it empty to have one made")
	}
	f.length("display_name", c.GetDisplayName(), maxTitle)
	f.length("description", c.GetDescription(), maxDescription)
	f.model(c.GetModel())
	f.parts(c)
	f.settings(c.GetSettings())
}

func (f *form) model(m *libraryv1.ObjectModel) {
	if !f.count("model.fields", len(m.GetFields()), maxFields) {
		return
	}
	ids, names := map[string]bool{}, map[string]bool{}
	for i, field := range m.GetFields() {
		path := fmt.Sprintf("model.fields[%d]", i)
		if !f.stableID.MatchString(field.GetId()) {
			f.bad(path+".id", "must be a letter and nine lower case letters or digits; leave it empty to have one made")
		} else if ids[field.GetId()] {
			f.bad(path+".id", "is the id of another field too")
		}
		ids[field.GetId()] = true
		if !f.fieldName.MatchString(field.GetName()) {
			f.bad(path+".name", "must be a letter and then letters, digits and underscores, at most 60 in all")
		} else if names[field.GetName()] {
			f.bad(path+".name", "is the name of another field too")
		}
		names[field.GetName()] = true
		f.length(path+".title", field.GetTitle(), maxTitle)
		f.length(path+".description", field.GetDescription(), maxDescription)
		if _, known := libraryv1.FieldType_name[int32(field.GetType())]; !known || field.GetType() == 0 {
			f.bad(path+".type", "must be one of the types of fields")
		}
		f.rules(path, field)
	}
}

func (f *form) rules(path string, field *libraryv1.Field) {
	if pattern := field.GetString_().GetPattern(); pattern != "" {
		f.length(path+".string.pattern", pattern, 1000)
		if _, err := regexp.Compile(pattern); err != nil {
			f.bad(path+".string.pattern", "is not a regular expression: %s", err)
		}
	}
	f.count(path+".integer.options", len(field.GetInteger().GetOptions()), maxOptions)
	for i, o := range field.GetInteger().GetOptions() {
		f.length(fmt.Sprintf("%s.integer.options[%d].label", path, i), o.GetLabel(), maxTitle)
	}
	f.count(path+".file.accepted_types", len(field.GetFile().GetAcceptedTypes()), 100)
	for i, t := range field.GetFile().GetAcceptedTypes() {
		f.length(fmt.Sprintf("%s.file.accepted_types[%d]", path, i), t, 100)
	}
}

// part checks what all parts have.
func (f *form) part(path, id, title string, roles []string, seen map[string]bool) {
	f.id(path+".id", id, seen)
	f.length(path+".title", title, maxTitle)
	f.roles(path+".roles", roles)
}

func (f *form) id(path, id string, seen map[string]bool) {
	switch {
	case !f.partID.MatchString(id):
		f.bad(path, "must be 1 to 60 lower case letters, digits, dashes and underscores and begin with a letter or digit")
	case seen[id]:
		f.bad(path, "is used twice")
	}
	seen[id] = true
}

func (f *form) roles(path string, roles []string) {
	f.count(path, len(roles), maxRoles)
	for i, r := range roles {
		f.role(fmt.Sprintf("%s[%d]", path, i), r)
	}
}

func (f *form) role(path, role string) {
	if n := utf8.RuneCountInString(role); n == 0 || n > 100 {
		f.bad(path, "must have 1 to 100 characters")
	}
}

func (f *form) parts(c *libraryv1.Component) {
	seen := map[string]bool{}
	f.count("pages", len(c.GetPages()), maxParts)
	for i, p := range c.GetPages() {
		path := fmt.Sprintf("pages[%d]", i)
		f.part(path, p.GetId(), p.GetTitle(), p.GetRoles(), seen)
		f.page(path+".document", p.GetDocument())
	}
	seen = map[string]bool{}
	f.count("dataflows", len(c.GetDataflows()), maxParts)
	for i, d := range c.GetDataflows() {
		path := fmt.Sprintf("dataflows[%d]", i)
		f.part(path, d.GetId(), d.GetTitle(), d.GetRoles(), seen)
		f.steps(path, d.GetSteps())
	}
	seen = map[string]bool{}
	f.count("workflows", len(c.GetWorkflows()), maxParts)
	for i, w := range c.GetWorkflows() {
		path := fmt.Sprintf("workflows[%d]", i)
		f.part(path, w.GetId(), w.GetTitle(), w.GetRoles(), seen)
		if _, ok := f.value(path+".document", w.GetDocument()).(map[string]any); w.GetDocument() != nil && !ok {
			f.bad(path+".document", "must be an object")
		}
	}
	seen = map[string]bool{}
	f.count("scripts", len(c.GetScripts()), maxParts)
	for i, s := range c.GetScripts() {
		path := fmt.Sprintf("scripts[%d]", i)
		f.part(path, s.GetId(), s.GetTitle(), s.GetRoles(), seen)
		if n := len(s.GetSource()); n > maxSource {
			f.bad(path+".source", "has %d bytes, at most %d are allowed", n, maxSource)
		}
	}
}

func (f *form) steps(path string, steps []*libraryv1.Step) {
	if !f.count(path+".steps", len(steps), maxSteps) {
		return
	}
	seen := map[string]bool{}
	for i, s := range steps {
		at := fmt.Sprintf("%s.steps[%d]", path, i)
		f.id(at+".id", s.GetId(), seen)
		if !f.partID.MatchString(s.GetType()) {
			f.bad(at+".type", "must be the name of a kind of step")
		}
		f.length(at+".title", s.GetTitle(), maxTitle)
		f.count(at+".sources", len(s.GetSources()), maxSteps)
		f.count(at+".params", len(s.GetParams()), maxTitle)
		for _, name := range slices.Sorted(maps.Keys(s.GetParams())) {
			f.length(at+".params", name, maxTitle)
			f.value(at+".params."+truncate(name, 80), s.GetParams()[name])
		}
	}
}

func (f *form) page(path string, document *typev1.Value) {
	if document == nil {
		return
	}
	doc, ok := f.value(path, document).(map[string]any)
	if !ok {
		f.bad(path, `must be an object with "root" and "nodes"`)
		return
	}
	if root, ok := doc["root"].(string); !ok || !f.fieldName.MatchString(root) && !f.partID.MatchString(root) {
		f.bad(path+".root", "must be the id of a node")
	}
	nodes, ok := doc["nodes"].(map[string]any)
	if !ok {
		f.bad(path+".nodes", "must be an object of nodes by id")
		return
	}
	if !f.count(path+".nodes", len(nodes), maxNodes) {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(nodes)) {
		at := path + ".nodes." + id
		if !f.fieldName.MatchString(id) && !f.partID.MatchString(id) {
			f.bad(path+".nodes", "%q is no id of a node: at most 60 letters, digits, dashes and underscores", truncate(id, 80))
			continue
		}
		f.node(at, nodes[id])
	}
}

func (f *form) node(path string, v any) {
	node, ok := v.(map[string]any)
	if !ok {
		f.bad(path, "must be an object")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(node)) {
		x := node[key]
		switch key {
		case "type":
			if t, ok := x.(string); !ok || !f.fieldName.MatchString(t) && !f.partID.MatchString(t) {
				f.bad(path+".type", "must be the name of a control")
			}
		case "name":
			if t, ok := x.(string); !ok || utf8.RuneCountInString(t) > maxTitle {
				f.bad(path+".name", "must be a text of at most %d characters", maxTitle)
			}
		case "props":
			if _, ok := x.(map[string]any); !ok {
				f.bad(path+".props", "must be an object")
			}
		case "slots":
			if !slotsFormed(x) {
				f.bad(path+".slots", "must be an object of lists of ids of nodes")
			}
		default:
			f.bad(path, "has an unknown key %q", truncate(key, 80))
		}
	}
	if node["type"] == nil {
		f.bad(path+".type", "must be the name of a control")
	}
}

func slotsFormed(v any) bool {
	slots, ok := v.(map[string]any)
	if !ok {
		return false
	}
	for _, list := range slots {
		items, ok := list.([]any)
		if !ok {
			return false
		}
		for _, item := range items {
			if _, ok := item.(string); !ok {
				return false
			}
		}
	}
	return true
}

// value reads a value, or says why it is none. Absent values count as wrong.
func (f *form) value(path string, p *typev1.Value) any {
	if p == nil {
		return nil
	}
	if !shallow(p, maxDepth) {
		f.bad(path, "is nested deeper than %d levels", maxDepth)
		return nil
	}
	v, present, err := value.FromProto(p)
	if err != nil {
		f.bad(path, "%s", err)
		return nil
	}
	if !present {
		f.bad(path, "has no value")
		return nil
	}
	return v
}

func shallow(p *typev1.Value, levels int) bool {
	if levels == 0 {
		return false
	}
	for _, item := range p.GetList().GetItems() {
		if !shallow(item, levels-1) {
			return false
		}
	}
	for _, item := range p.GetMap().GetFields() {
		if !shallow(item, levels-1) {
			return false
		}
	}
	return true
}

func (f *form) settings(s *libraryv1.Settings) {
	f.count("settings.access", len(s.GetAccess()), maxRules)
	for i, r := range s.GetAccess() {
		path := fmt.Sprintf("settings.access[%d]", i)
		f.role(path+".role", r.GetRole())
		f.expression(path+".filter", r.GetFilter())
		if len(r.GetOperations()) == 0 {
			f.bad(path+".operations", "must name at least one operation")
		}
		for j, op := range r.GetOperations() {
			f.operation(fmt.Sprintf("%s.operations[%d]", path, j), op)
		}
	}
	f.count("settings.triggers", len(s.GetTriggers()), maxRules)
	seen := map[string]bool{}
	for i, t := range s.GetTriggers() {
		path := fmt.Sprintf("settings.triggers[%d]", i)
		f.id(path+".id", t.GetId(), seen)
		f.operation(path+".operation", t.GetOperation())
		f.expression(path+".condition", t.GetCondition())
		if !f.partID.MatchString(t.GetWorkflow()) {
			f.bad(path+".workflow", "must be the id of a workflow of this component")
		}
	}
	if p := s.GetHomePage(); p != "" && !f.partID.MatchString(p) {
		f.bad("settings.home_page", "must be the id of a page of this component")
	}
}

func (f *form) operation(path string, op libraryv1.Operation) {
	if _, known := libraryv1.Operation_name[int32(op)]; !known || op == 0 {
		f.bad(path, "must be one of READ, CREATE, UPDATE and DELETE")
	}
}

func (f *form) expression(path, text string) {
	if len(text) > maxExpression {
		f.bad(path, "has %d bytes, at most %d are allowed", len(text), maxExpression)
	}
}

func truncate(s string, runes int) string {
	for i := range s {
		if runes == 0 {
			return s[:i] + "…"
		}
		runes--
	}
	return s
}

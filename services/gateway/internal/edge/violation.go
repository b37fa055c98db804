package edge

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// restField gives the field of a violation the name that it has in the REST form of the method: services name fields as proto
// does ("role.display_name"), from the request on; who sends JSON knows "displayName", from the body on.
func (m *method) restField(path string) string {
	message := m.input
	b := m.route.body
	if body := message.Fields().ByName(protoreflect.Name(b)); body != nil {
		if rest, ok := strings.CutPrefix(path, b+"."); ok {
			message, path = body.Message(), rest
		} else if first, _, _ := strings.Cut(path, "."); message.Fields().ByName(protoreflect.Name(first)) == nil {
			message = body.Message() // the service took the body for the whole
		}
	}
	parts := strings.Split(path, ".")
	for i, part := range parts {
		name, index, _ := strings.Cut(part, "[")
		if message == nil {
			break
		}
		f := message.Fields().ByName(protoreflect.Name(name))
		if f == nil {
			break // a name of the user's, or already one of JSON
		}
		parts[i] = f.JSONName() + strings.TrimPrefix(part, name)
		message = f.Message()
		if f.IsMap() && index == "" {
			break // what follows is a key
		}
	}
	return strings.Join(parts, ".")
}

package identity

import (
	"context"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/metadata"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
)

// The bounds of what a caller may send.
const (
	maxEmail       = 254
	maxName        = 200
	maxRolesHeld   = 32
	maxGrants      = 64
	maxPage        = 1000
	maxFound       = 1000
	maxNamesSought = 200
)

var (
	idPattern  = regexp.MustCompile(`^[a-z0-9_-]+$`)
	roleID     = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
	permission = regexp.MustCompile(`^(\*|[a-z][a-zA-Z_]*(\.[a-z][a-zA-Z_]*)*(\.\*)?)$`)
	component  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)
)

// violations collects the fields of a request that are wrong.
type violations []fault.Option

func (v *violations) check(ok bool, field, description string) {
	if !ok {
		*v = append(*v, fault.Field(field, description))
	}
}

// name checks a text for people.
func (v *violations) name(field, text string) {
	v.check(text != "" && strings.TrimSpace(text) == text, field, "must not be empty or begin or end with blanks")
	v.check(utf8.RuneCountInString(text) <= maxName, field, "must have at most 200 characters")
	v.check(utf8.ValidString(text) && !strings.ContainsFunc(text, value.Misleads), field,
		"must not contain control characters or marks that change the direction of writing")
}

// email checks an address and returns it in the form that is stored.
func (v *violations) email(field, text string) string {
	email, err := parseEmail(field, text)
	v.check(err == nil, field, "must be an e-mail address")
	return email
}

// roles checks a list of roles and returns it sorted, without doubles; whether they exist is another question.
func (v *violations) roles(field string, ids []string) []string {
	v.check(len(ids) <= maxRolesHeld, field, "must be at most 32 roles")
	for _, id := range ids {
		v.check(roleID.MatchString(id), field, "contains what is not the id of a role")
	}
	out := slices.Clone(ids)
	slices.Sort(out)
	return append([]string{}, slices.Compact(out)...)
}

func (v *violations) grants(field string, grants []*identityv1.Grant) {
	v.check(len(grants) <= maxGrants, field, "must be at most 64 grants")
	for _, g := range grants {
		v.check(len(g.GetPermission()) <= 64 && permission.MatchString(g.GetPermission()), field,
			`contains what is not a permission, such as "entries.read", "entries.*" or "*"`)
		v.check(g.GetComponent() == "" || component.MatchString(g.GetComponent()), field, "contains what is not the id of a component")
	}
}

func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has invalid fields", v...)
}

func parseEmail(field, text string) (string, error) {
	bad := fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has invalid fields", fault.Field(field, "must be an e-mail address"))
	if len(text) > maxEmail || !utf8.ValidString(text) || strings.ContainsFunc(text, value.Misleads) {
		return "", bad
	}
	addr, err := mail.ParseAddress(text)
	if err != nil || addr.Address != text || addr.Name != "" {
		return "", bad
	}
	return strings.ToLower(text), nil
}

// metadataValue returns what the edge sent under a name, or nothing.
func metadataValue(ctx context.Context, name string) string {
	if v := metadata.ValueFromIncomingContext(ctx, name); len(v) == 1 {
		return v[0]
	}
	return ""
}

// plainID reports whether text could be an id. What could not is missing, without asking.
func plainID(text string) bool { return text != "" && len(text) <= 64 && idPattern.MatchString(text) }

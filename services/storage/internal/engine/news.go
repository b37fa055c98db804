package engine

import (
	"slices"

	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// News hears, after it is durable, that entries changed, so that open pages can read them again. It must not block.
type News interface {
	// EntriesChanged names the roles that may read some of the component's entries, empty for all with the permission, and the
	// ids, empty when there are many or when not every reader may know them.
	EntriesChanged(tenant, component string, roles, ids []string)
}

// manyEntries is from how many on changed entries are not told one by one.
const manyEntries = 8

// announce tells which entries a batch has changed.
func (s *session) announce(results []Result) {
	var ids []string
	for _, r := range results {
		if r.Done != 0 && r.Refused == nil {
			ids = append(ids, r.Entry.ID)
		}
		if len(ids) > manyEntries {
			break
		}
	}
	if len(ids) > 0 {
		s.tell(ids)
	}
}

func (s *session) tell(ids []string) {
	roles, partly := readers(s.component)
	if partly || len(ids) > manyEntries {
		ids = nil
	}
	s.news.EntriesChanged(s.caller.Tenant, s.component.ID, roles, ids)
}

// readers returns the roles that the access rules let read entries, nil when there are no rules, and whether somebody may read
// only some of them.
func readers(c *model.Component) (roles []string, partly bool) {
	if len(c.Access) == 0 {
		return nil, false
	}
	roles = []string{principal.RoleAdmin}
	for _, rule := range c.Access {
		if slices.Contains(rule.GetOperations(), libraryv1.Operation_OPERATION_READ) {
			roles = append(roles, rule.GetRole())
			partly = partly || rule.GetFilter() != ""
		}
	}
	return roles, partly
}

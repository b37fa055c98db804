package broadcast

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
)

// pending is what waits to be told. Its zero value is empty.
type pending struct {
	groups map[group]*news
	order  []group // as they came
}

type group struct {
	tenant    string
	kind      changesv1.Kind
	component string
	audience  string // what must not be told together: tasks, changes for other roles, and a release with its publication
}

// news is what is told of a group: up to maxIDs things, or that there were many.
type news struct {
	ids          []string
	many         bool
	users, roles []string
}

func (p *pending) add(m Message) {
	g := group{tenant: m.Tenant, kind: m.Kind, component: m.Component}
	switch {
	case m.Kind == changesv1.Kind_KIND_TASK:
		g.audience = m.ID
	case m.Kind == changesv1.Kind_KIND_NOTICE:
		g.audience = strings.Join(m.Users, ",")
	case m.Kind == changesv1.Kind_KIND_PUBLICATION && m.ID == "":
		g.audience = "everybody" // who may not follow the publication hears of the release
	case len(m.Roles) > 0:
		g.audience = strings.Join(m.Roles, ",")
	}
	n := p.groups[g]
	if n == nil {
		switch size := len(p.groups); {
		case size >= maxPending && m.Kind != changesv1.Kind_KIND_UNSPECIFIED:
			p.add(Message{Tenant: m.Tenant})
			return
		case size >= 2*maxPending:
			*p = pending{}
			p.add(Message{})
			return
		case size == 0:
			p.groups = make(map[group]*news)
		}
		n = &news{}
		p.groups[g] = n
		p.order = append(p.order, g)
	}
	n.add(m)
}

func (n *news) add(m Message) {
	n.users, n.roles = union(n.users, m.Users), union(n.roles, m.Roles)
	switch {
	case n.many || slices.Contains(n.ids, m.ID):
	case m.ID == "" || len(n.ids) == maxIDs:
		n.ids, n.many = nil, true
	default:
		n.ids = append(n.ids, m.ID)
	}
}

func union(all, more []string) []string {
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// wire is a group as it travels.
type wire struct {
	Tenant    string         `json:"t,omitempty"`
	Kind      changesv1.Kind `json:"k,omitempty"`
	Component string         `json:"c,omitempty"`
	IDs       []string       `json:"i,omitempty"`
	Users     []string       `json:"u,omitempty"`
	Roles     []string       `json:"r,omitempty"`
}

// take removes a batch that may be sent, nil when nothing waits, and tells whether more waits.
func (p *pending) take() (batch []byte, more bool) {
	for len(p.order) > 0 {
		g := p.order[0]
		n := p.groups[g]
		text := encode(wire{g.tenant, g.kind, g.component, n.ids, n.users, n.roles})
		if len(text) > maxBatch-2 {
			text = encode(wire{Tenant: g.tenant})
		}
		if len(batch) > 0 && len(batch)+len(text)+2 > maxBatch {
			return append(batch, ']'), true
		}
		p.order = p.order[1:]
		delete(p.groups, g)
		if len(batch) == 0 {
			batch = append(batch, '[')
		} else {
			batch = append(batch, ',')
		}
		batch = append(batch, text...)
	}
	*p = pending{}
	if len(batch) == 0 {
		return nil, false
	}
	return append(batch, ']'), false
}

func encode(w wire) []byte {
	text, err := json.Marshal(w)
	if err != nil { // texts and a number: it cannot fail
		return []byte("{}")
	}
	return text
}

func decode(batch []byte) ([]Message, error) {
	var all []wire
	if err := json.Unmarshal(batch, &all); err != nil {
		return nil, fmt.Errorf("decode changes: %w", err)
	}
	var out []Message
	for _, w := range all {
		m := Message{Tenant: w.Tenant, Kind: w.Kind, Component: w.Component, Users: w.Users, Roles: w.Roles}
		if len(w.IDs) == 0 {
			out = append(out, m)
		}
		for _, m.ID = range w.IDs {
			out = append(out, m)
		}
	}
	return out, nil
}

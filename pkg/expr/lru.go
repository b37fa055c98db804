package expr

import (
	"container/list"
	"sync"
)

// lru keeps the programs used last, at most limit of them. It is safe for use by several goroutines.
type lru struct {
	mu     sync.Mutex
	limit  int
	order  *list.List // of *Program, the one used last in front
	byText map[string]*list.Element
}

func newLRU(limit int) *lru {
	return &lru{limit: limit, order: list.New(), byText: make(map[string]*list.Element)}
}

func (c *lru) get(text string) (*Program, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byText[text]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	p, ok := e.Value.(*Program)
	return p, ok
}

func (c *lru) put(p *Program) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byText[p.text]; ok { // compiled twice at the same time
		e.Value = p
		c.order.MoveToFront(e)
		return
	}
	c.byText[p.text] = c.order.PushFront(p)
	if c.order.Len() > c.limit {
		oldest := c.order.Back()
		c.order.Remove(oldest)
		if old, ok := oldest.Value.(*Program); ok {
			delete(c.byText, old.text)
		}
	}
}

package engine

import (
	"slices"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// strand is a line of tasks that goes on by itself: the run's own, or a branch of a fork.
type strand struct {
	// parent is the strand whose top frame is the fork; nil for the run's own. branch is which of its branches this is.
	parent *strand
	branch int
	frames []*task.Frame
	// pending is what the task within, or a branch, has given to the top frame.
	pending *delivery
}

type delivery struct {
	then   string
	output any
	branch int
}

func (s *strand) top() *task.Frame { return s.frames[len(s.frames)-1] }

// chain are the frames that a strand is within, from that of the whole run to its own top one.
func (s *strand) chain() []*task.Frame {
	if s.parent == nil {
		return s.frames
	}
	return append(slices.Clip(s.parent.chain()), s.frames...)
}

// depth is the length of the chain.
func (s *strand) depth() int { return s.base() + len(s.frames) }

// base is how many frames of the chain belong to the strands around.
func (s *strand) base() int {
	if s.parent == nil {
		return 0
	}
	return s.parent.depth()
}

// within reports whether a strand goes on within another one.
func (s *strand) within(other *strand) bool {
	for p := s.parent; p != nil; p = p.parent {
		if p == other {
			return true
		}
	}
	return false
}

// cut goes back to frame i of the present chain, and ends everything within it.
func (m *machine) cut(i int) {
	for i < m.cur.base() {
		m.cur = m.cur.parent
	}
	keep := i - m.cur.base() + 1
	m.end(m.cur)
	m.withdraw(m.cur.frames[keep:])
	m.putBack(m.cur.frames[keep:])
	m.cur.frames, m.cur.pending = m.cur.frames[:keep], nil
}

// end ends the branches within a strand.
func (m *machine) end(of *strand) {
	if len(m.st.strands) == 1 {
		return
	}
	m.st.strands = slices.DeleteFunc(m.st.strands, func(s *strand) bool {
		gone := s.within(of)
		if gone {
			m.withdraw(s.frames)
			m.putBack(s.frames)
		}
		return gone
	})
}

// withdraw takes back the questions of frames that are no more.
func (m *machine) withdraw(frames []*task.Frame) {
	for _, f := range frames {
		if f.Wait != task.WaitAnswer {
			continue
		}
		m.changed = true
		if i := slices.IndexFunc(m.asked, func(t *Task) bool { return t.ID == f.Topic }); i >= 0 {
			m.asked = slices.Delete(m.asked, i, i+1) // it was not put yet
		} else {
			m.closed = append(m.closed, f.Topic)
			m.reminded = slices.DeleteFunc(m.reminded, func(r Reminder) bool { return r.Task == f.Topic })
		}
	}
}

// next turns to the strand after the present one.
func (m *machine) next() {
	i := slices.Index(m.st.strands, m.cur) + 1
	m.cur = m.st.strands[i%len(m.st.strands)]
}

// due are the strands whose call has to be done now.
func (m *machine) due() []*strand {
	var out []*strand
	for _, s := range m.st.strands {
		if f := s.top(); f.Wait == task.WaitCall && !m.now.Before(f.Until) {
			out = append(out, s)
		}
	}
	return out
}

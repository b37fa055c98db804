package engine

import (
	"time"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// wake is when the run wants to go on without mail; zero for never.
func (m *machine) wake() time.Time {
	var wake time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (wake.IsZero() || t.Before(wake)) {
			wake = t
		}
	}
	for _, s := range m.st.strands {
		for _, f := range s.frames {
			sooner(f.Deadline)
		}
		sooner(s.top().Until)
	}
	return wake
}

// position is the path of the task that the run is at; of several, that of the first branch.
func (m *machine) position() string {
	at := m.st.strands[0]
	for _, s := range m.st.strands {
		if s.top().Wait != task.WaitBranches {
			at = s
			break
		}
	}
	frames := at.chain()
	for i := len(frames) - 1; i > 0; i-- {
		if t := m.program.Tasks[frames[i].Task]; !t.Block {
			return t.Path
		}
	}
	return ""
}

// commit takes what has happened since the last one.
func (m *machine) commit(release bool) (*Commit, error) {
	c := &Commit{
		Tenant: m.run.Tenant, Component: m.run.Component, Run: m.run.ID, Epoch: m.run.Epoch, Seq: m.run.Seq, State: Running,
		Mail: m.run.Mail, Release: release, Asked: m.asked, Closed: m.closed, CloseTasks: m.close, Reminded: m.reminded, Consumed: m.consumed, Error: m.err,
	}
	var err error
	if len(m.st.strands) > 0 {
		c.Position = m.position()
		if c.Snapshot, err = m.st.encode(&m.packer); err != nil {
			return nil, err
		}
		if len(c.Snapshot) > MaxState {
			return nil, task.NewError("runtime", "the state of the run is larger than %d bytes", MaxState)
		}
	}
	switch {
	case m.result != 0:
		if m.result == Succeeded {
			for _, mail := range m.mail {
				c.Consumed = append(c.Consumed, mail.ID) // nobody will listen any more
			}
		}
		c.State, c.Release, c.FinishTime = m.result, true, m.now
		if c.Output, err = Encode(m.output); err != nil {
			return nil, err
		}
	case release:
		c.State, c.Wake = Waiting, m.wake()
	}
	for _, r := range m.records {
		if r.Event.Input, err = m.packer.encode(r.input); err != nil {
			return nil, err
		}
		if r.Event.Output, err = m.packer.encode(r.output); err != nil {
			return nil, err
		}
		c.History = append(c.History, r.Event)
	}
	c.Payloads, c.Events = m.packer.payloads, m.run.Events
	for _, t := range m.asked {
		t.Tenant, t.Run = m.run.Tenant, m.run.ID
	}
	return c, nil
}

// committed forgets what is stored.
func (m *machine) committed() {
	m.run.Seq++
	m.records, m.bytes, m.consumed, m.asked, m.closed, m.reminded, m.close, m.changed = nil, 0, nil, nil, nil, nil, false, m.program.Volatile
	m.packer.payloads = nil
}

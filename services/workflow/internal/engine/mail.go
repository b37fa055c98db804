package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// ask puts a question of the top frame to people.
func (m *machine) ask(f *task.Frame, q *task.Question) error {
	choices, err := Encode(q.Choices)
	if err != nil {
		return err
	}
	data, err := Encode(q.Data)
	if err != nil {
		return err
	}
	id := uuid.Must(uuid.NewV7()).String()
	asked := &Task{
		ID: id, Title: q.Title, Description: q.Description, Choices: choices, Users: q.Users, Roles: q.Roles, Data: data, Page: q.Page,
		CreateTime: m.now,
	}
	if !q.Due.IsZero() {
		asked.DueTime = &q.Due
	}
	m.asked = append(m.asked, asked)
	m.changed = true
	f.Wait, f.Topic = task.WaitAnswer, id
	m.record("task.waiting", f, record{input: map[string]any{"title": q.Title, "task": id}})
	return nil
}

// remind reminds people of the question of a frame, and asks others as well if there are any.
func (m *machine) remind(f *task.Frame, others *task.Question) {
	m.changed = true
	r, kind := Reminder{Task: f.Topic, Time: m.now}, "task.reminded"
	var whom any
	if others != nil {
		r.Escalated, r.Users, r.Roles, kind = true, others.Users, others.Roles, "task.escalated"
		whom = map[string]any{"users": texts(others.Users), "roles": texts(others.Roles)}
	}
	m.reminded = append(m.reminded, r)
	m.record(kind, f, record{output: whom})
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// receive takes the mail that a frame waits for.
func (m *machine) receive(f *task.Frame) (came bool, topic string, v any, err error) {
	kind, event := MailAnswer, "task.answered"
	if f.Wait == task.WaitSignal {
		kind, event = MailSignal, "signal.received"
	}
	for i, mail := range m.mail {
		if mail.Kind != kind || !slices.Contains(strings.Split(f.Topic, "\n"), mail.Topic) {
			continue
		}
		v, err := Decode(mail.Data)
		if err != nil {
			return false, "", nil, err
		}
		m.changed = true
		m.mail = append(m.mail[:i:i], m.mail[i+1:]...)
		m.consumed = append(m.consumed, mail.ID)
		var of any
		if kind == MailSignal {
			of = map[string]any{"type": mail.Topic}
		}
		m.record(event, f, record{input: of, output: v})
		f.Wait, f.Until = task.NoWait, time.Time{}
		return true, mail.Topic, v, nil
	}
	return false, "", nil, nil
}

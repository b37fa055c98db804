package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/wneessen/go-mail"
)

const (
	// idle is how often mails are looked for that other processes have taken in, or have left behind.
	idle = 10 * time.Second
	// lease is how long claimed mails are one process' own: longer than sending them may take.
	lease = 5 * time.Minute
	// batch is how many mails one connection sends.
	batch = 5
	// patience is how long a mail is tried.
	patience = 24 * time.Hour
	// slowest bounds the pause between two attempts.
	slowest = 2 * time.Hour
	// swept is how often old notices are removed, sweep how many at once.
	swept = time.Hour
	sweep = 1000
)

// Post sends the mails of a Desk.
type Post struct {
	desk *Desk
	sent *prometheus.CounterVec
}

// NewPost makes a Post; Run starts it.
func NewPost(desk *Desk, metrics prometheus.Registerer) (*Post, error) {
	p := &Post{desk: desk, sent: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "aqtra_workflow_mails_total", Help: "Attempts to send an e-mail, by result: sent, again or failed.",
	}, []string{"result"})}
	for _, result := range []string{"sent", "again", "failed"} {
		p.sent.WithLabelValues(result)
	}
	if err := metrics.Register(p.sent); err != nil {
		return nil, fmt.Errorf("register metrics of mails: %w", err)
	}
	return p, nil
}

// Run sends what waits, and removes what is old, until ctx ends.
func (p *Post) Run(ctx context.Context) error {
	d := p.desk
	timer := d.Clock.NewTimer(0)
	defer timer.Stop()
	var cleaned time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
		case <-d.wake:
		}
		more, err := p.round(ctx)
		if now := d.Clock.Now(); err == nil && now.Sub(cleaned) >= swept {
			var dropped int
			if dropped, err = d.Store.DropNotices(ctx, now.Add(-kept), sweep); dropped < sweep {
				cleaned = now
			}
		}
		if err != nil && ctx.Err() == nil {
			d.Log.WarnContext(ctx, "notices could not be looked at", "error", err)
		}
		timer.Stop()
		if more {
			timer.Reset(0)
		} else {
			timer.Reset(idle)
		}
	}
}

// round sends what is due, at most a batch, and tells whether there may be more.
func (p *Post) round(ctx context.Context) (bool, error) {
	d := p.desk
	if d.Config.URL == "" {
		return false, nil
	}
	now := d.Clock.Now().UTC()
	due, err := d.Store.ClaimMails(ctx, now, now.Add(lease), batch)
	if err != nil || len(due) == 0 {
		return false, err
	}
	client, err := d.Config.client()
	if err != nil {
		return false, err
	}
	letters := make([]*mail.Msg, len(due))
	for i, n := range due {
		letters[i] = d.letter(n)
	}
	failed := client.DialAndSendWithContext(ctx, letters...)
	if ctx.Err() != nil {
		return false, ctx.Err() // whoever looks after the lease sends them, some perhaps again
	}
	for i, n := range due {
		err := letters[i].SendError()
		if err == nil && !letters[i].IsDelivered() {
			err = failed
		}
		if err := p.settle(ctx, n, err); err != nil {
			return false, err
		}
	}
	return len(due) == batch, nil
}

// settle stores how an attempt went.
func (p *Post) settle(ctx context.Context, n Notice, failed error) error {
	d := p.desk
	if failed == nil {
		p.sent.WithLabelValues("sent").Inc()
		return d.Store.SetMail(ctx, n, Mailed, nil, "")
	}
	now := d.Clock.Now().UTC()
	problem := line(failed.Error())
	problem = problem[:min(len(problem), 500)]
	problem = strings.ToValidUTF8(problem, "")
	var refused *mail.SendError
	final := errors.As(failed, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500
	if final || now.Sub(n.CreateTime) > patience {
		p.sent.WithLabelValues("failed").Inc()
		d.Log.WarnContext(ctx, "mail given up", "tenant", n.Tenant, "notice", n.ID, "run_id", n.Run, "attempts", n.Attempts, "error", problem)
		return d.Store.SetMail(ctx, n, GivenUp, nil, problem)
	}
	p.sent.WithLabelValues("again").Inc()
	d.Log.WarnContext(ctx, "mail not sent yet", "tenant", n.Tenant, "notice", n.ID, "attempts", n.Attempts, "error", problem)
	next := now.Add(pause(n.Attempts))
	return d.Store.SetMail(ctx, n, Waiting, &next, problem)
}

// pause doubles from a minute.
func pause(attempts int) time.Duration {
	return min(time.Minute<<min(max(attempts-1, 0), 10), slowest)
}

// letter writes a mail. Its id is the same in every attempt, so that a mailbox can tell that it has it already.
func (d *Desk) letter(n Notice) *mail.Msg {
	m := mail.NewMsg()
	text := n.Text
	if link := d.link(n); link != "" {
		text = strings.TrimSpace(text + "\n\n" + link)
	}
	// What is wrong with an address is told when the mail is sent.
	_ = m.From(d.Config.From)
	_ = m.To(n.Address)
	m.Subject(n.Title)
	m.SetMessageIDWithValue(n.ID + "@aqtra")
	m.SetDateWithValue(n.CreateTime)
	m.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated") // RFC 3834: nobody answers that they are on holiday
	m.SetBodyString(mail.TypeTextPlain, text)
	if n.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, n.HTML)
	}
	return m
}

// link is where a notice leads in the web UI; empty for nowhere.
func (d *Desk) link(n Notice) string {
	if d.Config.Link == "" || n.Page == "" {
		return ""
	}
	link := strings.TrimSuffix(d.Config.Link, "/") + "/work/" + url.PathEscape(n.Component) + "/" + url.PathEscape(n.Page)
	if n.Entry != "" {
		link += "?entry=" + url.QueryEscape(n.Entry)
	}
	return link
}

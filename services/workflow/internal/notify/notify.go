// Package notify tells people what workflows have to say: in the app, and by e-mail. What is told is stored first, once for each person;
// mails are sent from there, again and again until the mail server takes them.
package notify

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks/notify"
)

const (
	// kept is how long notices are.
	kept = 90 * 24 * time.Hour
	// Unread is how far notices that were not read are counted.
	Unread = 100
)

// MailState says how far a mail is.
type MailState int16

// The states of a mail.
const (
	NoMail MailState = iota
	Waiting
	Mailed
	GivenUp
)

// Notice is what one person is told.
type Notice struct {
	Tenant, ID, User, Key, Preview string
	Run, Component, Page, Entry    string
	Title, Text, HTML              string
	Shown                          bool
	CreateTime                     time.Time
	ReadTime                       *time.Time
	Mail                           MailState
	Address                        string
	Attempts                       int
	MailTime                       *time.Time
}

// Filter chooses notices of a person.
type Filter struct {
	User, Preview, Before string
	Unread                bool
	Limit                 int
}

// Store keeps notices.
type Store interface {
	// AddNotices stores all or none, but for those whose key the person has already. It refuses with ErrTooMany when the tenant has had
	// more than mails since a time.
	AddNotices(ctx context.Context, tenant string, all []Notice, since time.Time, mails int) error
	// Notices lists those that a person sees, newest first.
	Notices(ctx context.Context, tenant string, f Filter) ([]Notice, error)
	// CountUnread counts up to Unread.
	CountUnread(ctx context.Context, tenant, user, preview string) (int, error)
	// ReadNotices marks some, or all, and tells how many were not read before.
	ReadNotices(ctx context.Context, tenant, user, preview string, ids []string, all bool, now time.Time) (int, error)
	// ClaimMails takes mails of all tenants that are due; until then no other process does.
	ClaimMails(ctx context.Context, now, until time.Time, n int) ([]Notice, error)
	// SetMail stores how an attempt went, unless another process has made a later one.
	SetMail(ctx context.Context, n Notice, state MailState, next *time.Time, problem string) error
	// DropNotices removes old ones, at most n, and tells how many.
	DropNotices(ctx context.Context, before time.Time, n int) (int, error)
}

// Person is a user who can be told something.
type Person struct{ ID, Email string }

// People finds users.
type People interface {
	// Members are the active users of a tenant that are named by id or e-mail address, or have one of the roles; each once.
	Members(ctx context.Context, tenant string, users, roles []string) ([]Person, error)
}

// News hears that a person has a notice, or has read one. It must not block.
type News interface {
	NoticeChanged(tenant, user, id string)
}

// Desk takes notices.
type Desk struct {
	Store  Store
	People People
	News   News
	Clock  clock.Clock
	Log    *slog.Logger
	Config Config
	wake   chan struct{}
}

var _ notify.Sender = (*Desk)(nil)

// NewDesk makes a Desk.
func NewDesk(store Store, people People, news News, c clock.Clock, log *slog.Logger, cfg Config) *Desk {
	return &Desk{Store: store, People: people, News: news, Clock: c, Log: log, Config: cfg, wake: make(chan struct{}, 1)}
}

// Send implements notify.Sender. A preview tells nobody but the one who tries it, and sends no mail.
func (d *Desk) Send(ctx context.Context, run task.Run, m notify.Message, key string) (int, error) {
	mails := m.Email && d.Config.URL != ""
	if m.Must && !mails {
		return 0, task.NewError("configuration", "this installation sends no e-mail: it has no mail server")
	}
	people, err := d.People.Members(ctx, run.Tenant, m.Users, m.Roles)
	if err != nil {
		return 0, err
	}
	preview := principal.Principal{Release: run.Release}.Preview()
	if preview != "" {
		people, mails, m.App = []Person{{ID: run.Subject}}, false, true
	}
	if len(people) == 0 {
		return 0, task.NewError("validation", "there is nobody to tell: the users are no active users of this organization, and the roles have no members")
	}
	now := d.Clock.Now().UTC().Truncate(time.Microsecond)
	all := make([]Notice, len(people))
	for i, p := range people {
		n := Notice{
			Tenant: run.Tenant, ID: uuid.Must(uuid.NewV7()).String(), User: p.ID, Key: key, Preview: preview,
			Run: run.ID, Component: run.Component, Page: m.Page, Entry: run.Entry, Title: line(m.Title), Text: m.Text, HTML: m.HTML, Shown: m.App, CreateTime: now,
		}
		if mails && p.Email != "" {
			n.Mail, n.Address, n.MailTime = Waiting, p.Email, &now
		}
		all[i] = n
	}
	if err := d.Store.AddNotices(ctx, run.Tenant, all, now.Add(-time.Hour), d.Config.PerHour); err != nil {
		return 0, err
	}
	for _, n := range all {
		if n.Shown {
			d.News.NoticeChanged(n.Tenant, n.User, n.ID)
		}
	}
	if mails {
		d.look()
	}
	return len(all), nil
}

// ErrTooMany is the error of a tenant that has sent more mails than it may.
func ErrTooMany(mails int) error {
	e := task.NewError("communication", "this organization has had %d e-mails within an hour, which is all it may send", mails)
	e.Status, e.Title = 429, "Too many e-mails"
	return e
}

// line is a text without line breaks and other control characters.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text))
}

func (d *Desk) look() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// List lists what a person is told, newest first, whether there is more, and how much was not read.
func (d *Desk) List(ctx context.Context, who principal.Principal, unread bool, before string, n int) (all []Notice, more bool, count int, err error) {
	all, err = d.Store.Notices(ctx, who.Tenant, Filter{User: who.Subject, Preview: who.Preview(), Before: before, Unread: unread, Limit: n + 1})
	if err != nil {
		return nil, false, 0, fmt.Errorf("list notices: %w", err)
	}
	if count, err = d.Store.CountUnread(ctx, who.Tenant, who.Subject, who.Preview()); err != nil {
		return nil, false, 0, fmt.Errorf("count notices: %w", err)
	}
	return all[:min(n, len(all))], len(all) > n, count, nil
}

// Read marks notices as read.
func (d *Desk) Read(ctx context.Context, who principal.Principal, ids []string, all bool) error {
	if (len(ids) == 0) != all || len(ids) > Unread {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has wrong fields", fault.Field("notices", "1 to 100 ids, or all"))
	}
	read, err := d.Store.ReadNotices(ctx, who.Tenant, who.Subject, who.Preview(), ids, all, d.Clock.Now().UTC())
	if err != nil {
		return fmt.Errorf("mark notices: %w", err)
	}
	if read > 0 {
		d.News.NoticeChanged(who.Tenant, who.Subject, "")
	}
	return nil
}

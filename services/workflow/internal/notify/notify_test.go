package notify_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/services/workflow/internal/notify"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
	message "github.com/aqtra/aqtra/services/workflow/internal/tasks/notify"
)

// office is a mail server that takes letters only over TLS and from who knows the password.
type office struct {
	mu      sync.Mutex
	letters []string // To and Message-ID
	bodies  []string
	refuse  map[string]*smtp.SMTPError // by address
}

type session struct {
	office *office
	conn   *smtp.Conn
	known  bool
	to     string
}

func (o *office) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{office: o, conn: c}, nil
}
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Reset()                   {}
func (s *session) Logout() error            { return nil }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.known = user == "aqtra" && password == "a secret"; !s.known {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if _, secure := s.conn.TLSConnectionState(); !secure || !s.known || from != "aqtra@example.com" {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	if err := s.office.refuse[to]; err != nil {
		return err
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.office.letters = append(s.office.letters, s.to+" "+m.Header.Get("Message-Id"))
	s.office.bodies = append(s.office.bodies, subject+"\n"+string(body))
	return nil
}

func (o *office) count(to string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.letters {
		if strings.HasPrefix(l, to+" ") {
			n++
		}
	}
	return n
}

func (o *office) take(to string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.refuse, to)
}

func open(t *testing.T) (o *office, cfg notify.Config) {
	t.Helper()
	dir := t.TempDir()
	a, err := certs.OpenAuthority(dir, clock.Real())
	require.NoError(t, err)
	edge, err := a.Edge()
	require.NoError(t, err)
	o = &office{refuse: map[string]*smtp.SMTPError{}}
	srv := smtp.NewServer(o)
	srv.Domain, srv.TLSConfig = "localhost", edge.ServerTLS(false)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(lis) }()
	t.Cleanup(func() {
		require.NoError(t, srv.Close())
		<-done
	})
	_, port, err := net.SplitHostPort(lis.Addr().String())
	require.NoError(t, err)
	return o, notify.Config{
		URL:  (&url.URL{Scheme: "smtp", User: url.UserPassword("aqtra", "a secret"), Host: "localhost:" + port}).String(),
		From: "Aqtra <aqtra@example.com>", Link: "https://apps.example.com", CAFile: filepath.Join(dir, certs.RootFile), PerHour: 10,
	}
}

// people are all users, and those of a role.
type people map[string][]string

func (p people) Members(_ context.Context, _ string, users, roles []string) (out []notify.Person, err error) {
	for _, role := range roles {
		users = slices.Concat(users, p[role])
	}
	for _, u := range users {
		if slices.Contains(p["all"], u) {
			out = append(out, notify.Person{ID: u, Email: u + "@example.com"})
		}
	}
	return out, nil
}

type heard struct {
	mu   sync.Mutex
	news []string
}

func (h *heard) NoticeChanged(tenant, user, _ string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.news = append(h.news, tenant+" "+user)
}

func desk(t *testing.T, c clock.Clock, cfg notify.Config) (*notify.Desk, *heard) {
	t.Helper()
	require.NoError(t, cfg.Validate())
	where := pgtest.Database(t, store.Schema, store.Migrations())
	db, err := postgres.Open(context.WithoutCancel(t.Context()), where, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	h := &heard{}
	return notify.NewDesk(store.New(db), people{"all": {"ada", "bob", "cleo"}, "clerk": {"bob", "cleo"}}, h, c, slog.New(slog.DiscardHandler), cfg), h
}

// mailed starts the post until the test ends.
func mailed(t *testing.T, d *notify.Desk) *prometheus.Registry {
	t.Helper()
	reg := prometheus.NewRegistry()
	p, err := notify.NewPost(d, reg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return reg
}

var run = task.Run{Tenant: "t1", ID: "r1", Subject: "ada", Release: "1", Component: "invoice", Entry: "e 1"}

// TestMail: everybody gets one letter; one that is put off comes later, with the same id; one that is refused is given up.
func TestMail(t *testing.T) {
	t.Parallel()
	fake := clock.NewFake(time.Now())
	o, cfg := open(t)
	o.refuse["bob@example.com"] = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
	o.refuse["cleo@example.com"] = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	d, news := desk(t, fake, cfg)
	reg := mailed(t, d)
	m := message.Message{
		Users: []string{"ada"}, Roles: []string{"clerk"}, Title: "Größe\r\nBcc: zoe@example.com", Text: "It is large.", HTML: "<p>It is &lt;large&gt;.</p>",
		Page: "view", App: true, Email: true,
	}
	for range 2 { // a repeated call tells nobody again
		told, err := d.Send(t.Context(), run, m, "key")
		require.NoError(t, err)
		require.Equal(t, 3, told)
	}
	pass := func(ok func() bool) {
		t.Helper()
		require.Eventually(t, func() bool {
			if ok() {
				return true
			}
			fake.Advance(20 * time.Second)
			return false
		}, 20*time.Second, 20*time.Millisecond)
	}
	result := func(name string) float64 {
		all, err := reg.Gather()
		require.NoError(t, err)
		for _, f := range all {
			for _, one := range f.GetMetric() {
				if f.GetName() == "aqtra_workflow_mails_total" && one.GetLabel()[0].GetValue() == name {
					return one.GetCounter().GetValue()
				}
			}
		}
		return -1
	}
	pass(func() bool { return o.count("ada@example.com") == 1 && result("failed") == 1 && result("again") >= 2 })
	o.take("bob@example.com")
	pass(func() bool { return o.count("bob@example.com") == 1 && result("sent") == 2 })
	require.Zero(t, o.count("cleo@example.com"))
	require.Len(t, o.bodies, 2)
	for _, body := range o.bodies {
		require.True(t, strings.HasPrefix(body, "Größe  Bcc: zoe@example.com\n"), body)
		require.Contains(t, body, "It is large.")
		require.Contains(t, body, "<p>It is &lt;large&gt;.</p>")
		require.Contains(t, body, "https://apps.example.com/work/invoice/view?entry=3De+1") // as quoted-printable has it
	}
	require.Contains(t, news.news, "t1 cleo")
	lint, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, lint)

	// What everybody sees, and has read.
	who := principal.Principal{Tenant: "t1", Subject: "bob", Release: "1"}
	all, more, unread, err := d.List(t.Context(), who, false, "", 20)
	require.NoError(t, err)
	require.False(t, more)
	require.Equal(t, 1, unread)
	require.Len(t, all, 1)
	require.NoError(t, d.Read(t.Context(), principal.Principal{Tenant: "t1", Subject: "ada", Release: "1"}, []string{all[0].ID}, false))
	require.NoError(t, d.Read(t.Context(), principal.Principal{Tenant: "t2", Subject: "bob", Release: "1"}, []string{all[0].ID}, false))
	_, _, unread, err = d.List(t.Context(), who, true, "", 20)
	require.NoError(t, err)
	require.Equal(t, 1, unread, "somebody else has read it")
	require.NoError(t, d.Read(t.Context(), who, nil, true))
	all, _, unread, err = d.List(t.Context(), who, true, "", 20)
	require.NoError(t, err)
	require.Zero(t, unread)
	require.Empty(t, all)
	require.Error(t, d.Read(t.Context(), who, nil, false))

	// What nobody took in a day is given up, and after 90 days it is gone.
	o.mu.Lock()
	o.refuse["ada@example.com"] = &smtp.SMTPError{Code: 421, Message: "closing"}
	o.mu.Unlock()
	_, err = d.Send(t.Context(), run, message.Message{Users: []string{"ada"}, Title: "Late", App: true, Email: true}, "late")
	require.NoError(t, err)
	pass(func() bool { return result("again") >= 4 })
	fake.Advance(25 * time.Hour)
	pass(func() bool { return result("failed") == 2 })
	fake.Advance(91 * 24 * time.Hour)
	pass(func() bool {
		all, _, _, err := d.List(t.Context(), principal.Principal{Tenant: "t1", Subject: "ada", Release: "1"}, false, "", 20)
		return err == nil && len(all) == 0
	})
}

// TestBounds: what is not sent, and to whom.
func TestBounds(t *testing.T) {
	t.Parallel()
	o, cfg := open(t)
	cfg.PerHour = 3
	d, _ := desk(t, clock.Real(), cfg)
	sent := func(run task.Run, m message.Message, key string) (int, error) {
		t.Helper()
		m.Title = "Hello"
		return d.Send(t.Context(), run, m, key)
	}
	_, err := sent(run, message.Message{Users: []string{"zoe"}, App: true}, "nobody")
	var wrong *task.Error
	require.ErrorAs(t, err, &wrong)
	require.Contains(t, wrong.Detail, "nobody to tell")

	told, err := sent(run, message.Message{Users: []string{"ada", "bob", "cleo"}, Email: true}, "three")
	require.NoError(t, err)
	require.Equal(t, 3, told)
	_, err = sent(run, message.Message{Users: []string{"ada"}, App: true, Email: true}, "four")
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, 429, wrong.Status)
	told, err = sent(run, message.Message{Users: []string{"ada", "bob", "cleo"}, Email: true}, "three")
	require.NoError(t, err, "a repeated one is no further mail")
	require.Equal(t, 3, told)
	all, _, _, err := d.List(t.Context(), principal.Principal{Tenant: "t1", Subject: "ada"}, false, "", 20)
	require.NoError(t, err)
	require.Empty(t, all, "what was refused, or is only mailed, is not shown")

	trial := run
	trial.Release = principal.PreviewPrefix + "1"
	told, err = sent(trial, message.Message{Roles: []string{"clerk"}, Email: true, Must: true}, "trial")
	require.NoError(t, err)
	require.Equal(t, 1, told)
	for release, want := range map[string]int{trial.Release: 1, "1": 0} {
		all, _, _, err := d.List(t.Context(), principal.Principal{Tenant: "t1", Subject: "ada", Release: release}, false, "", 20)
		require.NoError(t, err)
		require.Len(t, all, want, release)
	}
	mailed(t, d)
	require.Eventually(t, func() bool { return o.count("cleo@example.com") == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, o.count("ada@example.com"), "a preview mails nobody")

	silent, _ := desk(t, clock.Real(), notify.Config{PerHour: 3})
	_, err = silent.Send(t.Context(), run, message.Message{Users: []string{"ada"}, Title: "Hello", Email: true, Must: true}, "k")
	require.ErrorAs(t, err, &wrong)
	told, err = silent.Send(t.Context(), run, message.Message{Users: []string{"ada"}, Title: "Hello", Email: true, App: true}, "k")
	require.NoError(t, err)
	require.Equal(t, 1, told)
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for text, change := range map[string]func(*notify.Config){
		"URL must be":       func(c *notify.Config) { c.URL = "http://secret@example.com" },
		"URL must  be":      func(c *notify.Config) { c.URL = "smtp://user:secret@:25" },
		"from must be":      func(c *notify.Config) { c.From = "nobody" },
		"link must begin":   func(c *notify.Config) { c.Link = "apps.example.com" },
		"PerHour must be":   func(c *notify.Config) { c.PerHour = 0 },
		"read certificates": func(c *notify.Config) { c.CAFile = "/nowhere" },
	} {
		cfg := notify.Config{URL: "smtps://user:secret@mail.example.com", From: "a@example.com", PerHour: 1}
		require.NoError(t, cfg.Validate())
		change(&cfg)
		err := cfg.Validate()
		require.ErrorContains(t, err, strings.ReplaceAll(text, "  ", " "))
		require.NotContains(t, err.Error(), "secret")
	}
	require.NoError(t, notify.Config{PerHour: 1}.Validate())
	require.True(t, errors.As(notify.ErrTooMany(3), new(*task.Error)))
}

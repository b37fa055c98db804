package main

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
)

// message is what somebody was told.
type message struct {
	subject, text string
	at            time.Time
}

// inbox keeps what came in.
type inbox struct {
	mu       sync.Mutex
	messages []message
}

func (b *inbox) add(subject, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, message{subject, text, time.Now()})
}

func (b *inbox) all() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]message(nil), b.messages...)
}

// outside is what lies beyond the platform: a certificate of an authority of its own, with the authority in a file.
type outside struct {
	tls    *tls.Config
	caFile string
}

func newOutside(t *testing.T) outside {
	t.Helper()
	dir := t.TempDir()
	a, err := certs.OpenAuthority(dir, clock.Real())
	require.NoError(t, err)
	edge, err := a.Edge()
	require.NoError(t, err)
	return outside{edge.ServerTLS(false), filepath.Join(dir, certs.RootFile)}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return lis
}

// serve runs a server until the test ends.
func serve(t *testing.T, run, stop func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- run() }()
	t.Cleanup(func() {
		require.NoError(t, stop())
		<-done
	})
}

// slack takes what is posted to an incoming webhook. It returns the webhook's address.
func slack(t *testing.T) (*inbox, string) {
	t.Helper()
	b := &inbox{}
	lis := listen(t)
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Channel     string
			Attachments []struct{ Title, Text, Color string }
		}
		err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&body)
		if err != nil || r.URL.Path != "/services/secret" || body.Channel != "#night" || len(body.Attachments) != 1 {
			http.Error(w, "invalid_payload", http.StatusBadRequest)
			return
		}
		b.add(body.Attachments[0].Title, body.Attachments[0].Color+"\n"+body.Attachments[0].Text)
		_, _ = io.WriteString(w, "ok")
	})}
	serve(t, func() error { return srv.Serve(lis) }, srv.Close)
	return b, "http://" + lis.Addr().String() + "/services/secret"
}

const (
	mailUser     = "aqtra"
	mailPassword = "mail secret"
)

// mailbox is an SMTP server that takes letters only over TLS and only from who knows the password.
type mailbox struct{ inbox }

func mailServer(t *testing.T, o outside) (b *mailbox, address string) {
	t.Helper()
	b = &mailbox{}
	srv := smtp.NewServer(b)
	srv.Domain, srv.TLSConfig, srv.MaxMessageBytes, srv.ReadTimeout, srv.WriteTimeout = "localhost", o.tls, 1<<20, 30*time.Second, 30*time.Second
	lis := listen(t)
	serve(t, func() error { return srv.Serve(lis) }, srv.Close)
	return b, lis.Addr().String()
}

// NewSession implements smtp.Backend.
func (b *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &letter{box: b, conn: c}, nil
}

type letter struct {
	box      *mailbox
	conn     *smtp.Conn
	known    bool
	from, to string
}

var _ smtp.AuthSession = (*letter)(nil)

func (l *letter) AuthMechanisms() []string { return []string{sasl.Plain} }

func (l *letter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != mailUser || password != mailPassword {
			return smtp.ErrAuthFailed
		}
		l.known = true
		return nil
	}), nil
}

func (l *letter) Mail(from string, _ *smtp.MailOptions) error {
	if _, secure := l.conn.TLSConnectionState(); !secure || !l.known {
		return smtp.ErrAuthRequired
	}
	l.from = from
	return nil
}

func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error {
	l.to = to
	return nil
}

func (l *letter) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if l.from != "aqtra@example.com" || l.to != "night@example.com" {
		return errors.New("not for us")
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return fmt.Errorf("a letter of type %q: %w", kind, err)
	}
	text := ""
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextPart() // as it was before it was made fit for mail
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		body, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		text += part.Header.Get("Content-Type") + "\n" + string(body)
	}
	l.box.add(subject, text)
	return nil
}

func (l *letter) Reset() {}

func (l *letter) Logout() error { return nil }

// collector takes traces over TLS.
type collector struct {
	collectorv1.UnimplementedTraceServiceServer
	mu     sync.Mutex
	traces map[string]map[string]bool // services by trace id
}

func traceCollector(t *testing.T, o outside) (c *collector, address string) {
	t.Helper()
	c = &collector{traces: map[string]map[string]bool{}}
	srv := grpc.NewServer(grpc.Creds(credentials.NewTLS(o.tls)))
	collectorv1.RegisterTraceServiceServer(srv, c)
	lis := listen(t)
	serve(t, func() error { return srv.Serve(lis) }, func() error { srv.Stop(); return nil })
	_, port, err := net.SplitHostPort(lis.Addr().String())
	require.NoError(t, err)
	return c, "localhost:" + port
}

// Export implements the OTLP service.
func (c *collector) Export(_ context.Context, req *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range req.GetResourceSpans() {
		service := ""
		for _, a := range rs.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				service = a.GetValue().GetStringValue()
			}
		}
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				id := hex.EncodeToString(s.GetTraceId())
				if c.traces[id] == nil {
					c.traces[id] = map[string]bool{}
				}
				c.traces[id][service] = true
			}
		}
	}
	return &collectorv1.ExportTraceServiceResponse{}, nil
}

// through returns the id of a trace that passed all of the services, empty for none.
func (c *collector) through(services ...string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
next:
	for id, seen := range c.traces {
		for _, s := range services {
			if !seen[s] {
				continue next
			}
		}
		return id
	}
	return ""
}

func secret(t *testing.T, folder, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
}

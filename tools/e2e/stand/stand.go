package stand

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Mode says how the installation runs.
type Mode string

// The modes: everything in one process, six services beside a process for Postgres, or an installation that runs already.
const (
	One    Mode = "one"
	Six    Mode = "six"
	Remote Mode = "remote"
)

// Services returns the names of the services.
func Services() []string {
	return []string{"storage", "component-library", "python-runner", "dataflow", "workflow", "gateway"}
}

const (
	// startTimeout bounds the first start, which makes the database.
	startTimeout = 90 * time.Second
	stopTimeout  = 45 * time.Second
	infra        = "infra"
	aqtra        = "aqtra"
)

// Config says what to start.
type Config struct {
	// Binaries is the folder of the programs.
	Binaries string
	// Folder is where data and logs go. Postgres' user must be able to enter it.
	Folder string
	Mode   Mode
	// Settings are further environment variables, NAME=value, for every process.
	Settings []string
	// Workers are further processes of the workflow service, in mode six: they advance runs, and nobody calls them.
	Workers int
}

// Stand is a running installation.
type Stand struct {
	Mode Mode
	// URL is the public address, Data the data folder.
	URL  string
	Data string
	// Address is host and port of the public listener.
	Address string

	cfg       Config
	processes map[string]*Process
	order     []string
	listen    map[string]string // gRPC listeners by service, mode six
	metrics   map[string]string // listeners of health and metrics by process
	authority *x509.CertPool
	name      string // in the certificate, where it is not that of Address
	spawner   *spawner
}

// Connect returns an installation that somebody else started: at address, with a certificate for name that an authority in the
// file ca has signed. It has no processes.
func Connect(address, name, ca string) (*Stand, error) {
	s := &Stand{Mode: Remote, URL: "https://" + address, Address: address, name: name}
	return s, s.trust(ca)
}

// Start makes an installation and waits until all of it answers.
func Start(ctx context.Context, cfg Config) (*Stand, error) {
	binaries, err := filepath.Abs(cfg.Binaries)
	if err != nil {
		return nil, err
	}
	cfg.Binaries = binaries
	s := &Stand{
		Mode: cfg.Mode, Data: filepath.Join(cfg.Folder, "data"), cfg: cfg, spawner: &spawner{},
		processes: map[string]*Process{}, listen: map[string]string{}, metrics: map[string]string{},
	}
	if s.Address, err = FreeAddress(); err != nil {
		return nil, err
	}
	s.URL = "https://" + s.Address
	start := s.startOne
	if cfg.Mode == Six {
		start = s.startSix
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// FreeAddress returns an address that nobody listened on a moment ago.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }() // nothing was accepted
	_, port, err := net.SplitHostPort(l.Addr().String())
	return net.JoinHostPort("localhost", port), err
}

// environment is what every process is told. The caller's own settings of the platform stay out.
func (s *Stand) environment(more ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "AQTRA_") {
			env = append(env, e)
		}
	}
	env = append(env,
		"AQTRA_DATA="+s.Data, "AQTRA_LISTEN="+s.Address, "AQTRA_PUBLIC_URL="+s.URL, "AQTRA_LOG_FORMAT=json",
		"AQTRA_DRAIN_WAIT=100ms", // no load balancer has to notice
	)
	return append(append(env, s.cfg.Settings...), more...)
}

func (s *Stand) add(name, program string, args, env []string) {
	s.processes[name] = &Process{
		Name: name, path: filepath.Join(s.cfg.Binaries, program), args: args, env: env,
		log: filepath.Join(s.cfg.Folder, name+".log"),
	}
	s.order = append(s.order, name)
}

func (s *Stand) startOne(ctx context.Context) error {
	address, err := FreeAddress()
	if err != nil {
		return err
	}
	s.metrics[aqtra] = address
	s.add(aqtra, aqtra, nil, s.environment("AQTRA_METRICS_LISTEN="+address))
	return s.StartProcess(ctx, aqtra)
}

func (s *Stand) startSix(ctx context.Context) error {
	s.add(infra, aqtra, []string{infra}, s.environment())
	if err := s.processes[infra].start(s.spawner); err != nil {
		return err
	}
	if _, err := s.processes[infra].Says(ctx, "settings of the services are in"); err != nil {
		return err
	}
	settings, err := os.ReadFile(filepath.Join(s.Data, "environment"))
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	env := s.environment(strings.Split(strings.TrimSpace(string(settings)), "\n")...)
	for _, name := range Services() {
		prefix := "AQTRA_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if s.listen[name], err = FreeAddress(); err != nil {
			return err
		}
		if s.metrics[name], err = FreeAddress(); err != nil {
			return err
		}
		env = append(env, prefix+"_LISTEN="+s.listen[name], prefix+"_METRICS_LISTEN="+s.metrics[name], prefix+"_ADDRESS="+s.listen[name])
	}
	for _, name := range Services() {
		s.add(name, name, nil, env)
		if err := s.processes[name].start(s.spawner); err != nil {
			return err
		}
	}
	for i := range s.cfg.Workers {
		if err := s.startWorker(fmt.Sprintf("workflow-%d", i+2), env); err != nil {
			return err
		}
	}
	if err := s.readAuthority(); err != nil {
		return err
	}
	for name := range s.metrics {
		if err := s.ready(ctx, name); err != nil {
			return err
		}
	}
	_, err = s.processes["gateway"].Says(ctx, `"platform is ready"`)
	return err
}

func (s *Stand) startWorker(name string, env []string) error {
	listen, err := FreeAddress()
	if err != nil {
		return err
	}
	if s.metrics[name], err = FreeAddress(); err != nil {
		return err
	}
	// Of a variable that is there twice the last one counts.
	s.add(name, "workflow", nil, append(slices.Clip(env), "AQTRA_WORKFLOW_LISTEN="+listen, "AQTRA_WORKFLOW_METRICS_LISTEN="+s.metrics[name]))
	return s.processes[name].start(s.spawner)
}

// StartProcess starts a process again and waits until it is ready.
func (s *Stand) StartProcess(ctx context.Context, name string) error {
	p := s.processes[name]
	if err := p.start(s.spawner); err != nil {
		return err
	}
	if name == infra {
		_, err := p.Says(ctx, "settings of the services are in")
		return err
	}
	if name == aqtra {
		if _, err := p.Says(ctx, "Aqtra is ready at"); err != nil {
			return err
		}
		if err := s.readAuthority(); err != nil {
			return err
		}
	}
	return s.ready(ctx, name)
}

func (s *Stand) readAuthority() error { return s.trust(filepath.Join(s.Data, "certs", "ca.crt")) }

func (s *Stand) trust(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the authority: %w", err)
	}
	s.authority = x509.NewCertPool()
	if !s.authority.AppendCertsFromPEM(text) {
		return errors.New("the authority's file holds no certificate")
	}
	return nil
}

// ready waits until the process reports that it can serve.
func (s *Stand) ready(ctx context.Context, name string) error {
	client := s.InternalHTTP()
	defer client.CloseIdleConnections()
	for {
		err := probe(ctx, client, "https://"+s.metrics[name]+"/readyz")
		if err == nil {
			return nil
		}
		if !s.processes[name].Running() {
			return fmt.Errorf("%s ended: %w\n%s", name, err, tail(s.processes[name].Log()))
		}
		if ctxErr := wait(ctx); ctxErr != nil {
			return fmt.Errorf("%s is not ready: %w\n%s", name, err, tail(s.processes[name].Log()))
		}
	}
}

func probe(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // read or not, nothing can be lost
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, res.Status)
	}
	return nil
}

// SetupToken waits for the one-time token of the first administrator and returns it.
func (s *Stand) SetupToken(ctx context.Context) (string, error) {
	p := s.processes[aqtra]
	if s.Mode == Six {
		p = s.processes["gateway"]
	}
	line, err := p.Says(ctx, "/setup#token=")
	if err != nil {
		return "", err
	}
	link := regexp.MustCompile(regexp.QuoteMeta(s.URL) + `/setup#token=([A-Za-z0-9_.-]+)`).FindStringSubmatch(line)
	if link == nil {
		return "", errors.New("the link to the setup is not one of the public address")
	}
	return link[1], nil
}

// Process returns the process of that name: aqtra, or infra and the services.
func (s *Stand) Process(name string) *Process { return s.processes[name] }

// Processes are the names of all processes, in the order in which they were started.
func (s *Stand) Processes() []string { return s.order }

// Listeners are the addresses of all listeners with TLS, by what they are for.
func (s *Stand) Listeners() map[string]string {
	all := map[string]string{"public": s.Address}
	for name, address := range s.listen {
		all[name] = address
	}
	for name, address := range s.metrics {
		all[name+" metrics"] = address
	}
	return all
}

// Metrics are the addresses of the listeners for health and metrics, by process.
func (s *Stand) Metrics() map[string]string { return s.metrics }

// TLS is the configuration of a client that trusts the installation's authority and speaks nothing below TLS 1.3.
func (s *Stand) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: s.authority, ServerName: s.name}
}

// InternalHTTP returns a client for the listeners of health and metrics. Services are known by their SPIFFE id and not by
// host names, so the chain alone is checked.
func (s *Stand) InternalHTTP() *http.Client {
	roots := s.authority
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS13, InsecureSkipVerify: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			_, err := cs.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
			return err
		},
	}}}
}

// Faults are lines of the logs that tell of a mistake of ours: a panic, or an error that nobody gave a name.
func (s *Stand) Faults() ([]string, error) {
	mistake := regexp.MustCompile(`^(panic|fatal error|goroutine \d+ ).*|"code":"(Internal|Unknown|DataLoss)"|"msg":"[^"]*panic`)
	var lines []string
	for _, name := range s.order {
		text, err := os.ReadFile(s.processes[name].log)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			if mistake.MatchString(line) {
				lines = append(lines, name+": "+strings.TrimSpace(line))
			}
		}
	}
	return lines, nil
}

// Stop ends everything in order, the database last.
func (s *Stand) Stop() error {
	var errs []error
	for i := len(s.order) - 1; i >= 0; i-- {
		p := s.processes[s.order[i]]
		if !p.Running() {
			continue
		}
		code, err := p.End(syscall.SIGTERM, stopTimeout)
		if err == nil && code != 0 {
			err = fmt.Errorf("%s ended with code %d:\n%s", p.Name, code, tail(p.Log()))
		}
		if err != nil && p.Running() {
			_, killErr := p.End(syscall.SIGKILL, stopTimeout)
			err = errors.Join(err, killErr)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/tools/bench/plain"
	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// A machine may be fast or slow, and others may be at work on it. So that a number means something, bare servers are measured in
// the same run: each a process of its own, with the Postgres of the installation, asked for the same entries in the same way.

// referenceCommand makes this program a bare server instead.
const referenceCommand = "reference"

// serveReference is that server: it reads its configuration from its input, prints its address, and ends when its input does.
func serveReference(ctx context.Context, in io.Reader, out io.Writer) error {
	var cfg plain.Config
	input := json.NewDecoder(in)
	if err := input.Decode(&cfg); err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		_, _ = io.Copy(io.Discard, in) // an error is an end, too
	}()
	return plain.Serve(ctx, cfg, func(address string) { fmt.Fprintln(out, address) })
}

// reference is a running bare server.
type reference struct {
	address string
	cmd     *exec.Cmd
	input   io.Closer
}

func startReference(ctx context.Context, cfg plain.Config) (*reference, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, referenceCommand)
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := &reference{cmd: cmd, input: input}
	err = json.NewEncoder(input).Encode(cfg)
	if err == nil {
		r.address, err = bufio.NewReader(output).ReadString('\n')
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("it gave no address: %w", err), r.stop())
	}
	r.address = strings.TrimSpace(r.address)
	return r, nil
}

func (r *reference) stop() error { return errors.Join(r.input.Close(), r.cmd.Wait()) }

// references measures the bare servers beside the installation, with a table of the app's entries.
func references(ctx context.Context, o options, s *stand.Stand, a *app, all *results) error {
	var asked []scenario
	for _, sc := range a.scenarios() {
		if sc.bare > 0 && o.wants(sc) {
			asked = append(asked, sc)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	const database = "plain"
	if err := makeTable(ctx, s.Data, database, a.ids); err != nil {
		return err
	}
	address, err := stand.DatabaseURL(s.Data, database)
	if err != nil {
		return err
	}
	for _, kind := range []string{plain.HTTP, plain.GRPC} {
		cfg := plain.Config{Kind: kind, Database: address, Certs: filepath.Join(s.Data, "certs")}
		if err := measureReference(ctx, o, s, cfg, a.key, asked, all); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func makeTable(ctx context.Context, data, database string, ids []string) error {
	super, err := connect(ctx, data, "postgres")
	if err != nil {
		return err
	}
	_, err = super.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize())
	if err := errors.Join(err, super.Close(ctx)); err != nil {
		return err
	}
	db, err := connect(ctx, data, database)
	if err != nil {
		return err
	}
	return errors.Join(plain.Fill(ctx, db, ids), db.Close(ctx))
}

func measureReference(ctx context.Context, o options, s *stand.Stand, cfg plain.Config, key string, asked []scenario, all *results) (err error) {
	r, err := startReference(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	look := func() (usage, error) {
		pids, err := groups(s)
		if err != nil {
			return usage{}, err
		}
		return cpuTimes(map[string][]int{cfg.Kind: {r.cmd.Process.Pid}, postgres: pids[postgres], generator: {os.Getpid()}})
	}
	to := target{address: r.address, tls: s.TLS(), token: key}
	rows, err := measureLoads(ctx, o, cfg.Kind, to, asked, look)
	all.reference = append(all.reference, rows...)
	return err
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// directusVersion is the newest that runs on the Node.js of Debian's and our make up's age (20).
const directusVersion = "11.3.5"

// startDirectus installs Directus from npm, with a database of its own on the Postgres of the installation.
func startDirectus(ctx context.Context, s *stand.Stand) (*peer, error) {
	const name = "Directus " + directusVersion + ", plain HTTP, the same Postgres"
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(cache, "aqtra-bench", "directus-"+directusVersion)
	program := filepath.Join(folder, "node_modules", "directus", "cli.js")
	if _, err := os.Stat(program); err != nil {
		install := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--prefix", folder, "directus@"+directusVersion)
		if out, err := install.CombinedOutput(); err != nil {
			return nil, &unavailableError{name, fmt.Errorf("%w: %.500s", err, out)}
		}
	}
	const database = "directus"
	super, err := connect(ctx, s.Data, "postgres")
	if err != nil {
		return nil, err
	}
	_, err = super.Exec(ctx, "CREATE DATABASE "+database)
	if err := errors.Join(err, super.Close(ctx)); err != nil {
		return nil, err
	}
	url, err := stand.DatabaseURL(s.Data, database)
	if err != nil {
		return nil, err
	}
	address, err := stand.FreeAddress()
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(), "KEY=bench", "SECRET=bench", "DB_CLIENT=pg", "DB_CONNECTION_STRING="+url, "HOST=127.0.0.1", "PORT="+address[len("localhost:"):],
		"ADMIN_EMAIL=admin@example.com", "ADMIN_PASSWORD="+peerPassword, "LOG_LEVEL=error", "PRESSURE_LIMITER_ENABLED=false", "TELEMETRY=false", "ACCESS_TOKEN_TTL=1h")
	bootstrap := exec.CommandContext(ctx, "node", program, "bootstrap")
	bootstrap.Dir, bootstrap.Env = folder, env
	if out, err := bootstrap.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w: %.1000s", name, err, out)
	}
	cmd := exec.Command("node", program, "start")
	cmd.Dir, cmd.Env, cmd.Stderr = folder, env, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &peer{
		name: name, address: "http://127.0.0.1:" + address[len("localhost:"):],
		pids: func() ([]int, error) {
			all, err := groups(s)
			return append([]int{cmd.Process.Pid}, all[postgres]...), err
		},
		create: func(n int) (string, any) { return "/items/things", peerEntry(n) },
		read:   func(id string) string { return "/items/things/" + id },
		list:   func(state int) string { return fmt.Sprintf("/items/things?limit=20&filter[state][_eq]=%d", state) },
		id: func(answer []byte) (string, error) {
			var e struct{ Data struct{ ID json.Number } }
			err := json.Unmarshal(answer, &e)
			return e.Data.ID.String(), err
		},
		count: func(answer []byte) (int, error) {
			var l struct{ Data []any }
			err := json.Unmarshal(answer, &l)
			return len(l.Data), err
		},
		stop: func() error {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait() // it says how it was ended
			return nil
		},
	}
	if err := p.setUpDirectus(ctx, s, database); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), p.stop())
	}
	return p, nil
}

func (p *peer) setUpDirectus(ctx context.Context, s *stand.Stand, database string) error {
	client := &http.Client{Timeout: 10 * time.Second}
	if err := p.ready(ctx, client, "/server/ping"); err != nil {
		return err
	}
	answer, err := p.ask(ctx, client, http.MethodPost, "/auth/login", map[string]any{"email": "admin@example.com", "password": peerPassword})
	if err != nil {
		return err
	}
	var session struct {
		Data struct {
			Token string `json:"access_token"`
		}
	}
	if err := json.Unmarshal(answer, &session); err != nil {
		return err
	}
	p.auth = "Bearer " + session.Data.Token
	field := func(name, typ string) map[string]any {
		return map[string]any{"field": name, "type": typ, "schema": map[string]any{}}
	}
	if _, err := p.ask(ctx, client, http.MethodPost, "/collections", map[string]any{
		"collection": "things", "schema": map[string]any{}, "meta": map[string]any{},
		"fields": []any{
			map[string]any{"field": "id", "type": "integer", "schema": map[string]any{"is_primary_key": true, "has_auto_increment": true}},
			field("title", "string"), field("state", "integer"), field("price", "decimal"), field("due", "date"),
		},
	}); err != nil {
		return err
	}
	db, err := connect(ctx, s.Data, database)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "CREATE INDEX ON things (state)")
	return errors.Join(err, db.Close(ctx))
}

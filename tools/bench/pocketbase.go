package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

const peerPassword = "correct horse battery"

// startPocketBase builds PocketBase from its module, and makes the table and a user.
func startPocketBase(ctx context.Context, _ *stand.Stand) (*peer, error) {
	const name = "PocketBase, plain HTTP, SQLite"
	folder, err := os.MkdirTemp("", "aqtra-bench-pocketbase-")
	if err != nil {
		return nil, err
	}
	program := filepath.Join(folder, "pocketbase")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
	build.Dir, build.Env = filepath.Join("peers", "pocketbase"), append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, errors.Join(&unavailableError{name, fmt.Errorf("%w: %.500s", err, out)}, os.RemoveAll(folder))
	}
	data := "--dir=" + filepath.Join(folder, "data")
	if out, err := exec.CommandContext(ctx, program, "superuser", "upsert", "admin@example.com", peerPassword, data).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, out)
	}
	address, err := stand.FreeAddress()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "serve", "--http="+address, data)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &peer{
		name: name, address: "http://" + address,
		pids:   func() ([]int, error) { return []int{cmd.Process.Pid}, nil },
		create: func(n int) (string, any) { return "/api/collections/items/records", peerEntry(n) },
		read:   func(id string) string { return "/api/collections/items/records/" + id },
		list: func(state int) string {
			return "/api/collections/items/records?perPage=20&skipTotal=true&filter=" + url.QueryEscape(fmt.Sprintf("state=%d", state))
		},
		id: func(answer []byte) (string, error) {
			var e struct{ ID string }
			return e.ID, json.Unmarshal(answer, &e)
		},
		count: func(answer []byte) (int, error) {
			var l struct{ Items []any }
			err := json.Unmarshal(answer, &l)
			return len(l.Items), err
		},
		stop: func() error {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait() // it says how it was ended
			return os.RemoveAll(folder)
		},
	}
	if err := p.setUpPocketBase(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), p.stop())
	}
	return p, nil
}

func (p *peer) setUpPocketBase(ctx context.Context) error {
	http := &http.Client{Timeout: 10 * time.Second}
	if err := p.ready(ctx, http, "/api/health"); err != nil {
		return err
	}
	signIn := func(collection, email string) error {
		answer, err := p.ask(ctx, http, "POST", "/api/collections/"+collection+"/auth-with-password", map[string]any{"identity": email, "password": peerPassword})
		if err != nil {
			return err
		}
		var session struct{ Token string }
		err = json.Unmarshal(answer, &session)
		p.auth = session.Token
		return err
	}
	if err := signIn("_superusers", "admin@example.com"); err != nil {
		return err
	}
	const signedIn = "@request.auth.id != ''"
	if _, err := p.ask(ctx, http, "POST", "/api/collections", map[string]any{
		"name": "items", "type": "base", "listRule": signedIn, "viewRule": signedIn, "createRule": signedIn,
		"fields": []any{
			map[string]any{"name": "title", "type": "text"}, map[string]any{"name": "state", "type": "number"},
			map[string]any{"name": "price", "type": "number"}, map[string]any{"name": "due", "type": "date"},
		},
		"indexes": []string{"CREATE INDEX items_state ON items (state)"},
	}); err != nil {
		return err
	}
	if _, err := p.ask(ctx, http, "POST", "/api/collections/users/records",
		map[string]any{"email": "user@example.com", "password": peerPassword, "passwordConfirm": peerPassword}); err != nil {
		return err
	}
	p.auth = ""
	return signIn("users", "user@example.com")
}

// ready waits until a platform answers.
func (p *peer) ready(ctx context.Context, http *http.Client, path string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		_, err := p.ask(ctx, http, "GET", path, nil)
		if err == nil {
			return nil
		}
		if pause(ctx, interval) != nil {
			return fmt.Errorf("it does not answer: %w", err)
		}
	}
}

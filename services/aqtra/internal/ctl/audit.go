package ctl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	auditv1 "github.com/aqtra/aqtra/proto/gen/aqtra/audit/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// ErrTampered says that what is stored is not what was sealed.
var ErrTampered = errors.New("the audit is not what it was")

// tip is the end of a chain that was seen.
type tip struct {
	Block int64  `json:"block"`
	Head  []byte `json:"head"`
}

// found is what a verification says; both services answer with the same fields.
type found interface {
	GetBlock() int64
	GetHead() []byte
	GetRows() int64
	GetDone() bool
	GetUnsealed() int64
	GetProblem() string
}

// chain verifies a part of a chain.
type chain struct {
	name, what string
	verify     func(ctx context.Context, from tip) (found, error)
}

func (c *Client) chains() []chain {
	audit, entries := auditv1.NewAuditClient(c.conn), storagev1.NewEntriesClient(c.conn)
	return []chain{
		{"audit", "calls", func(ctx context.Context, from tip) (found, error) {
			return audit.VerifyAudit(ctx, &auditv1.VerifyAuditRequest{Block: from.Block, Head: from.Head})
		}},
		{"entries", "changes of entries", func(ctx context.Context, from tip) (found, error) {
			return entries.VerifyEntryHistory(ctx, &storagev1.VerifyEntryHistoryRequest{Block: from.Block, Head: from.Head})
		}},
	}
}

// VerifyAudit compares all of the tenant's audit with its seals. The file, if one is named, has the heads that were seen before: they must be
// part of the chains still. It is written anew when everything is as it was, and else ErrTampered is returned.
func (c *Client) VerifyAudit(ctx context.Context, file string, w io.Writer) error {
	seen := map[string]tip{}
	if file != "" {
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &seen)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read the heads in %s: %w", file, err)
		}
	}
	now := map[string]tip{}
	var wrong error
	for _, ch := range c.chains() {
		last, problem, err := ch.walk(ctx, seen[ch.name], w)
		if err != nil {
			return err
		}
		if problem != "" {
			fmt.Fprintf(w, "%s: %s\n", ch.what, problem)
			wrong = ErrTampered
		}
		now[ch.name] = last
	}
	if wrong != nil || file == "" {
		return wrong
	}
	text, err := json.MarshalIndent(now, "", "  ")
	if err != nil {
		return err
	}
	next := file + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep the heads: %w", err)
	}
	return os.Rename(next, file)
}

// walk verifies a chain from its beginning to its end.
func (c chain) walk(ctx context.Context, seen tip, w io.Writer) (last tip, problem string, err error) {
	if seen.Block > 0 {
		f, err := c.verify(ctx, seen)
		if err != nil || f.GetProblem() != "" {
			return last, problemOf(f, err), said(err)
		}
	}
	var rows int64
	for {
		f, err := c.verify(ctx, last)
		if err != nil {
			return last, "", said(err)
		}
		last, rows = tip{Block: f.GetBlock(), Head: f.GetHead()}, rows+f.GetRows()
		if f.GetProblem() != "" {
			return last, f.GetProblem(), nil
		}
		if f.GetDone() {
			fmt.Fprintf(w, "%s: %d are as they were sealed, in %d blocks; %d are not sealed yet (%s)\n", c.what, rows, last.Block, f.GetUnsealed(), time.Now().Format(time.RFC3339))
			return last, "", nil
		}
	}
}

func problemOf(f found, err error) string {
	if err != nil {
		return ""
	}
	return f.GetProblem()
}

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/store/db"
)

// Claim implements engine.Store.
func (s *Store) Claim(ctx context.Context, owner string, now time.Time, n int) ([]engine.Run, error) {
	rows, err := s.system().ClaimRuns(ctx, db.ClaimRunsParams{Owner: owner, Now: now, Most: int32(n)})
	if err != nil {
		return nil, err
	}
	return s.withMail(ctx, rows)
}

// Owned implements engine.Store.
func (s *Store) Owned(ctx context.Context, owner string) ([]engine.Run, error) {
	rows, err := s.system().OwnRuns(ctx, owner)
	if err != nil {
		return nil, err
	}
	return s.withMail(ctx, rows)
}

// withMail adds the inboxes of those runs that ever had mail.
func (s *Store) withMail(ctx context.Context, rows []db.WorkflowRun) ([]engine.Run, error) {
	runs := make([]engine.Run, len(rows))
	byID := map[string]*engine.Run{}
	var p db.ReadMailParams
	for i, row := range rows {
		var err error
		if runs[i], err = runOf(row); err != nil {
			return nil, err
		}
		if row.Mail > 0 {
			p.Tenants, p.Runs = append(p.Tenants, row.TenantID), append(p.Runs, row.ID)
			byID[row.TenantID+"\x00"+row.ID] = &runs[i]
		}
	}
	if len(byID) == 0 {
		return runs, nil
	}
	mail, err := s.system().ReadMail(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, m := range mail {
		r := byID[m.TenantID+"\x00"+m.RunID]
		r.Inbox = append(r.Inbox, engine.Mail{ID: m.ID, Kind: m.Kind, Topic: m.Topic, Data: m.Data})
	}
	return runs, nil
}

// commitAttempts is how often a group is tried again after a deadlock.
const commitAttempts = 5

// Commit implements engine.Store.
func (s *Store) Commit(ctx context.Context, owner string, now time.Time, commits []*engine.Commit) ([]bool, error) {
	p, err := params(owner, now, commits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", engine.ErrUnstorable, err)
	}
	var rows []db.CommitRunsRow
	for attempt := 1; ; attempt++ {
		rows, err = s.system().CommitRuns(ctx, p)
		if err == nil || !postgres.IsRetryable(err) || attempt == commitAttempts {
			break
		}
	}
	if postgres.IsData(err) {
		return nil, fmt.Errorf("%w: %w", engine.ErrUnstorable, err)
	}
	if err != nil {
		return nil, err
	}
	stored := map[string][]engine.Task{}
	for _, r := range rows {
		key := r.TenantID + "\x00" + r.ID
		withdrawn := stored[key]
		if r.Task != "" {
			withdrawn = append(withdrawn, engine.Task{Tenant: r.TenantID, ID: r.Task, Users: r.Users, Roles: r.Roles})
		}
		stored[key] = withdrawn
	}
	var missing db.ReadFencesParams
	out := make([]bool, len(commits))
	for i, c := range commits {
		c.Withdrawn, out[i] = stored[c.Tenant+"\x00"+c.Run]
		for j := range c.Withdrawn {
			c.Withdrawn[j].Component = c.Component
		}
		if !out[i] {
			missing.Tenants, missing.Runs = append(missing.Tenants, c.Tenant), append(missing.Runs, c.Run)
		}
	}
	if len(missing.Runs) == 0 {
		return out, nil
	}
	// Not stored now: perhaps because an earlier attempt stored it and its answer was lost.
	fences, err := s.system().ReadFences(ctx, missing)
	if err != nil {
		return nil, err
	}
	for _, f := range fences {
		for i, c := range commits {
			if c.Tenant == f.TenantID && c.Run == f.ID && f.Epoch == c.Epoch && f.Seq == c.Seq+1 {
				out[i] = true
			}
		}
	}
	return out, nil
}

func params(owner string, now time.Time, commits []*engine.Commit) (db.CommitRunsParams, error) {
	p := db.CommitRunsParams{Owner: owner, Now: now}
	for _, c := range commits {
		problem, err := encodeError(c.Error)
		if err != nil {
			return p, err
		}
		p.Tenants, p.Runs = append(p.Tenants, c.Tenant), append(p.Runs, c.Run)
		p.Epochs, p.Seqs = append(p.Epochs, c.Epoch), append(p.Seqs, c.Seq)
		p.States, p.Positions = append(p.States, int16(c.State)), append(p.Positions, c.Position)
		p.Snapshots, p.Outputs = append(p.Snapshots, c.Snapshot), append(p.Outputs, c.Output)
		p.Errors, p.FinishTimes = append(p.Errors, problem), append(p.FinishTimes, c.FinishTime)
		p.Wakes, p.Mails = append(p.Wakes, c.Wake), append(p.Mails, c.Mail)
		p.Events, p.Released = append(p.Events, c.Events), append(p.Released, c.Release)
		for _, h := range c.History {
			problem, err := encodeError(h.Error)
			if err != nil {
				return p, err
			}
			p.HTenants, p.HRuns = append(p.HTenants, c.Tenant), append(p.HRuns, c.Run)
			p.HSeqs, p.HTimes = append(p.HSeqs, h.Seq), append(p.HTimes, h.Time)
			p.HTypes, p.HTasks = append(p.HTypes, h.Type), append(p.HTasks, h.Task)
			p.HAttempts, p.HInputs = append(p.HAttempts, h.Attempt), append(p.HInputs, h.Input)
			p.HOutputs, p.HErrors = append(p.HOutputs, h.Output), append(p.HErrors, problem)
			p.HKeys = append(p.HKeys, h.Key)
		}
		for _, v := range c.Payloads {
			p.PTenants, p.PRuns = append(p.PTenants, c.Tenant), append(p.PRuns, c.Run)
			p.PDigests, p.PData = append(p.PDigests, v.Digest), append(p.PData, v.Data)
		}
		for _, id := range c.Consumed {
			p.CTenants, p.CRuns, p.CIds = append(p.CTenants, c.Tenant), append(p.CRuns, c.Run), append(p.CIds, id)
		}
		closed := c.Closed
		if c.CloseTasks {
			closed = []string{""} // all of them
		}
		for _, id := range closed {
			p.XTenants, p.XRuns, p.XIds = append(p.XTenants, c.Tenant), append(p.XRuns, c.Run), append(p.XIds, id)
		}
		for _, r := range c.Reminded {
			if err := remind(&p, c, r); err != nil {
				return p, err
			}
		}
		for _, t := range c.Asked {
			if err := ask(&p, t); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

func remind(p *db.CommitRunsParams, c *engine.Commit, r engine.Reminder) error {
	users, err := json.Marshal(append([]string{}, r.Users...))
	if err != nil {
		return err
	}
	roles, err := json.Marshal(append([]string{}, r.Roles...))
	if err != nil {
		return err
	}
	p.NTenants, p.NRuns, p.NIds = append(p.NTenants, c.Tenant), append(p.NRuns, c.Run), append(p.NIds, r.Task)
	p.NTimes, p.NEscalated = append(p.NTimes, r.Time), append(p.NEscalated, r.Escalated)
	p.NUsers, p.NRoles = append(p.NUsers, users), append(p.NRoles, roles)
	return nil
}

func ask(p *db.CommitRunsParams, t *engine.Task) error {
	users, err := json.Marshal(t.Users)
	if err != nil {
		return err
	}
	roles, err := json.Marshal(t.Roles)
	if err != nil {
		return err
	}
	var due time.Time
	if t.DueTime != nil {
		due = *t.DueTime
	}
	p.QTenants, p.QRuns, p.QIds = append(p.QTenants, t.Tenant), append(p.QRuns, t.Run), append(p.QIds, t.ID)
	p.QTitles, p.QDescriptions = append(p.QTitles, t.Title), append(p.QDescriptions, t.Description)
	p.QChoices, p.QData = append(p.QChoices, t.Choices), append(p.QData, t.Data)
	p.QUsers, p.QRoles = append(p.QUsers, users), append(p.QRoles, roles)
	p.QDueTimes, p.QCreateTimes = append(p.QDueTimes, due), append(p.QCreateTimes, t.CreateTime)
	p.QPages = append(p.QPages, t.Page)
	return nil
}

// NextDue implements engine.Store.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	t, err := s.system().NextDue(ctx)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && t == nil) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return *t, nil
}

// Heartbeat implements engine.Store.
func (s *Store) Heartbeat(ctx context.Context, owner string, lease time.Duration) error {
	return s.system().Heartbeat(ctx, db.HeartbeatParams{Owner: owner, Seconds: lease.Seconds()})
}

// Reap implements engine.Store.
func (s *Store) Reap(ctx context.Context, now time.Time) (int, error) {
	ids, err := s.system().ReapRuns(ctx, now)
	return len(ids), err
}

// ReleaseAll implements engine.Store.
func (s *Store) ReleaseAll(ctx context.Context, owner string, now time.Time) error {
	return s.system().ReleaseOwner(ctx, db.ReleaseOwnerParams{Owner: owner, Now: now})
}

// Notify implements engine.Store.
func (s *Store) Notify(ctx context.Context) error {
	_, err := s.db.System().Exec(ctx, "SELECT pg_notify($1, '')", channel)
	return err
}

// Listen implements engine.Store. It keeps a connection of its own, outside of the pool's count.
func (s *Store) Listen(ctx context.Context, wake func()) error {
	pooled, err := s.db.SystemPool().Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	conn := pooled.Hijack()
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("wait for a notification: %w", err)
		}
		wake()
	}
}

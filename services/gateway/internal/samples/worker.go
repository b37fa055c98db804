package samples

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// Times of the worker.
const (
	// lease is how long an installation is ours; every step renews it. It is longer than retryFor and stepTimeout together.
	lease = 2 * time.Minute
	// poll finds what another process left; a new installation wakes the worker at once.
	poll = 30 * time.Second
	// retryPause and retryFor bound waiting for a service that is away, or for another's publication.
	retryPause = 500 * time.Millisecond
	retryFor   = 30 * time.Second
)

// Run installs what was asked for, one after the other, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		worked, err := s.next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.Log.ErrorContext(ctx, "installing a sample stopped, it goes on when its lease ends", "error", err)
		}
		if worked && err == nil {
			continue
		}
		timer := s.Clock.NewTimer(poll)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-s.wake:
			timer.Stop()
		case <-timer.C():
		}
	}
}

// next claims one installation and works it off. It reports whether there was one.
func (s *Service) next(ctx context.Context) (bool, error) {
	q := db.New(s.DB.System())
	row, err := q.ClaimInstallation(ctx, db.ClaimInstallationParams{Until: s.now().Add(lease), Now: s.now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim installation: %w", err)
	}
	w, err := s.worker(row)
	if err != nil {
		return true, err
	}
	state, message, err := w.work(ctx, q)
	if err != nil {
		return true, err
	}
	now := s.now()
	n, err := q.FinishInstallation(ctx, db.FinishInstallationParams{
		State: int16(state), Message: message, Now: &now, TenantID: row.TenantID, Sample: row.Sample, Held: w.held,
	})
	if err != nil {
		return true, fmt.Errorf("finish installation: %w", err)
	}
	if n == 0 {
		return true, errLost
	}
	return true, nil
}

// errLost says that another worker took the installation over.
var errLost = errors.New("the lease was lost")

// worker installs one sample.
type worker struct {
	*Service
	row    db.GatewayInstallation
	sample *samplesv1.Sample
	steps  []step
	files  map[string]string // ids by name
	held   time.Time         // end of the lease that we hold
}

func (s *Service) worker(row db.GatewayInstallation) (*worker, error) {
	sample, err := s.find(row.Sample)
	if err != nil {
		return nil, err
	}
	w := &worker{Service: s, row: row, sample: sample, steps: stepsOf(sample), files: map[string]string{}, held: row.LeaseUntil.UTC()}
	if err := json.Unmarshal(row.Files, &w.files); err != nil {
		return nil, fmt.Errorf("read files of installation: %w", err)
	}
	return w, nil
}

// work does the steps that are left. A step that cannot be done fails the installation with its reason; an error is for what
// is worth another try later.
func (w *worker) work(ctx context.Context, q *db.Queries) (samplesv1.InstallationState, string, error) {
	for i := int(w.row.Done); i < len(w.steps); i++ {
		step := w.steps[i]
		if err := w.patiently(ctx, step.do); err != nil {
			if ctx.Err() != nil {
				return 0, "", ctx.Err()
			}
			f, ok := fault.As(err)
			if !ok {
				w.Log.ErrorContext(ctx, "sample not installed", "sample", w.sample.GetId(), "tenant", w.row.TenantID, "step", i, "error", err)
				return samplesv1.InstallationState_INSTALLATION_STATE_FAILED, step.what + ": internal error; install again to go on from here", nil
			}
			return samplesv1.InstallationState_INSTALLATION_STATE_FAILED, step.what + ": " + describe(f), nil
		}
		files, err := json.Marshal(w.files)
		if err != nil {
			return 0, "", err
		}
		until := w.now().Add(lease)
		n, err := q.AdvanceInstallation(ctx, db.AdvanceInstallationParams{
			Done: int32(i + 1), Message: step.what, Files: files, Until: until, TenantID: w.row.TenantID, Sample: w.row.Sample, Held: w.held,
		})
		if err != nil {
			return 0, "", fmt.Errorf("note progress: %w", err)
		}
		if n == 0 {
			return 0, "", errLost
		}
		w.held = until
	}
	return samplesv1.InstallationState_INSTALLATION_STATE_SUCCEEDED, w.sample.GetTitle() + " is ready", nil
}

// maxViolations is how many violations a message names.
const maxViolations = 5

// describe is a fault in one sentence, with the permission that is missing and the first of its violations.
func describe(f *fault.Error) string {
	text := f.Message
	if permission := f.Meta["permission"]; permission != "" {
		text += " (" + permission + ")"
	}
	for i, v := range f.Violations {
		if i == maxViolations {
			return text + fmt.Sprintf("; and %d more", len(f.Violations)-i)
		}
		text += "; " + v.Field + ": " + v.Description
	}
	return text
}

// patiently repeats a step for a while when waiting may help: a service that it needs is away, or something else is being
// published.
func (w *worker) patiently(ctx context.Context, do stepFunc) error {
	until := w.now().Add(retryFor)
	for {
		err := do(ctx, w)
		f, ok := fault.As(err)
		wait := ok && (f.Kind == fault.KindUnavailable || f.Reason == faultv1.Reason_REASON_PUBLICATION_IN_PROGRESS)
		if !wait || w.now().After(until) {
			return err
		}
		timer := w.Clock.NewTimer(retryPause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C():
		}
	}
}

package tenantmove

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/tenantdata"
	"github.com/aqtra/aqtra/services/aqtra/internal/archive"
	componentlibrary "github.com/aqtra/aqtra/services/component-library"
	"github.com/aqtra/aqtra/services/gateway"
	"github.com/aqtra/aqtra/services/storage"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Import makes a tenant from an archive, with another name when name is not empty. All of the archive is read and compared with its
// sums before anything is made, and nobody sees the tenant before all of it is there.
func Import(ctx context.Context, in Installation, r io.ReadSeeker, identities []age.Identity, name string) (err error) {
	s, err := in.enter(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	s.Report("reading the archive")
	m, err := s.check(r, identities)
	if err != nil {
		return err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the archive again: %w", err)
	}
	a, err := archive.NewReader(r, identities...)
	if err != nil {
		return err
	}
	if name == "" {
		name = m.Name
	}
	var to gateway.MovedTenant
	if err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		to, err = s.people.Place(ctx, tx, name, m.Tenant)
		return err
	}); err != nil {
		return err
	}
	// What an import that was killed left behind; no tenant has this id.
	if err := s.data.Delete(ctx, to.ID); err != nil {
		return err
	}
	home, err := s.data.Make(ctx, to.ID)
	if err != nil {
		return err
	}
	arrival := &arrival{site: s, archive: a, tenant: to, home: home}
	if err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return arrival.run(ctx, tx) }); err != nil {
		return errors.Join(err, s.data.Delete(context.WithoutCancel(ctx), to.ID))
	}
	arrival.report()
	return nil
}

// check reads an archive to its end.
func (s *site) check(r io.ReadSeeker, identities []age.Identity) (archive.Manifest, error) {
	a, err := archive.NewReader(r, identities...)
	if err != nil {
		return archive.Manifest{}, err
	}
	known, err := versions()
	if err != nil {
		return a.Manifest, err
	}
	for name, v := range a.Manifest.Schemas {
		if v > known[name] {
			return a.Manifest, fmt.Errorf("the archive is of a newer version, %.40q: bring this installation to that version first", a.Manifest.Version)
		}
	}
	quota, largest := s.data.Quota()
	var bytes int64
	for {
		p, err := a.Next()
		if errors.Is(err, io.EOF) {
			s.Report(fmt.Sprintf("%s of %s: %s", a.Manifest.Name, a.Manifest.Time.Format("2006-01-02 15:04 MST"), told(a.Sums())))
			return a.Manifest, nil
		}
		if err != nil {
			return a.Manifest, err
		}
		switch {
		case p.Kind == archive.Document && p.Name == peopleName:
			var people gateway.MovedPeople
			if err := p.JSON(&people, func() int { return len(people.Users) }); err != nil {
				return a.Manifest, err
			}
			if err := people.Check(); err != nil {
				return a.Manifest, fmt.Errorf("the archive cannot be taken: %w", err)
			}
		case p.Kind == archive.File:
			bytes += p.Size
			if p.Size > largest || bytes > quota {
				return a.Manifest, fmt.Errorf("the files are too large for this installation: one may have %d bytes, all together %d (AQTRA_STORAGE_MAX_FILE, AQTRA_STORAGE_QUOTA)", largest, quota)
			}
		}
	}
}

// arrival is a tenant that is being made.
type arrival struct {
	*site
	archive *archive.Reader
	tenant  gateway.MovedTenant
	home    *storage.Home

	people     *gateway.Arrived
	tables     []tenantdata.Table
	seen       map[string]bool
	components []*libraryv1.Component
	owned      []tenantdata.Table
	// entries is the transaction that entries are stored in: indexes and keys are made when it is committed, while what
	// makes the tenant visible still waits.
	conn     *pgx.Conn
	entries  pgx.Tx
	finished bool
	digests  map[string]string
}

func (a *arrival) run(ctx context.Context, tx pgx.Tx) (err error) {
	defer func() {
		if a.conn != nil {
			err = errors.Join(err, disconnect(a.conn))
		}
	}()
	if err := tenantdata.Enter(ctx, tx, a.tenant.ID); err != nil {
		return err
	}
	a.tables, a.seen, a.digests = control(a.home), map[string]bool{}, map[string]string{}
	if err := tenantdata.Complete(ctx, tx, a.tables); err != nil {
		return err
	}
	for {
		p, err := a.archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := a.part(ctx, tx, p); err != nil {
			return err
		}
	}
	if a.people == nil {
		return fmt.Errorf("%w: it has no people", archive.ErrDamaged)
	}
	if err := a.finish(ctx, tx); err != nil {
		return err
	}
	for _, t := range a.tables {
		if err := t.Check(ctx, tx); err != nil {
			return err
		}
	}
	if err := componentlibrary.CheckMoved(ctx, tx, a.tenant.ID); err != nil {
		return err
	}
	known, err := files(ctx, tx)
	if err != nil {
		return err
	}
	for _, f := range known {
		if a.digests[f.ID] != f.SHA256 {
			return fmt.Errorf("%w: the file %s is not in it, or another one", archive.ErrDamaged, f.ID)
		}
	}
	if len(known) != len(a.digests) {
		return fmt.Errorf("%w: it has files that nothing is known of", archive.ErrDamaged)
	}
	return nil
}

// part stores a part of the archive. People come first, because others are named after them; definitions come before entries.
func (a *arrival) part(ctx context.Context, tx pgx.Tx, p *archive.Part) error {
	if p.Kind == archive.Document {
		if p.Name != peopleName || a.people != nil {
			return fmt.Errorf("%w: a document %q", archive.ErrDamaged, p.Name)
		}
		var people gateway.MovedPeople
		if err := p.JSON(&people, func() int { return len(people.Users) }); err != nil {
			return err
		}
		arrived, err := a.site.people.Arrive(ctx, tx, a.tenant, people, a.Clock.Now())
		a.people = &arrived
		return err
	}
	if a.people == nil {
		return fmt.Errorf("%w: its people are missing", archive.ErrDamaged)
	}
	if p.Kind == archive.File {
		digest, err := a.home.WriteFile(ctx, p.Name, p.Size, p)
		a.digests[p.Name] = digest
		return err
	}
	if strings.HasPrefix(p.Name, entries) {
		return a.entry(ctx, tx, p)
	}
	return a.store(ctx, tx, a.tables, p)
}

func (a *arrival) store(ctx context.Context, tx pgx.Tx, tables []tenantdata.Table, p *archive.Part) error {
	i := slices.IndexFunc(tables, func(t tenantdata.Table) bool { return t.Key() == p.Name && t.Stays == "" })
	if i < 0 || a.seen[p.Name] {
		return fmt.Errorf("%w: rows of %q", archive.ErrDamaged, p.Name)
	}
	a.seen[p.Name] = true
	_, err := tables[i].In(ctx, tx, a.tenant.ID, p.Columns, a.people.Renamed, p.Row)
	return err
}

// entry stores the entries of a component. Before the first one the tables are made, as the live release has them.
func (a *arrival) entry(ctx context.Context, tx pgx.Tx, p *archive.Part) (err error) {
	if a.finished {
		return fmt.Errorf("%w: rows of %q out of order", archive.ErrDamaged, p.Name)
	}
	if a.entries == nil {
		if a.components, err = componentlibrary.LiveComponents(ctx, tx, a.tenant.ID); err != nil {
			return err
		}
		if a.owned, err = a.home.EntryTables(a.components); err != nil {
			return err
		}
		if err := a.home.MakeTables(ctx, a.components); err != nil {
			return err
		}
		if a.conn, err = a.connect(ctx); err != nil {
			return err
		}
		if a.entries, err = a.conn.Begin(ctx); err != nil {
			return err
		}
		if err := tenantdata.Enter(ctx, a.entries, a.tenant.ID); err != nil {
			return err
		}
	}
	a.Report(p.Name)
	return a.store(ctx, a.entries, a.owned, p)
}

// finish makes indexes and keys over the entries, which refuses those that do not fit.
func (a *arrival) finish(ctx context.Context, tx pgx.Tx) (err error) {
	a.finished = true
	if a.entries != nil {
		if err := a.entries.Commit(ctx); err != nil {
			return fmt.Errorf("store entries: %w", err)
		}
	} else if a.components, err = componentlibrary.LiveComponents(ctx, tx, a.tenant.ID); err != nil {
		return err
	}
	if len(a.components) == 0 {
		return nil
	}
	// An index that is built beside others waits for every snapshot that is older. The portal of the last query holds one until
	// another statement takes its place; one without arguments leaves none.
	if _, err := tx.Exec(ctx, "SELECT 1"); err != nil {
		return err
	}
	a.Report("indexes")
	return a.home.FinishTables(ctx, a.components, func(int, int, string) error { return nil })
}

// report says what became of the people.
func (a *arrival) report() {
	a.Report(fmt.Sprintf("%s is here, with the id %s", a.tenant.Name, a.tenant.ID))
	a.Report(fmt.Sprintf("people: %d were here already and keep their password, %d came with theirs, %d need a new one", a.people.Here, a.people.Kept, a.people.Reset))
	for email, link := range a.people.Links {
		a.Report(fmt.Sprintf("%s sets a password with this link, within %s: %s", email, a.people.LinkLife, link))
	}
}

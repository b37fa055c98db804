package tenantmove

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/tenantdata"
	"github.com/aqtra/aqtra/services/aqtra/internal/archive"
	componentlibrary "github.com/aqtra/aqtra/services/component-library"
	"github.com/aqtra/aqtra/services/gateway"
	"github.com/aqtra/aqtra/services/storage"
	"github.com/aqtra/aqtra/services/workflow"
)

// Export writes an archive of the tenant that has a name or an id, as it is at this moment. The tenant stays where it is.
func Export(ctx context.Context, in Installation, meant string, w io.Writer, recipients []age.Recipient) (err error) {
	s, err := in.enter(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return s.export(ctx, tx, meant, w, recipients)
	})
}

func (s *site) export(ctx context.Context, tx pgx.Tx, meant string, w io.Writer, recipients []age.Recipient) error {
	tenant, err := s.people.Find(ctx, tx, meant)
	if err != nil {
		return err
	}
	if err := tenantdata.Enter(ctx, tx, tenant.ID); err != nil {
		return err
	}
	home, err := s.data.Find(ctx, tenant.ID)
	if err != nil {
		return err
	}
	tables := control(home)
	if err := tenantdata.Complete(ctx, tx, tables); err != nil {
		return err
	}
	left, err := s.left(ctx, tx, tenant, tables)
	if err != nil {
		return err
	}
	components, err := componentlibrary.LiveComponents(ctx, tx, tenant.ID)
	if err != nil {
		return err
	}
	owned, err := home.EntryTables(components)
	if err != nil {
		return err
	}
	m := archive.Manifest{Version: service.Version(), Time: s.Clock.Now().UTC().Truncate(time.Second), Tenant: tenant.ID, Name: tenant.Name, Left: left}
	if m.Schemas, err = versions(); err != nil {
		return err
	}
	a, err := archive.NewWriter(w, recipients, m)
	if err != nil {
		return err
	}
	s.Report("people")
	people, err := s.people.People(ctx, tx, tenant)
	if err != nil {
		return err
	}
	if err := a.Document(peopleName, people, len(people.Users)); err != nil {
		return err
	}
	for _, t := range append(tables, owned...) {
		if t.Stays == "" {
			if err := rows(ctx, tx, a, t); err != nil {
				return err
			}
		}
	}
	s.Report("files")
	if err := exportFiles(ctx, tx, a, home); err != nil {
		return err
	}
	sums, err := a.Close()
	if err != nil {
		return err
	}
	s.Report(fmt.Sprintf("%s (%s): %s", tenant.Name, tenant.ID, told(sums)))
	for _, line := range left {
		s.Report("not in the archive: " + line)
	}
	return nil
}

// left says what does not travel, and refuses a tenant that is in the middle of a change.
func (s *site) left(ctx context.Context, tx pgx.Tx, tenant gateway.MovedTenant, tables []tenantdata.Table) ([]string, error) {
	publishes, err := componentlibrary.TenantBusy(ctx, tx, tenant.ID)
	if err != nil {
		return nil, err
	}
	installs, err := s.people.Busy(ctx, tx, tenant.ID)
	if err != nil {
		return nil, err
	}
	if publishes || installs {
		return nil, errors.New("a publication or the installation of a sample goes on in the organization: wait until it has ended, and try again")
	}
	out := []string{"sessions, API keys, invitations, audit and previews"}
	runs, err := workflow.Staying(ctx, tx, tenant.ID, stayingShown+1)
	if err != nil || len(runs) == 0 {
		return out, err
	}
	more := ""
	if len(runs) > stayingShown {
		runs, more = runs[:stayingShown], " and more"
	}
	return append(out, "runs that were at work just then: "+strings.Join(runs, ", ")+more), nil
}

func rows(ctx context.Context, tx pgx.Tx, a *archive.Writer, t tenantdata.Table) error {
	var out *archive.RowsWriter
	err := t.Out(ctx, tx, func(columns []string) error {
		out = a.Rows(t.Key(), columns)
		return nil
	}, func(line []byte) error { return out.Row(line) })
	if err != nil {
		return err
	}
	return out.Close()
}

// exportFiles adds the bytes of all files that the transaction knows.
func exportFiles(ctx context.Context, tx pgx.Tx, a *archive.Writer, home *storage.Home) error {
	known, err := files(ctx, tx)
	if err != nil {
		return err
	}
	for _, f := range known {
		there, err := home.HasFile(ctx, f.stored())
		if err == nil && !there {
			err = errors.New("it was removed meanwhile: try again")
		}
		if err == nil {
			err = a.File(f.ID, f.Size, func(w io.Writer) error { return home.ReadFile(ctx, f.stored(), w) })
		}
		if err != nil {
			return fmt.Errorf("file %s: %w", f.ID, err)
		}
	}
	return nil
}

type file struct {
	ID       string
	Size     int64
	SHA256   string
	PartSize int64
}

func (f file) stored() storage.File {
	return storage.File{ID: f.ID, Size: f.Size, PartSize: f.PartSize}
}

// files lists the files of the tenant that the transaction is about.
func files(ctx context.Context, tx pgx.Tx) ([]file, error) {
	found, err := tx.Query(ctx, "SELECT id, size, sha256, part_size FROM storage.files WHERE tenant_id = current_setting('aqtra.tenant') ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	list, err := pgx.CollectRows(found, pgx.RowToStructByPos[file])
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return list, nil
}

// told says in a line how much is in an archive.
func told(sums []archive.Sum) string {
	var people, stored, runs, kept, bytes int64
	for _, s := range sums {
		switch {
		case s.Name == peopleName:
			people = s.Count
		case s.Name == string(archive.File):
			kept = s.Count
		case s.Name == "workflow.runs":
			runs = s.Count
		case strings.HasPrefix(s.Name, entries):
			stored += s.Count
		}
		bytes += s.Bytes
	}
	return fmt.Sprintf("%d people, %d rows of entries, %d runs, %d files, %d bytes of rows", people, stored, runs, kept, bytes)
}

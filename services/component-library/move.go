package componentlibrary

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/tenantdata"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/store"
)

// TenantTables says how definitions, revisions and releases travel to another installation. What was never live stays, as do previews
// and publications that have not ended.
func TenantTables() []tenantdata.Table {
	table := func(name string, t tenantdata.Table) tenantdata.Table {
		t.Schema, t.Name = store.Schema, name
		return t
	}
	return []tenantdata.Table{
		table("components", tenantdata.Table{}),
		table("revisions", tenantdata.Table{People: []string{"subject"}}),
		table("uses", tenantdata.Table{}),
		table("releases", tenantdata.Table{Only: "t.live_time IS NOT NULL"}),
		table("release_components", tenantdata.Table{
			Only: "EXISTS (SELECT FROM library.releases r WHERE r.tenant_id = t.tenant_id AND r.id = t.release_id AND r.live_time IS NOT NULL)",
		}),
		table("pointers", tenantdata.Table{}),
		table("publications", tenantdata.Table{Only: "t.state NOT IN (1, 2, 3)", Without: []string{"owner"}, People: []string{"subject"}}),
		table("previews", tenantdata.Table{Stays: "a preview is made anew by trying again"}),
	}
}

// TenantBusy tells whether a publication goes on in a tenant.
func TenantBusy(ctx context.Context, tx pgx.Tx, tenant string) (bool, error) {
	var busy bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM library.publications WHERE tenant_id = $1 AND state IN (1, 2, 3))", tenant).Scan(&busy)
	if err != nil {
		return false, fmt.Errorf("look for publications: %w", err)
	}
	return busy, nil
}

// LiveComponents reads the release that is live in a tenant; nothing when none is.
func LiveComponents(ctx context.Context, tx pgx.Tx, tenant string) ([]*libraryv1.Component, error) {
	rows, err := tx.Query(ctx, `
SELECT m.component_id, m.uid, r.format, r.content
FROM library.pointers p JOIN library.release_components m ON m.tenant_id = p.tenant_id AND m.release_id = p.release_id
JOIN library.revisions r ON r.tenant_id = m.tenant_id AND r.uid = m.uid AND r.revision = m.revision
WHERE p.tenant_id = $1 ORDER BY m.component_id`, tenant)
	if err != nil {
		return nil, fmt.Errorf("read the live release: %w", err)
	}
	var out []*libraryv1.Component
	var id, uid string
	var format int16
	var content []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &uid, &format, &content}, func() error {
		c, err := engine.Decode(format, content)
		if err != nil {
			return fmt.Errorf("component %q: %w", id, err)
		}
		c.Id, c.Uid = id, uid
		out = append(out, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the live release: %w", err)
	}
	return out, nil
}

// CheckMoved looks at definitions that arrived: every document can be read, and says the same about itself as its row. The tables
// of entries are made of what is in them.
func CheckMoved(ctx context.Context, tx pgx.Tx, tenant string) error {
	rows, err := tx.Query(ctx, `SELECT c.component_id, r.uid, r.format, r.content, r.digest FROM library.revisions r
JOIN library.components c ON c.tenant_id = r.tenant_id AND c.uid = r.uid WHERE r.tenant_id = $1`, tenant)
	if err != nil {
		return fmt.Errorf("read definitions: %w", err)
	}
	var id, uid string
	var format int16
	var content, digest []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &uid, &format, &content, &digest}, func() error {
		return engine.CheckDocument(uid, format, content, digest)
	})
	if err != nil {
		return fmt.Errorf("the definitions are damaged: component %q: %w", id, err)
	}
	var dangling bool
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM library.pointers p JOIN library.releases r ON r.tenant_id = p.tenant_id AND r.id = p.release_id
WHERE p.tenant_id = $1 AND r.live_time IS NULL)`, tenant).Scan(&dangling)
	if err == nil && dangling {
		err = errors.New("the live release never was live")
	}
	return err
}

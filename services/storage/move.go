package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/tenantdata"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"

	"github.com/aqtra/aqtra/services/storage/internal/files"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/move"
	"github.com/aqtra/aqtra/services/storage/internal/rpc"
	"github.com/aqtra/aqtra/services/storage/internal/schema"
)

// Mover takes tenants out of storage and brings them in. It works beside running services, and serves nothing itself.
type Mover struct{ s *Service }

// alone are the peers of a service that calls none.
type alone struct{}

func (alone) Conn(string) grpc.ClientConnInterface { return nil }

// OpenMover opens storage with the settings of the service. Close it.
func OpenMover(ctx context.Context, lookup config.Lookup, clk clock.Clock, log *slog.Logger) (*Mover, error) {
	var cfg Config
	if err := config.Load(service.Prefix(Name), &cfg, lookup); err != nil {
		return nil, err
	}
	s, err := New(ctx, cfg, service.Base{Name: Name, Log: log, Metrics: prometheus.NewRegistry(), Clock: clk, Peers: alone{}, Lookup: lookup})
	if err != nil {
		return nil, err
	}
	return &Mover{s: s}, nil
}

// Close closes the connections and the store of files.
func (m *Mover) Close() error { return m.s.Close() }

// Quota is the most bytes that the files of a tenant may have together, MaxFile that one may have.
func (m *Mover) Quota() (all, one int64) { return int64(m.s.cfg.Quota), int64(m.s.cfg.MaxFile) }

// Delete removes all that storage has of a tenant. It may be repeated.
func (m *Mover) Delete(ctx context.Context, tenant string) error {
	_, err := m.s.data.DeleteTenantData(ctx, &tenantsv1.DeleteTenantDataRequest{Tenant: tenant})
	return err
}

// Home is the place of a tenant's data.
type Home struct {
	m     *Mover
	place files.Place
	key   *keys.DataKey
}

// Find returns the home of a tenant.
func (m *Mover) Find(ctx context.Context, tenant string) (*Home, error) {
	p, err := m.s.store.Home(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &Home{m: m, key: p.Key, place: files.Place{Tenant: tenant, Folder: p.Schema, Key: p.Key.Files()}}, nil
}

// Make makes a home for a tenant, with a key of its own.
func (m *Mover) Make(ctx context.Context, tenant string) (*Home, error) {
	if _, err := m.s.tenants.ProvisionTenant(ctx, &storagev1.ProvisionTenantRequest{Tenant: tenant}); err != nil {
		return nil, err
	}
	return m.Find(ctx, tenant)
}

// SchemaOf names the Postgres schema of a tenant's tables.
func SchemaOf(tenant string) string { return rpc.SchemaOf(tenant) }

// ControlTables says how the rows in the tables that tenants share travel.
func (h *Home) ControlTables() []tenantdata.Table { return move.Control(h.key) }

// EntryTables says how the entries of a release travel.
func (h *Home) EntryTables(components []*libraryv1.Component) ([]tenantdata.Table, error) {
	r, err := h.compile(components)
	if err != nil {
		return nil, err
	}
	return move.Entries(h.place.Folder, r, h.key), nil
}

func (h *Home) compile(components []*libraryv1.Component) (*model.Release, error) {
	r, err := model.Compile("", components, h.m.s.clock)
	if err != nil {
		return nil, fmt.Errorf("the release cannot be stored: %w", err)
	}
	return r, nil
}

// MakeTables makes the tables of a release, empty and without indexes.
func (h *Home) MakeTables(ctx context.Context, components []*libraryv1.Component) error {
	r, err := h.compile(components)
	if err != nil {
		return err
	}
	return h.m.s.changer.Tables(ctx, h.place.Folder, r)
}

// FinishTables makes indexes and keys, and refuses rows that do not fit the release.
func (h *Home) FinishTables(ctx context.Context, components []*libraryv1.Component, report func(done, total int, what string) error) error {
	r, err := h.compile(components)
	if err != nil {
		return err
	}
	return h.m.s.changer.Expand(ctx, h.place.Folder, r, func(p schema.Progress) error { return report(p.Done, p.Total, p.Message) })
}

// File is what must be known of a file to read it: its row in storage.files.
type File struct {
	ID             string
	Size, PartSize int64
}

func (f File) stored() files.File { return files.File{ID: f.ID, Size: f.Size, PartSize: f.PartSize} }

// HasFile tells whether the bytes of a file are there.
func (h *Home) HasFile(ctx context.Context, f File) (bool, error) {
	return h.m.s.files.Has(ctx, h.place, f.stored())
}

// ReadFile passes the bytes of a file on, decrypted.
func (h *Home) ReadFile(ctx context.Context, f File, w io.Writer) error {
	return h.m.s.files.Content(ctx, h.place, f.stored(), func(b []byte) error {
		_, err := w.Write(b)
		return err
	})
}

// WriteFile stores the bytes of a file, encrypted, and returns their SHA-256 in hexadecimal digits. Other than size bytes are an error.
func (h *Home) WriteFile(ctx context.Context, id string, size int64, r io.Reader) (string, error) {
	digest := sha256.New()
	if err := h.m.s.files.Keep(ctx, h.place, id, size, io.TeeReader(r, digest)); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

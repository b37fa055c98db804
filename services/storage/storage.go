package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"
	"gocloud.dev/blob"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/journal"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/tenantdata"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/files"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/outbox"
	"github.com/aqtra/aqtra/services/storage/internal/peers"
	"github.com/aqtra/aqtra/services/storage/internal/rpc"
	"github.com/aqtra/aqtra/services/storage/internal/schema"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// Name is the name of the service.
const Name = "storage"

// Config tunes the service.
type Config struct {
	Database postgres.Config
	Redis    redis.Config
	// KeyFile holds the key-encryption keys. Whoever loses them loses all files and all sensitive values.
	KeyFile string `doc:"file with the key-encryption key, a Tink keyset in JSON"`
	// CreateKey makes the key when the file is missing.
	CreateKey bool `default:"false" doc:"make the key-encryption key when the file is missing; only for one machine"`
	// FilesURL is the folder, or the bucket of an S3 store, of the encrypted files.
	FilesURL string `doc:"where files are kept, such as file:///var/lib/aqtra/files or s3://bucket/prefix"`
	S3       files.S3
	// MaxFile is the size limit of one file.
	MaxFile config.Size `default:"1GiB" doc:"largest file"`
	// Quota is the size limit of all files of a tenant.
	Quota config.Size `default:"10GiB" doc:"all files of a tenant together"`
	// Releases is how many compiled releases are kept in memory.
	Releases int `default:"64" doc:"compiled releases kept in memory"`
	// RequestAge is how long the answer of a request id is remembered.
	RequestAge time.Duration `default:"168h" doc:"how long a request id is remembered"`
}

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var errs []error
	if c.KeyFile == "" {
		errs = append(errs, errors.New("KeyFile is required"))
	}
	errs = append(errs, files.CheckURL(c.FilesURL))
	if c.MaxFile <= 0 || c.Quota <= 0 || c.Releases <= 0 || c.RequestAge < time.Hour {
		errs = append(errs, errors.New("MaxFile, Quota and Releases must be positive, RequestAge at least an hour"))
	}
	return errors.Join(errs...)
}

// Unit is what the skeleton runs.
func Unit() service.Unit {
	return service.Unit{Name: Name, Config: &Config{}, Schema: Schema(), New: func(ctx context.Context, b service.Base) (service.Service, error) {
		var cfg Config
		if err := config.Load(service.Prefix(Name), &cfg, b.Lookup); err != nil {
			return nil, err
		}
		return New(ctx, cfg, b)
	}}
}

// Schema has the tables that are the service's own, besides those of tenants.
func Schema() postgres.Schema {
	return postgres.Schema{Name: store.Schema, Migrations: store.Migrations}
}

// Service is the data layer.
type Service struct {
	cfg      Config
	log      *slog.Logger
	clock    clock.Clock
	db       *postgres.DB
	owner    *pgxpool.Pool
	redis    *goredis.Client
	bus      *broadcast.Bus
	bucket   *blob.Bucket
	store    *store.Store
	files    *files.Store
	relay    *outbox.Relay
	entries  *rpc.Entries
	holds    *rpc.Holds
	bulk     *rpc.Bulk
	uploads  *rpc.Files
	schema   *rpc.Schema
	tenants  *rpc.Tenants
	changer  *schema.Changer
	rotation *rotation
	history  *journal.Log
	data     *tenantdata.Server
}

var _ service.Service = (*Service)(nil)

// New builds the service and migrates its schema. It starts nothing.
func New(ctx context.Context, cfg Config, b service.Base) (_ *Service, err error) {
	s := &Service{cfg: cfg, log: b.Log, clock: b.Clock}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	keyring, err := keys.Load(cfg.KeyFile, cfg.CreateKey)
	if err != nil {
		return nil, err
	}
	if s.bucket, err = files.OpenBucket(ctx, cfg.FilesURL, cfg.S3); err != nil {
		return nil, err
	}
	if cfg.Database.OwnerURL == "" {
		return nil, errors.New("storage makes tables while it runs and needs the URL of its schema's owner")
	}
	if err := Schema().Prepare(ctx, cfg.Database); err != nil {
		return nil, err
	}
	opts := postgres.Options{Schema: store.Schema}
	if s.db, err = postgres.Open(ctx, cfg.Database, opts); err != nil {
		return nil, err
	}
	if err := s.db.Register(b.Metrics, b.Clock); err != nil {
		return nil, fmt.Errorf("register metrics of the database: %w", err)
	}
	if s.owner, err = postgres.OpenOwner(ctx, cfg.Database, opts); err != nil {
		return nil, err
	}
	if s.redis, err = redis.Open(cfg.Redis); err != nil {
		return nil, err
	}
	s.store = store.New(s.db, keyring)
	if s.rotation, err = newRotation(keyring, s.store, b.Clock, b.Log, b.Metrics); err != nil {
		return nil, fmt.Errorf("register metrics of keys: %w", err)
	}
	s.bus = broadcast.New(broadcast.Config{Postgres: s.db.SystemPool(), Redis: s.redis, Clock: b.Clock, Log: b.Log})
	releases := peers.NewReleases(b.Peers.Conn("component-library"), b.Clock, cfg.Releases)
	s.files = files.New(s.bucket, store.Files{Store: s.store}, store.Files{Store: s.store}, b.Clock, b.Log, int64(cfg.MaxFile), int64(cfg.Quota))
	if s.relay, err = outbox.New(store.Outbox{Store: s.store}, peers.NewStarter(b.Peers.Conn("workflow")), b.Clock, b.Log, b.Metrics); err != nil {
		return nil, err
	}
	s.changer = schema.NewChanger(s.owner, b.Clock)
	entries := engine.New(s.store, releases, news{s.bus}, b.Clock)
	s.history = &journal.Log{
		DB: s.db, Schema: store.Schema, Table: "entry_changes", Clock: b.Clock, Log: b.Log, Key: s.sealKey,
		Columns: []string{"component_uid", "entry", "change_time", "subject", "operation", "before_values", "after_values", "release"},
		Only:    "t.component_uid !~ '^prv-[0-9a-f]{16}/'", // copies in previews come and go
	}
	s.entries, s.holds, s.bulk = rpc.NewEntries(entries, s.history), rpc.NewHolds(entries), rpc.NewBulk(entries)
	s.uploads = rpc.NewFiles(s.files, store.Files{Store: s.store}, releases)
	role := s.db.Pool().Config().ConnConfig.User
	s.schema = rpc.NewSchema(s.store, s.changer, b.Clock, role)
	s.tenants = rpc.NewTenants(s.store, s.changer, role)
	s.data = &tenantdata.Server{Steps: []tenantdata.Step{
		s.store.ForgetTenant, // the key goes first: what is left behind cannot be read
		tenantdata.Rows(s.db, store.Schema),
		func(ctx context.Context, tenant string) error { return s.files.RemoveAll(ctx, rpc.SchemaOf(tenant)) },
		s.tenants.Drop,
	}}
	return s, nil
}

// sealKey is the key of the seals of a tenant's history; nil when the tenant is gone.
func (s *Service) sealKey(ctx context.Context, tenant string) ([]byte, error) {
	p, err := s.store.Home(ctx, tenant)
	if f, ok := fault.As(err); ok && f.Reason == faultv1.Reason_REASON_TENANT_NOT_FOUND {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return p.Key.Seals(), nil
}

// news tells everybody which entries changed.
type news struct{ bus *broadcast.Bus }

func (n news) EntriesChanged(tenant, component string, roles, ids []string) {
	m := broadcast.Message{Tenant: tenant, Kind: changesv1.Kind_KIND_ENTRY, Component: component, Roles: roles}
	if len(ids) == 0 {
		n.bus.Publish(m)
	}
	for _, m.ID = range ids {
		n.bus.Publish(m)
	}
}

// Register implements service.Service.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	storagev1.RegisterEntriesServer(r, s.entries)
	storagev1.RegisterBulkServer(r, s.bulk)
	storagev1.RegisterFilesServer(r, s.uploads)
	storagev1.RegisterSchemaServer(r, s.schema)
	storagev1.RegisterTenantsServer(r, s.tenants)
	storagev1.RegisterHoldsServer(r, s.holds)
	storagev1.RegisterRecordingsServer(r, rpc.NewRecordings(s.store, s.clock))
	tenantsv1.RegisterTenantDataServer(r, s.data)
}

// Ready implements service.Service.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.db.Ready(ctx); err != nil {
		return err
	}
	ok, err := s.bucket.IsAccessible(ctx)
	if err != nil || !ok {
		return errors.Join(errors.New("the store of files cannot be reached"), err)
	}
	return nil
}

// Run implements service.Service: it relays starts of workflows, tells of changes, clears away what is no longer needed,
// follows the key-encryption keys and seals the history.
func (s *Service) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _ = s.bus.Run(ctx) }) // it ends with ctx, and only then
	wg.Go(func() { s.sweep(ctx) })
	wg.Go(func() { s.rotation.run(ctx) })
	wg.Go(func() { s.history.Run(ctx) })
	return s.relay.Run(ctx)
}

const (
	sweepEvery = time.Hour
	// orphanAge is how old bytes without a record must be: no upload takes longer.
	orphanAge = 24 * time.Hour
)

// sweep clears away every hour. What fails is tried again at the next round.
func (s *Service) sweep(ctx context.Context) {
	for clock.Sleep(ctx, s.clock, sweepEvery) == nil {
		if err := s.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "sweep not finished", "error", err)
		}
	}
}

func (s *Service) sweepOnce(ctx context.Context) error {
	for {
		n, err := s.store.SweepRequests(ctx, s.clock.Now().Add(-s.cfg.RequestAge))
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if _, err := s.store.ExpireUploads(ctx, s.clock.Now().Add(-files.UploadLife)); err != nil {
		return err
	}
	if err := s.store.ExpireRecordings(ctx, s.clock.Now()); err != nil {
		return err
	}
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		p, err := s.store.Home(ctx, t)
		if err != nil {
			return err
		}
		removed, err := s.files.Sweep(ctx, files.Place{Tenant: t, Folder: p.Schema, Key: p.Key.Files()}, orphanAge)
		if err != nil {
			return err
		}
		if removed > 0 {
			s.log.InfoContext(ctx, "orphaned files removed", "tenant", t, "files", removed)
		}
	}
	return nil
}

// Close closes the connections and the bucket.
func (s *Service) Close() error {
	if s.db != nil {
		s.db.Close()
	}
	if s.owner != nil {
		s.owner.Close()
	}
	var errs []error
	if s.redis != nil {
		errs = append(errs, s.redis.Close())
	}
	if s.bucket != nil {
		errs = append(errs, s.bucket.Close())
	}
	return errors.Join(errs...)
}

// Package samples serves aqtra.samples.v1: apps that a tenant can install. A sample is a document under data/; installing it
// means to call, as the person who asked, the same methods that everyone has: roles, components, a publication, then runs of
// dataflows and workflows. How far it is stands in a table, so that whoever comes after a crash goes on from there.
package samples

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/pkg/wirejson"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

//go:embed data
var data embed.FS

// Deps are what the service needs.
type Deps struct {
	DB    *postgres.DB
	Peers service.Peers
	Clock clock.Clock
	Log   *slog.Logger
	// Delegate gives a short token for somebody, with the rights of that moment.
	Delegate func(context.Context, *identityv1.DelegateRequest) (*identityv1.DelegateResponse, error)
}

// Service serves samples and installs them.
type Service struct {
	samplesv1.UnimplementedSamplesServer
	Deps
	samples []*samplesv1.Sample
	files   map[string][]byte // content by "sample/name"
	wake    chan struct{}
}

// New reads the samples; a wrong one is an error.
func New(d Deps) (*Service, error) {
	s := &Service{Deps: d, files: map[string][]byte{}, wake: make(chan struct{}, 1)}
	folders, err := fs.ReadDir(data, "data")
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		sample, err := s.read(folder.Name())
		if err != nil {
			return nil, fmt.Errorf("sample %s: %w", folder.Name(), err)
		}
		s.samples = append(s.samples, sample)
	}
	return s, nil
}

// read turns a sample's YAML into its message, by way of the JSON that the API speaks.
func (s *Service) read(name string) (*samplesv1.Sample, error) {
	text, err := data.ReadFile("data/" + name + "/sample.yaml")
	if err != nil {
		return nil, err
	}
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	plain, err := plainValue(doc)
	if err != nil {
		return nil, err
	}
	text, err = value.ToJSON(plain)
	if err != nil {
		return nil, err
	}
	sample := &samplesv1.Sample{}
	if err := wirejson.New().Unmarshal(text, sample); err != nil {
		return nil, err
	}
	if sample.GetId() != name {
		return nil, fmt.Errorf("its id is %q", sample.GetId())
	}
	for _, a := range sample.GetActions() {
		if f := a.GetUploadFile(); f != nil {
			if s.files[name+"/"+f.GetName()], err = data.ReadFile("data/" + name + "/" + f.GetName()); err != nil {
				return nil, err
			}
		}
	}
	return sample, nil
}

// plainValue makes a value of what YAML reads: its ints and floats are others than ours.
func plainValue(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, item := range v {
			plain, err := plainValue(item)
			if err != nil {
				return nil, err
			}
			m[k] = plain
		}
		return m, nil
	case []any:
		l := make([]any, len(v))
		for i, item := range v {
			plain, err := plainValue(item)
			if err != nil {
				return nil, err
			}
			l[i] = plain
		}
		return l, nil
	case int:
		return int64(v), nil
	case nil, bool, string:
		return v, nil
	default:
		return nil, fmt.Errorf("write %v (%T) as a text", v, v)
	}
}

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { samplesv1.RegisterSamplesServer(r, s) }

// ListSamples lists the samples without their definitions.
func (s *Service) ListSamples(context.Context, *samplesv1.ListSamplesRequest) (*samplesv1.ListSamplesResponse, error) {
	resp := &samplesv1.ListSamplesResponse{}
	for _, sample := range s.samples {
		resp.Samples = append(resp.Samples, &samplesv1.Sample{Id: sample.GetId(), Title: sample.GetTitle(), Description: sample.GetDescription()})
	}
	return resp, nil
}

// GetSample returns a sample with its definition.
func (s *Service) GetSample(_ context.Context, req *samplesv1.GetSampleRequest) (*samplesv1.Sample, error) {
	sample, err := s.find(req.GetSample())
	if err != nil {
		return nil, err
	}
	return proto.CloneOf(sample), nil
}

func (s *Service) find(id string) (*samplesv1.Sample, error) {
	for _, sample := range s.samples {
		if sample.GetId() == id {
			return sample, nil
		}
	}
	return nil, fault.NotFound(faultv1.Reason_REASON_SAMPLE_NOT_FOUND, fmt.Sprintf("there is no sample %.60q", id))
}

// InstallSample notes what is wanted and wakes the worker.
func (s *Service) InstallSample(ctx context.Context, req *samplesv1.InstallSampleRequest) (*samplesv1.Installation, error) {
	sample, err := s.find(req.GetSample())
	if err != nil {
		return nil, err
	}
	p, _ := principal.From(ctx)
	roles := p.Roles
	if roles == nil {
		roles = []string{}
	}
	row, err := db.New(s.DB.Tenant(p.Tenant)).BeginInstallation(ctx, db.BeginInstallationParams{
		TenantID: p.Tenant, Sample: sample.GetId(), Total: int32(len(stepsOf(sample))), Subject: p.Subject, Roles: roles, Now: s.now(),
	})
	if err != nil {
		return nil, fmt.Errorf("begin installation: %w", err)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return installation(row), nil
}

// GetInstallation tells how far an installation is.
func (s *Service) GetInstallation(ctx context.Context, req *samplesv1.GetInstallationRequest) (*samplesv1.Installation, error) {
	sample, err := s.find(req.GetSample())
	if err != nil {
		return nil, err
	}
	p, _ := principal.From(ctx)
	row, err := db.New(s.DB.Tenant(p.Tenant)).GetInstallation(ctx, sample.GetId())
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound(faultv1.Reason_REASON_SAMPLE_NOT_FOUND, fmt.Sprintf("sample %q was not installed here", sample.GetId()))
	}
	if err != nil {
		return nil, fmt.Errorf("read installation: %w", err)
	}
	return installation(row), nil
}

func installation(row db.GatewayInstallation) *samplesv1.Installation {
	in := &samplesv1.Installation{
		Sample: row.Sample, State: samplesv1.InstallationState(row.State), Progress: 100 * row.Done / max(row.Total, 1),
		Message: row.Message, CreateTime: timestamppb.New(row.CreateTime),
	}
	if row.FinishTime != nil {
		in.FinishTime = timestamppb.New(*row.FinishTime)
	}
	return in
}

// now has the resolution of the database, so that a lease that was written compares equal when it is read.
func (s *Service) now() time.Time { return s.Clock.Now().UTC().Truncate(time.Microsecond) }

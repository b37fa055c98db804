package edge_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/audit"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
)

func (f *fakeIdentity) SignIn(ctx context.Context, r *identityv1.SignInRequest) (*identityv1.SignInResponse, error) {
	f.note(ctx)
	if r.GetPassword() != "right" {
		return nil, fault.Unauthenticated(faultv1.Reason_REASON_WRONG_CREDENTIALS, "wrong e-mail address or password")
	}
	return &identityv1.SignInResponse{Session: &identityv1.Session{}}, grpc.SetHeader(ctx, metadata.Pairs(
		identity.HeaderSessionToken, "alice", identity.HeaderSessionExpires, time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	))
}

func (f *fakeIdentity) SignOut(ctx context.Context, _ *identityv1.SignOutRequest) (*emptypb.Empty, error) {
	f.note(ctx)
	return &emptypb.Empty{}, grpc.SetHeader(ctx, metadata.Pairs(identity.HeaderSessionClear, "true"))
}

func (f *fakeIdentity) GetCurrentSession(ctx context.Context, _ *identityv1.GetCurrentSessionRequest) (*identityv1.Session, error) {
	f.note(ctx)
	p, _ := principal.From(ctx)
	return &identityv1.Session{User: &identityv1.User{Id: p.Subject}, Tenant: &identityv1.TenantInfo{Id: p.Tenant}}, nil
}

// fakeNotes remembers calls, by what they were and how they ended.
type fakeNotes struct {
	mu    sync.Mutex
	down  bool
	calls []string
}

func (f *fakeNotes) Begin(_ context.Context, c audit.Call) (func(int), error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the database is away")
	}
	return func(status int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.calls = append(f.calls, fmt.Sprint(c.Tenant, " ", c.Subject, " ", c.Method, " ", c.Target, " ", status))
	}, nil
}

// noted returns the calls since it was called before.
func (f *fakeNotes) noted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// fakeLibrary knows one release, and publications that move once a step is granted.
type fakeLibrary struct {
	libraryv1.UnimplementedReleasesServer
	libraryv1.UnimplementedPublicationsServer
	libraryv1.UnimplementedComponentsServer

	mu      sync.Mutex
	release string
	asked   int
	down    bool
}

func (f *fakeLibrary) GetActiveRelease(_ context.Context, _ *libraryv1.GetActiveReleaseRequest) (*libraryv1.ActiveRelease, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.down {
		return nil, fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the database is not available")
	}
	return &libraryv1.ActiveRelease{Release: f.release}, nil
}

func (f *fakeLibrary) set(release string, down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.release, f.down = release, down
}

func (f *fakeLibrary) questions() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fakeLibrary) ListComponents(context.Context, *libraryv1.ListComponentsRequest) (*libraryv1.ListComponentsResponse, error) {
	return &libraryv1.ListComponentsResponse{}, nil
}

func (f *fakeLibrary) WatchPublication(r *libraryv1.GetPublicationRequest, s grpc.ServerStreamingServer[libraryv1.Publication]) error {
	switch r.GetPublication() {
	case "none":
		return fault.NotFound(faultv1.Reason_REASON_PUBLICATION_NOT_FOUND, "publication not found")
	case "full":
		return fault.Conflict(faultv1.Reason_REASON_PUBLICATION_IN_PROGRESS, "busy")
	}
	for i := range int32(3) {
		if err := s.Send(&libraryv1.Publication{Id: r.GetPublication(), Progress: i * 50}); err != nil {
			return err
		}
	}
	if r.GetPublication() == "breaks" {
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "storage is not available")
	}
	return nil
}

// fakeStorage echoes what it was asked.
type fakeStorage struct {
	storagev1.UnimplementedEntriesServer
	storagev1.UnimplementedFilesServer
	storagev1.UnimplementedTenantsServer

	hold chan struct{} // closed to let GetEntry("slow") go on
	held chan struct{} // receives when it waits

	mu    sync.Mutex
	calls []call
	files map[string]stored
}

type call struct {
	req       any
	principal principal.Principal
	md        metadata.MD
}

type stored struct {
	file    *storagev1.File
	content []byte
}

func newFakeStorage() *fakeStorage {
	return &fakeStorage{hold: make(chan struct{}), held: make(chan struct{}, 10), files: make(map[string]stored)}
}

func (f *fakeStorage) note(ctx context.Context, req any) {
	p, _ := principal.From(ctx)
	md, _ := metadata.FromIncomingContext(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call{req, p, md})
}

func (f *fakeStorage) last() call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[len(f.calls)-1]
}

func (f *fakeStorage) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

func (f *fakeStorage) GetEntry(ctx context.Context, r *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	f.note(ctx, r)
	switch r.GetEntry() {
	case "missing":
		return nil, fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "entry not found", fault.Meta("entry", "missing"))
	case "stale":
		return nil, fault.Conflict(faultv1.Reason_REASON_ETAG_MISMATCH, "the entry was changed meanwhile")
	case "there":
		return nil, fault.AlreadyExists(faultv1.Reason_REASON_ENTRY_EXISTS, "it exists", fault.Field("fields.number", "is taken"))
	case "referenced":
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_ENTRY_REFERENCED, "something refers to it")
	case "busy":
		return nil, fault.Unavailable(faultv1.Reason_REASON_OVERLOADED, "too much to do", fault.Retry(2500*time.Millisecond))
	case "broken":
		return nil, errors.New("secret detail of the database")
	case "slow":
		f.held <- struct{}{}
		<-f.hold
	}
	return &storagev1.Entry{Id: r.GetEntry(), Name: r.GetComponent(), Fields: map[string]*typev1.Value{
		"total": {Kind: &typev1.Value_Decimal{Decimal: "12.5"}}, "paid": {Kind: &typev1.Value_Bool{Bool: true}},
	}, CreateTime: timestamppb.New(time.Unix(1, 0))}, nil
}

func (f *fakeStorage) ListEntries(ctx context.Context, r *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error) {
	f.note(ctx, r)
	total := int64(1)
	return &storagev1.ListEntriesResponse{Entries: []*storagev1.Entry{{Id: "e1"}}, TotalSize: &total}, nil
}

func (f *fakeStorage) CreateEntry(ctx context.Context, r *storagev1.CreateEntryRequest) (*storagev1.Entry, error) {
	f.note(ctx, r)
	return r.GetEntry(), nil
}

func (f *fakeStorage) UpdateEntry(ctx context.Context, r *storagev1.UpdateEntryRequest) (*storagev1.Entry, error) {
	f.note(ctx, r)
	return r.GetEntry(), nil
}

func (f *fakeStorage) RestoreEntry(ctx context.Context, r *storagev1.RestoreEntryRequest) (*storagev1.Entry, error) {
	f.note(ctx, r)
	return &storagev1.Entry{Id: r.GetEntry()}, nil
}

func (f *fakeStorage) BatchWriteEntries(ctx context.Context, r *storagev1.BatchWriteEntriesRequest) (*storagev1.BatchWriteEntriesResponse, error) {
	f.note(ctx, r)
	return &storagev1.BatchWriteEntriesResponse{Created: int64(len(r.GetOperations()))}, nil
}

const maxFile = 64 << 20

func (f *fakeStorage) UploadFile(s grpc.ClientStreamingServer[storagev1.UploadFileRequest, storagev1.File]) error {
	first, err := s.Recv()
	if err != nil {
		return err
	}
	f.note(s.Context(), first)
	h := first.GetHeader()
	if h.GetSize() > maxFile {
		return fault.Invalid(faultv1.Reason_REASON_FILE_TOO_LARGE, "the file is too large")
	}
	sum, size := sha256.New(), int64(0)
	var content []byte
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			f.note(context.Background(), "upload cut")
			return err
		}
		size += int64(len(m.GetChunk()))
		if size > maxFile {
			return fault.Invalid(faultv1.Reason_REASON_FILE_TOO_LARGE, "the file is too large")
		}
		sum.Write(m.GetChunk())
		if size < 1<<20 {
			content = append(content, m.GetChunk()...)
		}
	}
	file := &storagev1.File{Id: "f1", Name: h.GetName(), ContentType: h.GetContentType(), Size: size, Sha256: hex.EncodeToString(sum.Sum(nil))}
	f.mu.Lock()
	f.files["f1"] = stored{file, content}
	f.mu.Unlock()
	return s.SendAndClose(file)
}

func (f *fakeStorage) find(id string) (stored, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.files[id]
	if !ok {
		return stored{}, fault.NotFound(faultv1.Reason_REASON_FILE_NOT_FOUND, "file not found")
	}
	return s, nil
}

func (f *fakeStorage) GetFile(_ context.Context, r *storagev1.GetFileRequest) (*storagev1.File, error) {
	s, err := f.find(r.GetFile())
	return s.file, err
}

func (f *fakeStorage) DownloadFile(r *storagev1.DownloadFileRequest, s grpc.ServerStreamingServer[storagev1.DownloadFileResponse]) error {
	f.note(s.Context(), r)
	file, err := f.find(r.GetFile())
	if err != nil {
		return err
	}
	rest := file.content[r.GetOffset():]
	if r.GetLimit() > 0 {
		rest = rest[:r.GetLimit()]
	}
	res := &storagev1.DownloadFileResponse{File: file.file}
	for {
		n := min(len(rest), 7)
		res.Chunk, rest = rest[:n], rest[n:]
		if err := s.Send(res); err != nil {
			return err
		}
		if r.GetFile() == "breaks" {
			return errors.New("tampered")
		}
		if len(rest) == 0 {
			return nil
		}
		res = &storagev1.DownloadFileResponse{}
	}
}

package storage_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/pgtest/tlstest"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/storage"
	"github.com/aqtra/aqtra/services/storage/internal/files"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// s3Server is a real S3 store on this machine, versitygw over TLS, with the bucket "files" in a folder.
type s3Server struct {
	t       testing.TB
	dir     string
	addr    string
	process *os.Process
	done    chan struct{}
}

func startS3(t testing.TB) *s3Server {
	t.Helper()
	if _, err := exec.LookPath("versitygw"); err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("no versitygw on the PATH: make .bin/versitygw")
		}
		require.NoError(t, err)
	}
	cert, err := tlstest.New()
	require.NoError(t, err)
	s := &s3Server{t: t, dir: t.TempDir()}
	for name, pem := range map[string][]byte{"ca.crt": cert.CA, "server.crt": cert.Cert, "server.key": cert.Key} {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), pem, 0o600))
	}
	for _, name := range []string{"root", "root/files", "about"} {
		require.NoError(t, os.Mkdir(filepath.Join(s.dir, name), 0o700))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.addr = l.Addr().String()
	require.NoError(t, l.Close())
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *s3Server) start() {
	s.t.Helper()
	cmd := exec.Command("versitygw", "--quiet", "--port", s.addr, "--cert", filepath.Join(s.dir, "server.crt"), "--key", filepath.Join(s.dir, "server.key"), "posix", "--sidecar", filepath.Join(s.dir, "about"), filepath.Join(s.dir, "root"))
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=access", "ROOT_SECRET_KEY=very secret")
	log, err := os.Create(filepath.Join(s.dir, "log"))
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, log.Close()) }()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, done := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the death signal follows the thread that started the child
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is always killed
			close(done)
		}
	}()
	require.NoError(s.t, <-started)
	s.process, s.done = cmd.Process, done
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(20 * time.Second); ; <-ticker.C {
		c, err := net.DialTimeout("tcp", s.addr, time.Second)
		if err == nil {
			require.NoError(s.t, c.Close())
			return
		}
		said, _ := os.ReadFile(log.Name()) // only to explain
		require.True(s.t, time.Now().Before(end), "versitygw: %s", said)
	}
}

func (s *s3Server) kill() {
	_ = s.process.Kill() // it may be gone
	<-s.done
}

// objects are the contents of the bucket.
func (s *s3Server) objects() map[string][]byte {
	s.t.Helper()
	found := map[string][]byte{}
	root := filepath.Join(s.dir, "root", "files")
	require.NoError(s.t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, ".sgwtmp") {
			return err
		}
		name, _ := filepath.Rel(root, path)
		found[name], err = os.ReadFile(path)
		return err
	}))
	return found
}

func (s *s3Server) config(c *storage.Config) {
	c.FilesURL = "s3://files/one"
	c.S3 = files.S3{Endpoint: "https://" + s.addr, Region: "us-east-1", AccessKey: "access", SecretKey: "very secret", PathStyle: true, CAFile: filepath.Join(s.dir, "ca.crt")}
	c.MaxFile = 32 << 20
}

// What holds of files in a folder holds of those in an S3 store.
func TestFilesInS3(t *testing.T) {
	t.Parallel()
	server := startS3(t)
	w := newWorldOn(t, pgtest.Database(t, store.Schema, store.Migrations), server.config)
	require.NoError(t, w.svc.Ready(t.Context()))
	ctx := w.admin()
	content := make([]byte, 12<<20) // several parts
	for i := range content {
		content[i] = byte(rand.IntN(256))
	}
	copy(content[100_000:], "the plain words of a secret document")
	f := w.upload(ctx, "data.bin", "application/octet-stream", content)
	for _, r := range [][2]int64{{0, 0}, {0, 1}, {65_480, 70_000}, {6 << 20, 100}, {12<<20 - 1, 1}, {12 << 20, 0}} {
		got, err := w.download(ctx, f.GetId(), r[0], r[1])
		require.NoError(t, err)
		end := int64(len(content))
		if r[1] > 0 {
			end = min(end, r[0]+r[1])
		}
		require.True(t, bytes.Equal(content[r[0]:end], got), "%v", r)
	}
	objects := server.objects()
	require.Len(t, objects, 1)
	for name, raw := range objects {
		require.Equal(t, "one/t_"+w.tenant+"/"+f.GetId(), name)
		require.NotContains(t, string(raw), "plain words")
	}
	_, err := w.tryUpload(ctx, &storagev1.UploadHeader{Name: "x", Size: 9}, []byte("x"))
	refused(t, err, faultv1.Reason_REASON_FILE_INCOMPLETE)
	require.Len(t, server.objects(), 1)

	// The store dies in the middle of an upload: the upload fails and says why, and nothing of it is a file.
	stream, err := w.files.UploadFile(ctx)
	require.NoError(t, err)
	require.NoError(t, stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Header{Header: &storagev1.UploadHeader{Name: "cut.bin"}}}))
	for i := range 20 {
		if i == 10 {
			server.kill()
		}
		if err := stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Chunk{Chunk: content[:1<<20]}}); err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
	}
	_, err = stream.CloseAndRecv()
	refused(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	_, err = w.download(ctx, f.GetId(), 0, 0)
	refused(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	require.Error(t, w.svc.Ready(t.Context()))

	server.start()
	require.NoError(t, w.svc.Ready(t.Context()))
	got, err := w.download(ctx, f.GetId(), 0, 0)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, got))
	list, err := w.files.ListFiles(ctx, &storagev1.ListFilesRequest{})
	require.NoError(t, err)
	require.Len(t, list.GetFiles(), 1)
	_, err = w.files.DeleteFile(ctx, &storagev1.DeleteFileRequest{File: f.GetId()})
	require.NoError(t, err)
	require.Empty(t, server.objects())
}

func TestS3Settings(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"file:///a": true, "s3://b": true, "s3://b/c/d": true, "file://": false, "file://host/a": false, "file:///": false, "s3://": false, "s3://u:p@b": false,
		"s3://b?x=y": false, "mem://": false, "": false,
	} {
		require.Equal(t, ok, files.CheckURL(address) == nil, address)
	}
	err := files.S3{Endpoint: "http://plain.example.com", AccessKey: "a"}.Validate()
	require.ErrorContains(t, err, "Endpoint must be like https://")
	require.ErrorContains(t, err, "AccessKey and SecretKey belong together")
	_, err = files.OpenBucket(t.Context(), "s3://b", files.S3{CAFile: "missing"})
	require.True(t, errors.Is(err, os.ErrNotExist))
}

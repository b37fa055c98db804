package edge_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// Calls that may change something are noted once, over REST and gRPC alike, with how they ended; what storage notes with the change
// is not. A call that cannot be noted is not passed on.
func TestNotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload()
	noted := w.notes.noted()
	require.Len(t, noted, 1)
	require.Regexp(t, `^\w+ \w+ Files\.UploadFile /v1/files:upload 200$`, noted[0])

	w.call("GET", entries+"/e1", "").ok()
	w.call("PATCH", entries+"/e9?updateMask=fields.total", `{"fields":{"total":1},"etag":"7"}`).ok()
	require.Empty(t, w.notes.noted())

	files := storagev1.NewFilesClient(w.dial())
	_, err := files.DeleteFile(as(t.Context(), "alice"), &storagev1.DeleteFileRequest{File: "a/b"})
	require.Equal(t, codes.Internal, status.Code(err), "the fake does not know it")
	noted = w.notes.noted()
	require.Len(t, noted, 1)
	require.Regexp(t, `Files\.DeleteFile /v1/files/a%2Fb 500$`, noted[0])

	w.notes.mu.Lock()
	w.notes.down = true
	w.notes.mu.Unlock()
	before := w.storage.count()
	_, err = files.DeleteFile(as(t.Context(), "alice"), &storagev1.DeleteFileRequest{File: "f1"})
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.Equal(t, before, w.storage.count())
	w.call("DELETE", "/v1/files/f1", "").refused(503, "SERVICE_UNAVAILABLE")
	w.call("GET", entries+"/e1", "").ok()
}

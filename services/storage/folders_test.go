package storage_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

func TestFolders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := w.admin()
	put := func(folder, name string) string {
		t.Helper()
		f, err := w.tryUpload(ctx, &storagev1.UploadHeader{Name: name, ContentType: "text/plain", Folder: folder}, []byte(name))
		require.NoError(t, err)
		require.Equal(t, folder, f.GetFolder())
		return f.GetId()
	}
	names := func(folder string, size int32) (names []string) {
		t.Helper()
		for token := ""; ; {
			page, err := w.files.ListFiles(ctx, &storagev1.ListFilesRequest{Folder: folder, PageSize: size, PageToken: token})
			require.NoError(t, err)
			for _, f := range page.GetFiles() {
				names = append(names, f.GetFolder()+":"+f.GetName())
			}
			if token = page.GetNextPageToken(); token == "" {
				return names
			}
		}
	}
	folders := func(parent string) map[string]int64 {
		t.Helper()
		resp, err := w.files.ListFolders(ctx, &storagev1.ListFoldersRequest{Parent: parent})
		require.NoError(t, err)
		out := map[string]int64{}
		for _, f := range resp.GetFolders() {
			out[f.GetPath()] = f.GetFiles()
		}
		return out
	}
	plain := put("", "plain")
	a := put("reports", "a")
	put("reports/2026", "b")
	put("reports/2026/öffentlich", "c")
	put("reports_old", "d") // no folder of reports, although its name begins alike
	require.Equal(t, []string{"reports_old:d", "reports/2026/öffentlich:c", "reports/2026:b", "reports:a", ":plain"}, names("", 2))
	require.Equal(t, []string{":plain"}, names("/", 2))
	require.Equal(t, []string{"reports:a"}, names("reports", 1))
	require.Equal(t, map[string]int64{"reports": 3, "reports_old": 1}, folders(""))
	require.Equal(t, map[string]int64{"reports/2026": 2}, folders("reports"))
	require.Empty(t, folders("nothing"))
	_, err := w.files.ListFiles(ctx, &storagev1.ListFilesRequest{PageSize: 1, PageToken: func() string {
		page, err := w.files.ListFiles(ctx, &storagev1.ListFilesRequest{PageSize: 1})
		require.NoError(t, err)
		return page.GetNextPageToken()
	}(), Folder: "reports"})
	refused(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)

	text := func(s string) *string { return &s }
	f, err := w.files.UpdateFile(ctx, &storagev1.UpdateFileRequest{File: plain, Name: text("plainer"), Folder: text("reports")})
	require.NoError(t, err)
	require.Equal(t, "reports:plainer", f.GetFolder()+":"+f.GetName())
	f, err = w.files.UpdateFile(ctx, &storagev1.UpdateFileRequest{File: a, Folder: text("")})
	require.NoError(t, err)
	require.Equal(t, ":a", f.GetFolder()+":"+f.GetName())
	content, err := w.download(ctx, plain, 0, 0)
	require.NoError(t, err)
	require.Equal(t, "plain", string(content))

	moved, err := w.files.MoveFolder(ctx, &storagev1.MoveFolderRequest{From: "reports/2026", To: "reports_old"})
	require.NoError(t, err)
	require.EqualValues(t, 2, moved.GetFiles())
	require.Equal(t, []string{"reports_old:d", "reports_old/öffentlich:c", "reports_old:b", ":a", "reports:plainer"}, names("", 100))
	_, err = w.files.MoveFolder(ctx, &storagev1.MoveFolderRequest{From: "reports_old"})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"reports": 1, "öffentlich": 1}, folders(""))

	deep := strings.TrimSuffix(strings.Repeat("x/", 10), "/")
	put(deep, "deep")
	for what, call := range map[string]func() error{
		"no name": func() error {
			_, err := w.files.UpdateFile(ctx, &storagev1.UpdateFileRequest{File: a, Name: text("")})
			return err
		},
		"a slash": func() error {
			_, err := w.files.UpdateFile(ctx, &storagev1.UpdateFileRequest{File: a, Name: text("a/b")})
			return err
		},
		"nothing": func() error { _, err := w.files.UpdateFile(ctx, &storagev1.UpdateFileRequest{File: a}); return err },
		"too deep": func() error {
			_, err := w.files.UpdateFile(ctx, &storagev1.UpdateFileRequest{File: a, Folder: text(deep + "/y")})
			return err
		},
		"two slashes": func() error {
			_, err := w.files.ListFolders(ctx, &storagev1.ListFoldersRequest{Parent: "a//b"})
			return err
		},
		"files up": func() error { _, err := w.files.ListFiles(ctx, &storagev1.ListFilesRequest{Folder: "/a"}); return err },
		"up": func() error {
			_, err := w.files.ListFolders(ctx, &storagev1.ListFoldersRequest{Parent: "a/../b"})
			return err
		},
		"a space": func() error {
			_, err := w.files.ListFolders(ctx, &storagev1.ListFoldersRequest{Parent: "a / b"})
			return err
		},
		"turned around": func() error {
			_, err := w.files.ListFolders(ctx, &storagev1.ListFoldersRequest{Parent: "a\u202eb"})
			return err
		},
		"into itself": func() error {
			_, err := w.files.MoveFolder(ctx, &storagev1.MoveFolderRequest{From: "x", To: "x/y"})
			return err
		},
		"below too deep": func() error {
			_, err := w.files.MoveFolder(ctx, &storagev1.MoveFolderRequest{From: "x", To: "y/z"})
			return err
		},
		"from nowhere": func() error { _, err := w.files.MoveFolder(ctx, &storagev1.MoveFolderRequest{To: "y"}); return err },
		"upload": func() error {
			_, err := w.tryUpload(ctx, &storagev1.UploadHeader{Name: "x", Folder: "/x"}, nil)
			return err
		},
		"upload in parts": func() error {
			_, err := w.files.CreateUpload(ctx, &storagev1.CreateUploadRequest{Name: "x", Size: 1, Folder: "x/"})
			return err
		},
	} {
		err := call()
		require.Error(t, err, what)
		refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
	}
	_, err = w.files.MoveFolder(ctx, &storagev1.MoveFolderRequest{From: "gone", To: "y"})
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
	_, err = w.files.UpdateFile(ctx, &storagev1.UpdateFileRequest{File: "gone", Name: text("y")})
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)

	u, err := w.files.CreateUpload(ctx, &storagev1.CreateUploadRequest{Name: "part", Size: 4, Folder: "parts"})
	require.NoError(t, err)
	_, err = w.part(ctx, u.GetId(), 0, []byte("four"))
	require.NoError(t, err)
	f, err = w.files.FinishUpload(ctx, &storagev1.FinishUploadRequest{Upload: u.GetId()})
	require.NoError(t, err)
	require.Equal(t, "parts", f.GetFolder())
}

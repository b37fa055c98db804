package e2e_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// TestKillDuringUpload kills what an upload passes through while half of it is on its way: who uploads is not told that it is stored,
// no file is seen, and the next attempt has all of it. What lies on the disk without a record is swept later.
func TestKillDuringUpload(t *testing.T) {
	s := open(t, stand.Six)
	u := s.signUp(t)
	content := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("0123456789abcdef"), 1<<20)...)
	for n, victim := range []string{"storage", "gateway", "infra"} {
		t.Run(fmt.Sprintf("%d %s", n, victim), func(t *testing.T) {
			before := len(items(t, u.get(t, "/v1/files"), "files"))
			body, feed := io.Pipe()
			answered := make(chan stand.Answer, 1)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			go func() {
				a, _ := u.Do(ctx, "POST", "/v1/files:upload?name=half.png", body, "Content-Type", "image/png")
				_ = body.Close() // whoever feeds it need not wait for a reader that has gone
				answered <- a
			}()
			_, err := feed.Write(content[:len(content)/2])
			require.NoError(t, err)
			s.end(t, victim, syscall.SIGKILL)
			_, _ = feed.Write(content[len(content)/2:]) // it may be refused
			_ = feed.Close()
			first := <-answered
			s.startAgain(t, victim)
			eventually(t, "files are listed again", func() bool { return u.call(t, "GET", "/v1/files", nil).Code == 200 })
			if first.Code == 200 { // the bytes had passed: then it is there
				require.Equal(t, "infra", victim, "%s", first.Body)
				before++
			}
			require.Len(t, items(t, u.get(t, "/v1/files"), "files"), before)
			file := u.upload(t, "whole.png", "image/png", content)
			require.Equal(t, content, u.call(t, "GET", "/v1/files/"+file+":download", nil).Body)
			require.Len(t, items(t, u.get(t, "/v1/files"), "files"), before+1)
		})
	}
}

// TestUploadGoesOn kills what a part of an upload passes through. What had arrived before is there, and the upload goes on from there.
func TestUploadGoesOn(t *testing.T) {
	s := open(t, stand.Six)
	u := s.signUp(t)
	eventually(t, "what another test killed is back", func() bool {
		return u.call(t, "POST", "/v1/invitations", object{"email": random() + "@example.com", "roles": list{"member"}}).Code == 200
	})
	other := u.invite(t, "admin")
	content := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("0123456789abcdef"), 20<<16)...)
	upload := u.call(t, "POST", "/v1/uploads", object{"name": "large.png", "contentType": "image/png", "size": len(content)}).ok()
	id, step := text(t, upload, "id"), wholeNumber(t, upload["partSize"])
	path := "/v1/uploads/" + id
	received := func() int {
		if n, ok := u.get(t, path)["received"]; ok {
			return wholeNumber(t, n)
		}
		return 0
	}
	part := func(at int) []byte { return content[at:min(at+step, len(content))] }
	put := func(at int) answer { return u.call(t, "PUT", fmt.Sprintf("%s:part?offset=%d", path, at), part(at)) }
	put(0).ok()
	put(0).refused(400, "FILE_INCOMPLETE")
	for _, victim := range []string{"storage", "gateway", "infra"} {
		at := received()
		require.Positive(t, at)
		if at == len(content) {
			break
		}
		body, feed := io.Pipe()
		answered := make(chan stand.Answer, 1)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		go func() {
			a, _ := u.Do(ctx, "PUT", fmt.Sprintf("%s:part?offset=%d", path, at), body)
			_ = body.Close()
			answered <- a
		}()
		half := len(part(at)) / 2
		_, err := feed.Write(part(at)[:half])
		require.NoError(t, err)
		s.end(t, victim, syscall.SIGKILL)
		_, _ = feed.Write(part(at)[half:]) // it may be refused
		_ = feed.Close()
		first := <-answered
		s.startAgain(t, victim)
		eventually(t, "uploads are seen again", func() bool { return u.call(t, "GET", path, nil).Code == 200 })
		eventually(t, "calls are noted again", func() bool { return u.call(t, "DELETE", "/v1/uploads/none", nil).Code == 404 })
		if first.Code == 200 {
			require.Equal(t, at+len(part(at)), received(), "what was acknowledged is there")
		} else if received() == at {
			continue
		}
		require.Equal(t, at+len(part(at)), received())
	}
	other.call(t, "GET", path, nil).refused(404, "FILE_NOT_FOUND")
	if received() < len(content) {
		u.call(t, "POST", path+":finish", object{}).refused(400, "FILE_INCOMPLETE")
	}
	for at := received(); at < len(content); at = received() {
		put(at).ok()
	}
	require.Empty(t, items(t, u.get(t, "/v1/files"), "files"))
	file := u.call(t, "POST", path+":finish", object{}).ok()
	require.Equal(t, file, u.call(t, "POST", path+":finish", object{}).ok(), "once more, as after a lost answer")
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(content)), text(t, file, "sha256"))
	require.True(t, bytes.Equal(content, u.call(t, "GET", "/v1/files/"+id+":download", nil).Body))
	over := u.call(t, "GET", "/v1/files/"+id+":download", nil, "Range", fmt.Sprintf("bytes=%d-%d", step-5, 2*step+4))
	require.Equal(t, 206, over.Code)
	require.True(t, bytes.Equal(content[step-5:2*step+5], over.Body))
	u.call(t, "GET", path, nil).refused(404, "FILE_NOT_FOUND")
	u.call(t, "DELETE", "/v1/files/"+id, nil).ok()
	for _, name := range []string{id, id + ".[0-9]"} { // what was cut off is swept later
		left, err := filepath.Glob(filepath.Join(s.Data, "files", "*", name))
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

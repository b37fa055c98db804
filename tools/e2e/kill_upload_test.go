package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
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

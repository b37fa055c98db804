package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/services/aqtra/internal/archive"
)

// write makes an archive with a document, two tables, one of them of several chunks, and two files.
func write(t testing.TB, to age.Recipient) ([]byte, []archive.Sum) {
	t.Helper()
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, []age.Recipient{to}, archive.Manifest{
		Version: "1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Tenant: "t1", Name: "One", Schemas: map[string]int64{"storage": 4}, Left: []string{"sessions"},
	})
	require.NoError(t, err)
	require.NoError(t, w.Document("people", []string{"ada"}, 1))
	for _, table := range []string{"storage.files", "entries.c_1"} {
		rows := w.Rows(table, []string{"id", "name"})
		if table == "entries.c_1" {
			for i := range 3000 {
				require.NoError(t, rows.Row(fmt.Appendf(nil, "%d\t%s\n", i, strings.Repeat("x", 1000))))
			}
		}
		require.NoError(t, rows.Close())
	}
	for _, id := range []string{"a", "b"} {
		require.NoError(t, w.File(id, 3, func(w io.Writer) error {
			_, err := io.WriteString(w, "ab"+id)
			return err
		}))
	}
	sums, err := w.Close()
	require.NoError(t, err)
	return out.Bytes(), sums
}

// read reads an archive to its end and returns what was found.
func read(data []byte, with age.Identity) (found []string, sums []archive.Sum, err error) {
	a, err := archive.NewReader(bytes.NewReader(data), with)
	if err != nil {
		return nil, nil, err
	}
	for {
		p, err := a.Next()
		if errors.Is(err, io.EOF) {
			return found, a.Sums(), nil
		}
		if err != nil {
			return found, nil, err
		}
		switch p.Kind {
		case archive.Document:
			var people []string
			if err := p.JSON(&people, func() int { return len(people) }); err != nil {
				return found, nil, err
			}
			found = append(found, fmt.Sprint(p.Name, people))
		case archive.Rows:
			n := 0
			for {
				if _, err := p.Row(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					return found, nil, err
				}
				n++
			}
			found = append(found, fmt.Sprintf("%s%v%d", p.Name, p.Columns, n))
		case archive.File:
			text, err := io.ReadAll(p)
			if err != nil {
				return found, nil, err
			}
			found = append(found, fmt.Sprintf("%s=%s", p.Name, text))
		}
	}
}

func TestRoundTrip(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	data, sums := write(t, key.Recipient())
	found, again, err := read(data, key)
	require.NoError(t, err)
	require.Equal(t, sums, again)
	require.Equal(t, []string{"people[ada]", "storage.files[id name]0", "entries.c_1[id name]3000", "a=aba", "b=abb"}, found)

	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	_, _, err = read(data, other)
	require.ErrorIs(t, err, archive.ErrKey)
}

// Whatever byte changes, and wherever an archive is cut off, it is refused.
func TestDamage(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	data, _ := write(t, key.Recipient())
	for i := 0; i < len(data); i += 1 + len(data)/200 {
		flipped := bytes.Clone(data)
		flipped[i] ^= 0x10
		_, _, err := read(flipped, key)
		require.Error(t, err, "byte %d", i)
		_, _, err = read(data[:i], key)
		require.Error(t, err, "cut at %d", i)
	}
	_, _, err = read(append(bytes.Clone(data), 0), key)
	require.ErrorIs(t, err, archive.ErrDamaged)
}

// An archive that its writer did not close has no sums.
func TestUnfinished(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, []age.Recipient{key.Recipient()}, archive.Manifest{})
	require.NoError(t, err)
	require.NoError(t, w.Document("people", []string{}, 0))
	_, _, err = read(out.Bytes(), key)
	require.ErrorIs(t, err, archive.ErrDamaged)
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		passphrase string
		keys       []string
		want       string
	}{
		{"", nil, "give one of the two"},
		{"a passphrase", []string{"age1"}, "give one of the two"},
		{"short", nil, "at least 12 characters"},
		{"", []string{"nonsense"}, "AQTRA_ARCHIVE_RECIPIENTS"},
	} {
		_, err := archive.Recipients(c.passphrase, c.keys)
		require.ErrorContains(t, err, c.want)
	}
}

package program

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files
(the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge,
publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions: The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING
FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

func TestReadLicence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		ids   []string
		text  string
	}{
		"known":   {map[string]string{"LICENSE.txt": mit, "main.go": "package main", "license_test.go": "x"}, []string{"MIT"}, mit + "\n"},
		"unknown": {map[string]string{"COPYING": "Ask us."}, nil, "Ask us.\n"},
		"none":    {map[string]string{"README": mit}, nil, ""},
		"notice":  {map[string]string{"LICENSE": mit, "NOTICE": "Made by X."}, []string{"MIT"}, mit + "\nMade by X.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range c.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
			}
			l, err := readLicence(dir)
			require.NoError(t, err)
			require.Equal(t, c.ids, l.IDs)
			require.Equal(t, c.text, string(l.Text))
		})
	}
}

func TestLicencesOfLibrary(t *testing.T) {
	t.Parallel()
	found, err := Licences(t.Context(), nil)
	require.NoError(t, err)
	require.Contains(t, found[Library].IDs, "BSD-3-Clause")
	_, err = Licences(t.Context(), []Module{{Path: "example.com/missing", Version: "v1.0.0"}})
	require.ErrorContains(t, err, "licence of example.com/missing")
}

package sbom

import (
	"bytes"
	"testing"
	"time"

	spdxjson "github.com/spdx/tools-golang/json"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"
	"github.com/stretchr/testify/require"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	img := Image{
		Name: "storage", Version: "1.0.0", Digest: "sha256:abc", Licence: "Apache-2.0", Source: "https://project.example", Time: time.Unix(1, 0),
		Components: []Component{
			{Name: "libc6", Version: "2.36", URL: "pkg:deb/debian/libc6@2.36?arch=amd64", SHA256: "00", LicenceNote: "LGPL and more"},
			{Name: "x", Version: "v1", URL: "pkg:golang/x@v1", Licences: []string{"MIT", "Apache-2.0 OR BSD-3-Clause"}},
			{Name: "x", Version: "v1", URL: "pkg:golang/x@v1", Licences: []string{"MIT"}},
		},
	}
	data, err := Write(img)
	require.NoError(t, err)
	again, err := Write(img)
	require.NoError(t, err)
	require.Equal(t, data, again)
	var doc spdx.Document
	require.NoError(t, spdxjson.ReadInto(bytes.NewReader(data), &doc))
	require.Equal(t, "SPDX-2.3", doc.SPDXVersion)
	require.Equal(t, "1970-01-01T00:00:01Z", doc.CreationInfo.Created)
	require.Equal(t, "https://project.example/sbom/storage-1.0.0-abc", doc.DocumentNamespace)
	require.Len(t, doc.Packages, 3, "a component of two programs is listed once")
	require.Equal(t, "NOASSERTION", doc.Packages[1].PackageLicenseDeclared)
	require.Equal(t, "LGPL and more", doc.Packages[1].PackageLicenseComments)
	require.Equal(t, "MIT AND (Apache-2.0 OR BSD-3-Clause)", doc.Packages[2].PackageLicenseDeclared)
	require.Equal(t, "pkg:golang/x@v1", doc.Packages[2].PackageExternalReferences[0].Locator)
	require.Len(t, doc.Relationships, 3)
}

func TestDebianLicences(t *testing.T) {
	t.Parallel()
	const format = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
	for _, c := range []struct {
		name, text, names string
		ids               []string
	}{
		{"known", format + "License: GPL-2+\n\nLicense: Expat\n text of it\n\nLicense: GPL-2+ or Artistic\n", "Expat, GPL-2+, GPL-2+ or Artistic", []string{"GPL-2.0-or-later", "GPL-2.0-or-later OR Artistic-1.0", "MIT"}},
		{"one unknown", format + "License: Expat\nLicense: own-words\n", "Expat, own-words", nil},
		{"free text", "This is under the GPL.\nLicense: GPL-2\n", "", nil},
		{"empty", "", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ids, names := DebianLicences([]byte(c.text))
			require.Equal(t, c.ids, ids)
			require.Equal(t, c.names, names)
		})
	}
}

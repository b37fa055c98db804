// Package sbom writes bills of materials in SPDX 2.3.
package sbom

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// unknown is what SPDX says where nothing is known.
const unknown = "NOASSERTION"

// Image is what a document describes.
type Image struct {
	Name, Version, Digest, Licence string
	// Source is the project's address.
	Source string
	// Time is that of the source; the same source gives the same document.
	Time time.Time
	// Components are what the image is made of.
	Components []Component
}

// Component is one thing in an image.
type Component struct {
	Name, Version string
	// URL is the package URL, which names it for scanners.
	URL string
	// Licences are SPDX identifiers or expressions; all of them hold. None means not known.
	Licences []string
	// LicenceNote says in words what Licences cannot.
	LicenceNote string
	// SHA256 is the sum of the package's file; may be empty.
	SHA256 string
}

// Write returns the document in JSON.
func Write(img Image) ([]byte, error) {
	components := slices.Clone(img.Components)
	slices.SortFunc(components, func(a, b Component) int { return strings.Compare(a.URL, b.URL) })
	components = slices.CompactFunc(components, func(a, b Component) bool { return a.URL == b.URL })
	doc := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT", DocumentName: img.Name,
		DocumentNamespace: fmt.Sprintf("%s/sbom/%s-%s-%s", img.Source, img.Name, img.Version, strings.TrimPrefix(img.Digest, "sha256:")),
		CreationInfo: &spdx.CreationInfo{
			Creators: []common.Creator{{CreatorType: "Tool", Creator: "aqtra-images"}},
			Created:  img.Time.UTC().Format(time.RFC3339),
		},
	}
	root := describe("Image", Component{
		Name: img.Name, Version: img.Version, Licences: []string{img.Licence}, SHA256: strings.TrimPrefix(img.Digest, "sha256:"),
		URL: fmt.Sprintf("pkg:oci/%s@%s?tag=%s", img.Name, strings.ReplaceAll(img.Digest, ":", "%3A"), img.Version),
	})
	root.PrimaryPackagePurpose = "CONTAINER"
	doc.Packages = append(doc.Packages, root)
	doc.Relationships = append(doc.Relationships, relation("DOCUMENT", common.TypeRelationshipDescribe, root.PackageSPDXIdentifier))
	for _, c := range components {
		p := describe(identifier(c.URL), c)
		doc.Packages = append(doc.Packages, p)
		doc.Relationships = append(doc.Relationships, relation(root.PackageSPDXIdentifier, common.TypeRelationshipContains, p.PackageSPDXIdentifier))
	}
	var out bytes.Buffer
	if err := spdxjson.Write(doc, &out, spdxjson.Indent(" ")); err != nil {
		return nil, fmt.Errorf("write the bill of materials of %s: %w", img.Name, err)
	}
	return out.Bytes(), nil
}

func describe(id string, c Component) *spdx.Package {
	p := &spdx.Package{
		PackageName: c.Name, PackageSPDXIdentifier: common.ElementID(id), PackageVersion: c.Version,
		PackageDownloadLocation: unknown, PackageLicenseConcluded: unknown, PackageLicenseDeclared: unknown,
		PackageCopyrightText: unknown, PackageLicenseComments: c.LicenceNote,
		PackageExternalReferences: []*spdx.PackageExternalReference{{
			Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL, Locator: c.URL,
		}},
	}
	if len(c.Licences) > 0 {
		p.PackageLicenseDeclared = all(c.Licences)
	}
	if c.SHA256 != "" {
		p.PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: c.SHA256}}
	}
	return p
}

// all joins licences that all hold.
func all(licences []string) string {
	if len(licences) == 1 {
		return licences[0]
	}
	parts := make([]string, len(licences))
	for i, l := range licences {
		parts[i] = l
		if strings.Contains(l, " ") {
			parts[i] = "(" + l + ")"
		}
	}
	return strings.Join(parts, " AND ")
}

func relation(from common.ElementID, kind string, to common.ElementID) *spdx.Relationship {
	return &spdx.Relationship{
		RefA: common.MakeDocElementID("", string(from)), RefB: common.MakeDocElementID("", string(to)), Relationship: kind,
	}
}

// identifier makes a package URL one that SPDX allows. It stays unique, as URLs here differ in more than signs.
func identifier(url string) string {
	return strings.Trim(regexp.MustCompile(`[^a-zA-Z0-9.]+`).ReplaceAllString(strings.TrimPrefix(url, "pkg:"), "-"), "-")
}

package sbom

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
)

// DebianLicences reads a copyright file of Debian's machine-readable form. It returns the SPDX identifiers of all licences when
// every one has one, and else none and the names as they stand there. Files of other forms say nothing.
func DebianLicences(copyright []byte) (ids []string, names string) {
	var found []string
	machine := false
	lines := bufio.NewScanner(bytes.NewReader(copyright))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		machine = machine || strings.EqualFold(key, "Format")
		if !ok || !strings.EqualFold(key, "License") {
			continue
		}
		for _, name := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' }) {
			found = append(found, strings.Join(strings.Fields(name), " "))
		}
	}
	slices.Sort(found)
	found = slices.DeleteFunc(slices.Compact(found), func(name string) bool { return name == "" })
	if !machine || len(found) == 0 {
		return nil, ""
	}
	names = strings.Join(found, ", ")
	for _, name := range found {
		id, ok := expression(name)
		if !ok {
			return nil, names
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), names
}

// expression translates names joined by "and" or "or".
func expression(name string) (string, bool) {
	words := strings.Fields(name)
	for i, word := range words {
		switch lower := strings.ToLower(word); lower {
		case "and", "or":
			words[i] = strings.ToUpper(word)
		default:
			id, ok := identifiers()[lower]
			if !ok {
				return "", false
			}
			words[i] = id
		}
	}
	return strings.Join(words, " "), true
}

// identifiers maps Debian's short names, in lower case, to those of SPDX.
func identifiers() map[string]string {
	return map[string]string{
		"apache-2.0": "Apache-2.0", "artistic": "Artistic-1.0", "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause",
		"bsd-4-clause": "BSD-4-Clause", "bsl-1.0": "BSL-1.0", "cc0-1.0": "CC0-1.0", "expat": "MIT", "mit": "MIT", "isc": "ISC",
		"gpl-1+": "GPL-1.0-or-later", "gpl-2": "GPL-2.0-only", "gpl-2+": "GPL-2.0-or-later", "gpl-3": "GPL-3.0-only",
		"gpl-3+": "GPL-3.0-or-later", "gpl-2.0+": "GPL-2.0-or-later", "gpl-3.0+": "GPL-3.0-or-later",
		"lgpl-2": "LGPL-2.0-only", "lgpl-2+": "LGPL-2.0-or-later", "lgpl-2.1": "LGPL-2.1-only", "lgpl-2.1+": "LGPL-2.1-or-later",
		"lgpl-3": "LGPL-3.0-only", "lgpl-3+": "LGPL-3.0-or-later", "mpl-2.0": "MPL-2.0", "openssl": "OpenSSL",
		"postgresql": "PostgreSQL", "python-2.0": "Python-2.0", "psf-2": "PSF-2.0", "zlib": "Zlib",
	}
}

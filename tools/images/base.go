package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/tools/images/debian"
	"github.com/aqtra/aqtra/tools/images/tree"
)

// certificates is Debian's package of certificate authorities.
func certificates() debian.Want { return debian.Want{Packages: []string{"ca-certificates"}} }

// baseLayer returns what every image has: its user, a folder for temporary files, and the authorities in files, the contents of
// Debian's package.
func baseLayer(files tree.Tree) (tree.Tree, error) {
	var bundle bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) == ".crt" {
			fmt.Fprintf(&bundle, "%s\n", bytes.TrimSpace(files[name].Data))
		}
	}
	if bundle.Len() == 0 {
		return nil, fmt.Errorf("the package of certificate authorities has none")
	}
	text := func(lines ...string) tree.File { return tree.Regular([]byte(strings.Join(lines, "\n")+"\n"), false) }
	licence := "usr/share/doc/ca-certificates/copyright"
	return tree.Tree{
		"etc/passwd": text(
			"root:x:0:0:root:/:/usr/sbin/nologin",
			"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
			fmt.Sprintf("aqtra:x:%d:%d:aqtra:/nonexistent:/usr/sbin/nologin", user, user),
		),
		"etc/group":                         text("root:x:0:", "nogroup:x:65534:", fmt.Sprintf("aqtra:x:%d:", user)),
		"etc/nsswitch.conf":                 text("passwd: files", "group: files", "hosts: files dns"),
		"etc/ssl/certs/ca-certificates.crt": tree.Regular(bundle.Bytes(), false),
		"tmp":                               tree.Dir(0o777|fs.ModeSticky, 0),
		licence:                             files[licence],
	}, nil
}

// debianLayer completes the files of Debian's packages: the links that every installation has at its root, and the recipe's.
func debianLayer(files tree.Tree) tree.Tree {
	if len(files) == 0 {
		return nil
	}
	links := make(tree.Tree)
	for _, dir := range debian.Merged() {
		if in := "usr/" + dir; slices.ContainsFunc(slices.Collect(maps.Keys(files)), func(name string) bool { return strings.HasPrefix(name, in+"/") }) {
			links[dir] = tree.Symlink(in)
		}
	}
	return tree.Merge(files, links)
}

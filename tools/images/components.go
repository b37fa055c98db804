package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/aqtra/aqtra/tools/images/debian"
	"github.com/aqtra/aqtra/tools/images/program"
	"github.com/aqtra/aqtra/tools/images/sbom"
	"github.com/aqtra/aqtra/tools/images/tree"
)

// components lists what an image is made of.
func (p *parts) components(src source, r recipe) []sbom.Component {
	var all []sbom.Component
	for _, d := range p.Authorities {
		all = append(all, debianComponent(d, p.Base))
	}
	for _, d := range p.Debian[r.Name].Packages {
		all = append(all, debianComponent(d, p.Debian[r.Name].Files))
	}
	for _, main := range r.Programs {
		built := p.Programs[path.Base(main)]
		all = append(all,
			sbom.Component{Name: "aqtra", Version: src.Version, URL: golang("github.com/aqtra/aqtra", src.Version), Licences: []string{"Apache-2.0"}},
			sbom.Component{Name: "stdlib", Version: built.Go, URL: golang("stdlib", built.Go), Licences: p.Licences[program.Library].IDs},
		)
		for _, m := range built.Modules {
			all = append(all, sbom.Component{Name: m.Path, Version: m.Version, URL: golang(m.Path, m.Version), Licences: p.Licences[m.Path].IDs})
		}
	}
	if r.WebUI {
		all = append(all, p.Web...)
	}
	return all
}

func golang(module, version string) string {
	return "pkg:golang/" + strings.ToLower(module) + "@" + url.QueryEscape(version)
}

func debianComponent(d debian.Package, files tree.Tree) sbom.Component {
	c := sbom.Component{
		Name: d.Name, Version: d.Version, SHA256: d.SHA256,
		URL: fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s&distro=debian-12", url.QueryEscape(d.Name), url.QueryEscape(d.Version), d.Architecture),
	}
	at, _ := files.Resolve("usr/share/doc/" + d.Name + "/copyright")
	ids, names := sbom.DebianLicences(files[at].Data)
	c.Licences = ids
	if names != "" {
		c.LicenceNote = "Licences of the package's files, as Debian names them: " + names
	}
	return c
}

// webPackages lists the packages that the web UI is built of, without those for development.
func webPackages(root string) ([]sbom.Component, error) {
	data, err := os.ReadFile(filepath.Join(root, "frontend/package-lock.json"))
	if err != nil {
		return nil, fmt.Errorf("list the packages of the web UI: %w", err)
	}
	var lock struct {
		Packages map[string]struct {
			Version, License string
			Dev              bool
		}
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return nil, fmt.Errorf("list the packages of the web UI: %w", err)
	}
	var all []sbom.Component
	for at, p := range lock.Packages {
		i := strings.LastIndex(at, "node_modules/")
		if i < 0 || p.Dev {
			continue
		}
		name := at[i+len("node_modules/"):]
		c := sbom.Component{Name: name, Version: p.Version, URL: "pkg:npm/" + strings.ReplaceAll(name, "@", "%40") + "@" + url.QueryEscape(p.Version)}
		if p.License != "" {
			c.Licences = []string{p.License}
		}
		all = append(all, c)
	}
	return all, nil
}

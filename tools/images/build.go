package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/tools/images/debian"
	"github.com/aqtra/aqtra/tools/images/image"
	"github.com/aqtra/aqtra/tools/images/program"
	"github.com/aqtra/aqtra/tools/images/sbom"
	"github.com/aqtra/aqtra/tools/images/tree"
)

// unpacked is what was taken of Debian's packages.
type unpacked struct {
	Files    tree.Tree
	Packages []debian.Package
}

// parts are what images are put together from.
type parts struct {
	// Base is the layer below all others, Authorities the package in it.
	Base        tree.Tree
	Authorities []debian.Package
	// Debian is by the recipe's name.
	Debian   map[string]unpacked
	Programs map[string]program.Program
	Licences map[string]program.Licence
	// Web are the packages of the web UI.
	Web []sbom.Component
}

// built is an image with what is told about it.
type built struct {
	Name   string
	Image  v1.Image
	Digest string
	SBOM   []byte
	// Unpacked is the bytes of its files.
	Unpacked int64
}

// gather builds programs, fetches packages and reads licences for the chosen recipes, all at once.
func gather(ctx context.Context, src source, chosen []recipe, progress func(string, ...any)) (*parts, error) {
	p := &parts{Debian: make(map[string]unpacked)}
	var mains []string
	for _, r := range chosen {
		mains = append(mains, r.Programs...)
		if r.WebUI {
			if err := checkWeb(src.Root); err != nil {
				return nil, err
			}
			var err error
			if p.Web, err = webPackages(src.Root); err != nil {
				return nil, err
			}
		}
	}
	cache, err := debian.NewCache()
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if len(mains) == 0 {
			return nil
		}
		progress("building %d programs; the first build takes some minutes", len(mains))
		if err := p.build(ctx, src, mains); err != nil {
			return err
		}
		progress("built the programs")
		return nil
	})
	group.Go(func() error {
		files, packages, err := cache.Unpack(ctx, certificates())
		if err != nil {
			return err
		}
		p.Authorities = packages
		p.Base, err = baseLayer(files)
		return err
	})
	var mu sync.Mutex
	for _, r := range chosen {
		if len(r.Debian.Packages) == 0 {
			continue
		}
		group.Go(func() error {
			files, packages, err := cache.Unpack(ctx, r.Debian)
			if err != nil {
				return fmt.Errorf("image %s: %w", r.Name, err)
			}
			progress("%s: took %d of Debian's packages", r.Name, len(packages))
			mu.Lock()
			defer mu.Unlock()
			p.Debian[r.Name] = unpacked{Files: files, Packages: packages}
			return nil
		})
	}
	return p, group.Wait()
}

func (p *parts) build(ctx context.Context, src source, mains []string) (err error) {
	if p.Programs, err = program.Build(ctx, src.Root, map[string]string{versionVariable: src.Version, revisionVariable: src.Revision}, mains); err != nil {
		return err
	}
	var modules []program.Module
	for _, built := range p.Programs {
		modules = append(modules, built.Modules...)
	}
	p.Licences, err = program.Licences(ctx, modules)
	return err
}

// assemble makes an image of its parts, and refuses one that could not work or is too large.
func (p *parts) assemble(ctx context.Context, src source, r recipe) (built, error) {
	below := debianLayer(p.Debian[r.Name].Files)
	own := maps.Clone(r.Files)
	if own == nil {
		own = make(tree.Tree)
	}
	for _, main := range r.Programs {
		built := p.Programs[path.Base(main)]
		own["usr/bin/"+built.Name] = tree.Regular(built.Data, true)
	}
	if len(r.Programs) > 0 {
		own["usr/share/doc/aqtra/copyright"] = tree.Regular(p.notices(r), false)
	}
	layers := []tree.Tree{p.Base, below, own}
	if r.Python != "" {
		compiled, err := compilePython(ctx, tree.Merge(below, own), r.Python)
		if err != nil {
			return built{}, err
		}
		layers = []tree.Tree{p.Base, tree.Merge(below, compiled), own}
	}
	whole := tree.Merge(layers...)
	if err := whole.Check(); err != nil {
		return built{}, err
	}
	if r.Limit > 0 && whole.Size() > r.Limit {
		return built{}, fmt.Errorf("it has %s MB of files, its limit is %s", megabytes(whole.Size()), megabytes(r.Limit))
	}
	img, err := image.Build(image.Spec{Layers: layers, Entrypoint: r.Entrypoint, Env: r.Env, Labels: labels(src, r), User: user})
	if err != nil {
		return built{}, err
	}
	digest, err := img.Digest()
	if err != nil {
		return built{}, fmt.Errorf("sum of the image: %w", err)
	}
	bill, err := sbom.Write(sbom.Image{
		Name: r.Name, Version: src.Version, Digest: digest.String(), Licence: r.Licence, Source: address, Time: src.Time,
		Components: p.components(src, r),
	})
	return built{Name: r.Name, Image: img, Digest: digest.String(), SBOM: bill, Unpacked: whole.Size()}, err
}

func labels(src source, r recipe) map[string]string {
	const prefix = "org.opencontainers.image."
	all := map[string]string{prefix + "title": r.Title, prefix + "version": src.Version, prefix + "source": address, prefix + "licenses": r.Licence}
	if src.Revision != "" {
		all[prefix+"revision"] = src.Revision
	}
	return all
}

// notices returns the licences that go with the programs of an image, each text once.
func (p *parts) notices(r recipe) []byte {
	texts := map[string][]string{string(p.Licences[program.Library].Text): {"Go's library"}}
	for _, m := range p.modules(r) {
		text := string(p.Licences[m.Path].Text)
		texts[text] = append(texts[text], m.Path+" "+m.Version)
	}
	var out bytes.Buffer
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		slices.Sort(texts[text])
		fmt.Fprintf(&out, "---- %s ----\n\n%s\n", strings.Join(texts[text], "\n     "), text)
	}
	return out.Bytes()
}

// modules lists what the programs of an image were built of.
func (p *parts) modules(r recipe) []program.Module {
	var all []program.Module
	for _, main := range r.Programs {
		all = append(all, p.Programs[path.Base(main)].Modules...)
	}
	slices.SortFunc(all, func(a, b program.Module) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(all)
}

func megabytes(n int64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0") }

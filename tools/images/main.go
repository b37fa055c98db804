// Command images builds the container images of Aqtra, without a container engine and without an image to start from: static
// programs, and files of Debian's packages below those that need them. The same source and the same packages give the same
// images. For each it writes an OCI archive and a bill of materials (SPDX 2.3).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"

	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/tools/images/image"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "images:", err)
		}
		stop()
		os.Exit(1)
	}
}

// options are what the caller asks for.
type options struct {
	root, version, out, push, to, only string
}

func parseOptions(args []string, stderr io.Writer) (options, []recipe, error) {
	var o options
	flags := flag.NewFlagSet("images", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.version, "version", "", "version of the images, which is also their tag; with -to the tag is the default")
	flags.StringVar(&o.out, "out", "../.images", "folder for archives and bills of materials")
	flags.StringVar(&o.push, "push", "", "push to this registry and prefix, such as registry.example/aqtra; the image's name is appended")
	flags.StringVar(&o.to, "to", "", "push the only image to this very name and tag")
	flags.StringVar(&o.only, "only", "", "names of the images to build, separated by commas; all by default")
	flags.StringVar(&o.root, "source", "..", "folder of the project")
	if err := flags.Parse(args); err != nil {
		return options{}, nil, err
	}
	if flags.NArg() > 0 {
		return options{}, nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if i := strings.LastIndex(o.to, ":"); o.version == "" && i >= 0 {
		o.version = o.to[i+1:]
	}
	if !regexp.MustCompile(`^[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}$`).MatchString(o.version) {
		return options{}, nil, fmt.Errorf("--version %q: want a version that can be a tag, such as 0.1.0", o.version)
	}
	chosen, err := choose(o.only)
	if err != nil {
		return options{}, nil, err
	}
	if o.to != "" && (len(chosen) != 1 || o.push != "") {
		return options{}, nil, errors.New("--to names one image: give one with --only, and no --push")
	}
	return o, chosen, nil
}

// choose returns the recipes named, or all.
func choose(only string) ([]recipe, error) {
	all := recipes()
	if only == "" {
		return all, nil
	}
	var chosen []recipe
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(r recipe) bool { return r.Name == name })
		if i < 0 {
			var names []string
			for _, r := range all {
				names = append(names, r.Name)
			}
			return nil, fmt.Errorf("--only: there is no image %q; there are %s", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, chosen, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	src, err := readSource(ctx, o.root, o.version)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("folder for images: %w", err)
	}
	var mu sync.Mutex
	progress := func(format string, a ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintf(stderr, format+"\n", a...)
	}
	p, err := gather(ctx, src, chosen, progress)
	if err != nil {
		return err
	}
	done := make([]built, len(chosen))
	group, ctx := errgroup.WithContext(ctx)
	// Each holds its files in memory.
	group.SetLimit(runtime.NumCPU())
	for i, r := range chosen {
		group.Go(func() (err error) {
			if done[i], err = p.assemble(ctx, src, r); err == nil {
				err = o.deliver(ctx, done[i], progress)
			}
			if err != nil {
				return fmt.Errorf("image %s: %w", r.Name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return table(stdout, done)
}

// deliver writes an image's files and pushes it where it is wanted.
func (o options) deliver(ctx context.Context, b built, progress func(string, ...any)) error {
	archive := filepath.Join(o.out, b.Name+".oci.tar")
	if err := image.WriteArchive(archive, b.Image, "aqtra/"+b.Name+":"+o.version, o.version); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.out, b.Name+".spdx.json"), b.SBOM, 0o644); err != nil {
		return fmt.Errorf("write the bill of materials: %w", err)
	}
	progress("%s: wrote %s", b.Name, archive)
	to := o.to
	if o.push != "" {
		to = strings.TrimSuffix(o.push, "/") + "/" + b.Name + ":" + o.version
	}
	if to == "" {
		return nil
	}
	if err := image.Push(ctx, to, b.Image, b.SBOM); err != nil {
		return err
	}
	progress("%s: pushed %s", b.Name, to)
	return nil
}

// table prints what was built.
func table(w io.Writer, done []built) error {
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(rows, "image\tcompressed MB\tunpacked MB\tdigest")
	for _, b := range done {
		compressed, err := image.CompressedSize(b.Image)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(rows, "%s\t%s\t%s\t%s\n", b.Name, megabytes(compressed), megabytes(b.Unpacked), b.Digest)
	}
	return rows.Flush()
}

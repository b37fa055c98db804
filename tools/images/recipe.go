package main

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/tools/images/debian"
	"github.com/aqtra/aqtra/tools/images/tree"
)

// user is the number of the user and group in every image.
const user = 65532

// recipe says what an image is made of.
type recipe struct {
	Name, Title, Licence string
	// Programs are main packages of the project, put into usr/bin.
	Programs []string
	// Debian are packages below the programs; none makes an image of static programs only.
	Debian debian.Want
	// Files are added to Debian's: links, and folders that belong to the user.
	Files tree.Tree
	// WebUI tells that a program embeds the web UI, which has to be built before.
	WebUI bool
	// Python is the folder of a standard library to compile, so that a read-only image starts as fast as an installation.
	Python     string
	Entrypoint []string
	Env        []string
	// Limit is how many bytes its files may have; 0 for any number.
	Limit int64
}

// static returns the recipe of one of the project's programs that needs nothing but the kernel.
func static(name, title, main string) recipe {
	return recipe{
		Name: name, Title: title, Licence: "Apache-2.0", Programs: []string{main}, Limit: 40_000_000,
		Entrypoint: []string{"/usr/bin/" + main[strings.LastIndex(main, "/")+1:]},
	}
}

// glibc are the libraries that programs in C and C++ start with.
func glibc(more ...string) []string {
	return append([]string{"libc6", "libgcc-s1"}, more...)
}

// recipes lists all images.
func recipes() []recipe {
	service := func(name, title string) recipe { return static(name, title, "./services/"+name+"/cmd/"+name) }
	owned := func(mode fs.FileMode) tree.File { return tree.Dir(mode, user) }

	gateway := service("gateway", "Aqtra gateway: web UI, REST, identity")
	gateway.WebUI = true

	storage := service("storage", "Aqtra storage: entries and files")
	storage.Files = tree.Tree{"var/lib/aqtra": owned(0o700), "var/lib/aqtra/files": owned(0o700)}

	workflow := service("workflow", "Aqtra workflow: runs workflows")
	// Mail brings templates of the standard library, which keep the linker from leaving out methods: 40.6 MB.
	workflow.Limit = 45_000_000

	// Its engine for tables is a C++ library.
	dataflow := service("dataflow", "Aqtra dataflow: runs dataflows")
	dataflow.Limit = 0
	dataflow.Debian = debian.Want{
		Packages: glibc("libstdc++6", "tzdata"),
		Drop:     append(dropZones(), dropGlibc()...),
	}

	runner := service("python-runner", "Aqtra Python runner: runs scripts in sandboxes")
	runner.Limit = 0
	runner.Programs = append(runner.Programs, "./services/python-runner/cmd/aqtra-launcher")
	runner.Python = "usr/lib/python3.11"
	runner.Files = tree.Tree{"usr/bin/python3": tree.Symlink("python3.11")}
	runner.Debian = debian.Want{
		// Wheels with C++ or OpenMP expect the last two.
		Packages: glibc("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "tzdata", "libstdc++6", "libgomp1"),
		Drop:     slices.Concat(dropZones(), dropGlibc(), dropPython()),
	}

	postgres := recipe{
		Name: "postgres", Title: "PostgreSQL for trials of Aqtra", Licence: "PostgreSQL",
		Programs:   []string{"./services/aqtra/cmd/aqtra-postgres"},
		Entrypoint: []string{"/usr/bin/aqtra-postgres"},
		Env:        []string{"PATH=/usr/lib/postgresql/15/bin:/usr/bin", "PGDATA=/var/lib/postgresql/data/pgdata"},
		Files: tree.Tree{
			"var/lib/postgresql": owned(0o700), "var/lib/postgresql/data": owned(0o700),
			"run/postgresql": owned(0o700), "var/run": tree.Symlink("/run"), "usr/bin/sh": tree.Symlink("dash"),
		},
		Debian: debian.Want{
			// initdb starts the server by a shell. The client's package has psql, pg_isready and pg_dump.
			Packages: glibc("postgresql-15", "postgresql-client-15", "tzdata", "dash"),
			Parts:    map[string][]string{"libc-bin": {"usr/lib/locale/C.utf8/"}},
			Skip:     []string{"libllvm14", "libxslt1.1", "libperl5.36"},
			Drop:     slices.Concat(dropZones(), dropGlibc(), dropPostgres()),
		},
	}

	redis := recipe{
		Name: "redis", Title: "Redis for trials of Aqtra", Licence: "BSD-3-Clause",
		Entrypoint: []string{"/usr/bin/redis-server"},
		Files:      tree.Tree{"var/lib/redis": owned(0o700)},
		Debian: debian.Want{
			Packages: glibc("redis-server", "redis-tools"),
			Drop:     append(dropGlibc(), "usr/bin/redis-benchmark", "usr/bin/redis-check-aof", "usr/bin/redis-sentinel"),
		},
	}

	return []recipe{
		gateway,
		service("component-library", "Aqtra component library: components and releases"),
		workflow,
		dataflow, storage, runner,
		static("setup", "Aqtra setup: certificates, keys and roles", "./services/aqtra/cmd/aqtra-setup"),
		postgres, redis,
	}
}

// dropZones names the second and third copies of all time zones, and a link to that of an installation.
func dropZones() []string {
	return []string{"usr/share/zoneinfo/right/", "usr/share/zoneinfo/posix/", "usr/share/zoneinfo/localtime"}
}

// dropGlibc names libraries for debugging and for what containers do not use.
func dropGlibc() []string {
	return []string{
		"usr/lib/*/audit/", "usr/lib/*/libc_malloc_debug.so*", "usr/lib/*/libmemusage.so", "usr/lib/*/libpcprofile.so",
		"usr/lib/*/libthread_db.so*", "usr/lib/*/libnss_compat.so*", "usr/lib/*/libnss_hesiod.so*", "usr/lib/*/libBrokenLocale.so*",
	}
}

// dropPython names what scripts in a sandbox have no use for: terminals, windows, tools for developers, databases in files.
func dropPython() []string {
	drop := []string{"usr/lib/python3.11/sitecustomize.py", "usr/lib/python3.11/LICENSE.txt", "usr/lib/python3/"}
	for _, dir := range []string{
		"test", "idlelib", "tkinter", "turtledemo", "lib2to3", "pydoc_data", "ensurepip", "distutils", "curses", "dbm", "sqlite3", "venv",
		"config-3.11-*",
	} {
		drop = append(drop, "usr/lib/python3.11/"+dir+"/")
	}
	for _, file := range []string{"turtle.py", "pydoc.py", "nntplib.py", "this.py", "antigravity.py"} {
		drop = append(drop, "usr/lib/python3.11/"+file)
	}
	for _, extension := range []string{
		"_curses", "_curses_panel", "_dbm", "_sqlite3", "_testbuffer", "_testcapi", "_testclinic", "_testimportmultiple",
		"_testinternalcapi", "_testmultiphase", "_xxtestfuzz", "_xxsubinterpreters", "nis", "readline", "xxlimited", "xxlimited_35",
	} {
		drop = append(drop, "usr/lib/python3.11/lib-dynload/"+extension+".*")
	}
	return drop
}

// dropPostgres names the compiler for queries with its compiled sources, contributed modules that need more libraries, and
// programs for other uses.
func dropPostgres() []string {
	drop := []string{
		"usr/lib/postgresql/15/lib/bitcode/", "usr/lib/postgresql/15/lib/llvmjit*", "usr/lib/postgresql/15/lib/pgxml.so",
		"usr/share/postgresql/15/extension/xml2*", "usr/share/postgresql/15/man/",
		"usr/share/postgresql-common/", "usr/lib/postgresql/15/lib/pgxs/",
	}
	for _, program := range []string{"oid2name", "pgbench", "vacuumlo", "pg_recvlogical", "pg_test_*", "pg_waldump"} {
		drop = append(drop, "usr/lib/postgresql/15/bin/"+program)
	}
	return drop
}

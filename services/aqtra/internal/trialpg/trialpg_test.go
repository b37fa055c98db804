package trialpg

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/postgres/pgserver"
)

// newSpec returns a spec for a real Postgres and an empty folder.
func newSpec(t *testing.T) Spec {
	t.Helper()
	found, err := pgserver.Find(t.Context(), "")
	if err != nil || len(found) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("no Postgres here", err)
		}
		t.Skip("no Postgres here")
	}
	// Not t.TempDir: no other user may enter that.
	dir, err := os.MkdirTemp("", "trialpg-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	owner, err := pgserver.RunAs(dir)
	require.NoError(t, err)
	require.NoError(t, owner.Own(dir))
	password := filepath.Join(dir, "password")
	require.NoError(t, owner.WriteFile(password, []byte("a password of the trial")))
	s := Spec{
		Bin: found[0].Dir, Major: strconv.Itoa(found[0].Major), Data: filepath.Join(dir, "pgdata"), PasswordFile: password, Database: "aqtra",
	}
	if os.Geteuid() == 0 {
		s.Attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(owner.UID()), Gid: uint32(owner.UID())}}
	}
	return s
}

// query asks the data of a stopped server.
func query(t *testing.T, s Spec, database, statement string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(s.Bin, "postgres"), "--single", "-D", s.Data, database)
	cmd.Stdin, cmd.SysProcAttr, cmd.Dir = strings.NewReader(statement+"\n"), s.Attr, filepath.Dir(s.Data)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func TestPrepare(t *testing.T) {
	t.Parallel()
	s := newSpec(t)
	// An earlier start was cut off.
	require.NoError(t, os.MkdirAll(filepath.Join(s.Data+".new", "base"), 0o700))
	require.NoError(t, s.Prepare(t.Context()))
	require.NoDirExists(t, s.Data+".new")
	require.Contains(t, query(t, s, "aqtra", "SELECT rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_authid WHERE rolname = 'postgres';"), `= "t"`)
	_ = query(t, s, "aqtra", "CREATE TABLE kept (id int);")
	require.NoError(t, s.Prepare(t.Context()))
	require.Contains(t, query(t, s, "aqtra", "SELECT relname FROM pg_class WHERE relname = 'kept';"), `= "kept"`, "a second start keeps the data")
}

func TestPrepareOfAnotherVersion(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("13\n"), 0o600))
	err := Spec{Data: data, Major: "15"}.Prepare(t.Context())
	require.ErrorContains(t, err, "of PostgreSQL 13, this is PostgreSQL 15")
}

func TestPrepareWithoutPassword(t *testing.T) {
	t.Parallel()
	s := newSpec(t)
	s.PasswordFile += ".missing"
	require.ErrorContains(t, s.Prepare(t.Context()), "password.missing")
	require.NoDirExists(t, s.Data)
}

func TestFromEnvironment(t *testing.T) {
	t.Parallel()
	env := map[string]string{"PGDATA": "/data", "POSTGRES_PASSWORD_FILE": "/password", "POSTGRES_DB": "aqtra"}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	s, err := FromEnvironment(lookup)
	require.NoError(t, err)
	require.Equal(t, "/data", s.Data)
	env["POSTGRES_DB"] = `a"; DROP`
	_, err = FromEnvironment(lookup)
	require.ErrorContains(t, err, "POSTGRES_DB")
	delete(env, "PGDATA")
	_, err = FromEnvironment(lookup)
	require.ErrorContains(t, err, "PGDATA is not set")
}

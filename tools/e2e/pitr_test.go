package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// superuser connects to the installation's Postgres.
func superuser(t *testing.T, s *site) *pgx.Conn {
	t.Helper()
	url, err := stand.DatabaseURL(s.Data, "aqtra")
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

// alone is an installation of one process that no other test uses.
func alone(t *testing.T) *site {
	t.Helper()
	// Postgres' user must be able to enter the folders above the data.
	folder, err := os.MkdirTemp("", "aqtra-e2e-alone-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s, err := start(context.WithoutCancel(t.Context()), binaries(t), folder, stand.One)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}

func shell(t *testing.T, script string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", append([]string{"-euc", script, "sh"}, args...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// Postgres' own means bring an installation back to a moment: a copy of its folder, made while it serves, and the log it archives.
// What was acknowledged before that moment is there, what came after is not, and work goes on.
func TestPointInTime(t *testing.T) {
	t.Parallel()
	s := alone(t)
	u := invoices(t, s)
	u.create(t, "invoice", invoice("INV-FIRST", "1", 0))

	// The server's user writes the archive; it must be able to enter the folders above it.
	safe, err := os.MkdirTemp("", "aqtra-e2e-archive-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(safe) })
	archive, base, data := filepath.Join(safe, "archive"), filepath.Join(safe, "base"), filepath.Join(s.Data, "postgres", "data")
	shell(t, `chmod 755 "$1"; mkdir -m 777 "$2"`, safe, archive)
	db := superuser(t, s)
	sql := func(format string, args ...any) {
		t.Helper()
		_, err := db.Exec(t.Context(), fmt.Sprintf(format, args...))
		require.NoError(t, err)
	}
	sql("ALTER SYSTEM SET archive_mode = on")
	sql("ALTER SYSTEM SET archive_command = 'test ! -f %s/%%f && cp %%p %[1]s/%%f'", archive)
	s.end(t, "aqtra", syscall.SIGTERM)
	s.startAgain(t, "aqtra")

	db = superuser(t, s)
	sql("SELECT pg_backup_start('base', true)")
	u.create(t, "invoice", invoice("INV-MEANWHILE", "1", 0))
	shell(t, `cp -a "$1" "$2"; rm -rf "$2"/pg_wal/* "$2"/postmaster.pid`, data, base)
	var label string
	require.NoError(t, db.QueryRow(t.Context(), "SELECT labelfile FROM pg_backup_stop()").Scan(&label))
	require.NoError(t, os.WriteFile(filepath.Join(base, "backup_label"), []byte(label), 0o644))

	kept := text(t, u.create(t, "invoice", invoice("INV-KEPT", "5000", 0)), "id")
	run := text(t, u.call(t, "POST", "/v1/components/invoice/workflows/approval:start", object{"input": object{"entry": kept}}).ok(), "id")
	task := text(t, u.task(t, run), "id")
	var moment time.Time
	require.NoError(t, db.QueryRow(t.Context(), "SELECT clock_timestamp()").Scan(&moment))
	u.create(t, "invoice", invoice("INV-LOST", "1", 0))
	u.call(t, "DELETE", entriesPath("invoice")+"/"+kept, nil).ok()
	s.end(t, "aqtra", syscall.SIGTERM) // the log is archived to its end

	shell(t, `rm -rf "$1"; cp -a "$2" "$1"; mkdir -p "$1"/pg_wal/archive_status; chmod 700 "$1"/pg_wal "$1"/pg_wal/archive_status
		printf "restore_command = 'cp %s/%%f %%p'\nrecovery_target_time = '%s'\nrecovery_target_action = 'promote'\n" "$3" "$4" >> "$1"/postgresql.auto.conf
		touch "$1"/recovery.signal; chown -R --reference="$2" "$1"`, data, base, archive, moment.UTC().Format("2006-01-02 15:04:05.999999-07"))
	s.startAgain(t, "aqtra")

	for number, want := range map[string]int{"INV-FIRST": 1, "INV-MEANWHILE": 1, "INV-KEPT": 1, "INV-LOST": 0} {
		require.Equal(t, want, u.count(t, "invoice", "InvoiceNumber == '"+number+"'"), number)
	}
	u.call(t, "POST", "/v1/tasks/"+task+":answer", object{"answer": 1}).ok()
	u.reaches(t, run, "RUN_STATE_SUCCEEDED")
	u.publish(t, "invoice")
	u.create(t, "invoice", invoice("INV-LOST", "2", 0))
	s.signUp(t)
}

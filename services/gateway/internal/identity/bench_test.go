package identity

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkAuthenticate reports the processor time of one authentication, ours and that of the Postgres behind it.
func BenchmarkAuthenticate(b *testing.B) {
	for _, parallel := range []int{1, 64} {
		b.Run(fmt.Sprintf("inflight=%d", parallel), func(b *testing.B) {
			w := newWorld(b)
			admin := w.signUp("ada@example.com")
			w.role(admin, "clerk", "entries.read", "files.*")
			tokens := make([]string, parallel)
			for i := range tokens {
				if i < 40 {
					tokens[i] = w.signIn(admin.email, goodPassword).token
				} else {
					tokens[i] = tokens[i-40]
				}
			}
			for range 10 { // prepared statements and warm caches
				w.who(tokens[0])
			}
			own, pg := processorTime(b), postgresTime(b, w)
			b.ResetTimer()
			var wg sync.WaitGroup
			for i, token := range tokens {
				n := b.N / parallel
				if i < b.N%parallel {
					n++
				}
				wg.Go(func() {
					for range n {
						if _, _, err := w.svc.Authenticate(b.Context(), token); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			per := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N) }
			b.ReportMetric(per(processorTime(b)-own), "cpu-us/op")
			b.ReportMetric(per(postgresTime(b, w)-pg), "postgres-cpu-us/op")
		})
	}
}

func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// postgresTime is what the backends of this world's connections have used.
func postgresTime(tb testing.TB, w *world) time.Duration {
	tb.Helper()
	rows, err := w.db.System().Query(tb.Context(), "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'gateway%'")
	require.NoError(tb, err)
	defer rows.Close()
	var total time.Duration
	for rows.Next() {
		var pid int
		require.NoError(tb, rows.Scan(&pid))
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			continue // not Linux, or a connection that ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
		require.NoError(tb, err)
		total += time.Duration(ns)
	}
	require.NoError(tb, rows.Err())
	return total
}

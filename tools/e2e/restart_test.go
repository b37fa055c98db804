package e2e_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// answersWithin bounds the time from a start on existing data to the first answer.
const answersWithin = 10 * time.Second

// TestKillWhilePublishing kills the process that publishes at several moments. What was begun ends either way, and what is live
// is one release as a whole: the new one after success, the old one after failure.
func TestKillWhilePublishing(t *testing.T) {
	for mode, process := range map[stand.Mode]string{stand.One: "aqtra", stand.Six: "component-library"} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s := open(t, mode)
			u := invoices(t, s)
			kept := text(t, u.create(t, "invoice", invoice("INV-KEPT", "10", 0)), "id")
			for round, delay := range []time.Duration{0, 30 * time.Millisecond, 150 * time.Millisecond} {
				field := fmt.Sprintf("Added%d", round)
				old := u.get(t, "/v1/published/components")["release"]
				c := u.get(t, "/v1/components/invoice")
				model := at(t, c, "model").(object)
				model["fields"] = append(items(t, model, "fields"), object{"name": field, "title": field, "type": "FIELD_TYPE_STRING", "query": true})
				u.call(t, "PATCH", "/v1/components/invoice?updateMask=model", object{"model": model, "etag": c["etag"]}).ok()
				publication := text(t, u.call(t, "POST", "/v1/publications", object{"components": list{"invoice"}}).ok(), "id")
				moment := time.NewTimer(delay) // where in the publication the kill falls is what the rounds vary
				<-moment.C
				s.end(t, process, syscall.SIGKILL)
				u.restart(t, process)

				var done object
				eventually(t, "the publication ends", func() bool {
					done = u.get(t, "/v1/publications/"+publication)
					return done["state"] == "PUBLICATION_STATE_SUCCEEDED" || done["state"] == "PUBLICATION_STATE_FAILED"
				})
				fields := invoice("INV-"+random(), "1", 0)
				fields[field] = "x"
				live := u.get(t, "/v1/published/components")["release"]
				if done["state"] == "PUBLICATION_STATE_SUCCEEDED" {
					require.Equal(t, done["release"], live)
					u.create(t, "invoice", fields)
				} else {
					require.Equal(t, old, live)
					u.call(t, "POST", entriesPath("invoice"), object{"fields": fields}).refused(400, "UNKNOWN_FIELD")
					u.publish(t, "invoice")
				}
				require.Equal(t, "INV-KEPT", at(t, u.get(t, entriesPath("invoice")+"/"+kept), "fields", "InvoiceNumber"))
			}
		})
	}
}

// restart starts a process again and demands the first answer in time.
func (u *user) restart(t *testing.T, process string) {
	t.Helper()
	start := time.Now()
	u.site.startAgain(t, process)
	for {
		a, err := u.Do(t.Context(), "GET", "/v1/components", nil)
		if err == nil && a.Code == 200 {
			break
		}
		require.Less(t, time.Since(start), answersWithin, "%s answers again: %s", process, a.Body)
	}
	require.Less(t, time.Since(start), answersWithin, "%s answers again", process)
}

// TestCleanStop interrupts every process: it ends by itself with code 0 and leaves no other behind, and finds its data again.
func TestCleanStop(t *testing.T) {
	for mode, processes := range map[stand.Mode][]string{stand.One: {"aqtra"}, stand.Six: stand.Services()} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s := open(t, mode)
			u := invoices(t, s)
			u.run(t, "invoice", "save", invoice("INV-STAYS", "10", 0)).ok()
			file := u.upload(t, "a.txt", "text/plain", []byte("stays"))
			before := u.state(t)
			for _, process := range processes {
				if process == "aqtra" {
					children, err := s.Process(process).Descendants()
					require.NoError(t, err)
					require.NotEmpty(t, children, "Postgres is one")
				}
				require.Equal(t, 0, s.end(t, process, syscall.SIGINT), "%s", s.Process(process).Log())
				u.restart(t, process)
			}
			eventually(t, "everything is there again", func() bool { return u.call(t, "GET", "/v1/files/"+file+":download", nil).Code == 200 })
			require.Equal(t, before, u.state(t))
			require.Equal(t, "stays", string(u.call(t, "GET", "/v1/files/"+file+":download", nil).Body))
		})
	}
}

package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstallSample(t *testing.T) {
	for _, sample := range []struct {
		id, component string
		entries       int
		task          string
		page          string
	}{
		{"invoice", "invoice", 12, "Approve invoice INV-2026-007?", "add_view_invoice"},
		{"dealership", fleet, 406, "Sell car VIN000001?", ""},
	} {
		t.Run(sample.id, func(t *testing.T) {
			eachMode(t, func(t *testing.T, s *site) {
				u := s.signUp(t)
				require.Contains(t, column(t, items(t, u.get(t, "/v1/samples"), "samples"), "id"), any(sample.id))
				u.invite(t, "member").call(t, "POST", "/v1/samples/"+sample.id+":install", object{}).refused(403, "PERMISSION_DENIED")
				u.call(t, "POST", "/v1/samples/"+sample.id+":install", object{}).ok()
				install := func() object {
					last := 0
					var now object
					eventually(t, "installation of "+sample.id, func() bool {
						now = u.get(t, "/v1/samples/"+sample.id+"/installation")
						require.NotEqual(t, "INSTALLATION_STATE_FAILED", now["state"], "%v", now)
						progress := wholeNumber(t, now["progress"])
						require.GreaterOrEqual(t, progress, last, "progress goes forward")
						last = progress
						return now["state"] == "INSTALLATION_STATE_SUCCEEDED"
					})
					return now
				}
				require.EqualValues(t, 100, install()["progress"])
				require.Equal(t, sample.entries, u.count(t, sample.component, ""))
				var tasks list
				eventually(t, "a task", func() bool { tasks = items(t, u.get(t, "/v1/tasks"), "tasks"); return len(tasks) > 0 })
				require.Equal(t, []any{sample.task}, column(t, tasks, "title"))
				require.Equal(t, []any{sample.page}, column(t, tasks, "page"))

				again := u.call(t, "POST", "/v1/samples/"+sample.id+":install", object{})
				if again.Code != 200 {
					again.refused(409, "SAMPLE_INSTALLED")
				}
				install()
				require.Equal(t, sample.entries, u.count(t, sample.component, ""))
				require.Len(t, items(t, u.get(t, "/v1/tasks"), "tasks"), 1, "nothing is done twice")
			})
		})
	}
}

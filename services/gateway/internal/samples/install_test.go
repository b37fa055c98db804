package samples

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// wantCalls are the calls that installing a sample takes when nothing goes wrong.
func wantCalls(sample string) []string {
	if sample == "invoice" {
		return []string{
			"alice@ CreateComponent invoice",
			"alice@ CreateRole accountant",
			"alice@ CreatePublication invoice sample/invoice/publication/1",
			"alice@ WatchPublication pub",
			"alice@rel-1 UploadFile invoices.csv text/csv",
			`alice@rel-1 RunDataflow invoice/import sample/invoice/1 {"file":{"$file":"file-1"}}`,
			"alice@rel-1 ListEntries invoice InvoiceNumber == 'INV-2026-007'",
			`alice@rel-1 StartRun invoice/approval sample/invoice/2 {"entry":{"$ref":"entry-7"}} entry=entry-7 key=INV-2026-007`,
		}
	}
	return []string{
		"alice@ CreateComponent transaction_specialists",
		"alice@ CreateComponent car_fleet",
		"alice@ CreateComponent managers_grid",
		"alice@ CreateRole fleet_clerk",
		"alice@ CreateRole specialist",
		"alice@ CreateRole fleet_auditor",
		"alice@ CreatePublication transaction_specialists,car_fleet,managers_grid sample/dealership/publication/1",
		"alice@ WatchPublication pub",
		`alice@rel-1 RunDataflow transaction_specialists/save sample/dealership/0 {"manager_name":"Mara Lindt"}`,
		`alice@rel-1 RunDataflow transaction_specialists/save sample/dealership/1 {"manager_name":"Jonas Becker"}`,
		`alice@rel-1 RunDataflow transaction_specialists/save sample/dealership/2 {"manager_name":"Amira Haddad"}`,
		"alice@rel-1 UploadFile cars.json application/json",
		`alice@rel-1 RunDataflow car_fleet/import_cars sample/dealership/4 {"file":{"$file":"file-1"}}`,
		`alice@rel-1 RunDataflow car_fleet/appoint_manager sample/dealership/5 {"car_vin":"VIN000001","manager_name":"Mara Lindt"}`,
		`alice@rel-1 RunDataflow car_fleet/appoint_manager sample/dealership/6 {"car_vin":"VIN000002","manager_name":"Jonas Becker"}`,
		`alice@rel-1 StartRun car_fleet/contract sample/dealership/7 {"car_vin":"VIN000001"} entry= key=VIN000001`,
	}
}

// stepStart is the first call of the step that a call belongs to.
func stepStart(calls []string, i int) int {
	if strings.Contains(calls[i], "WatchPublication") || i > 0 && strings.Contains(calls[i-1], "ListEntries") {
		return i - 1
	}
	return i
}

// bare is a call without who made it.
func bare(call string) string { return call[strings.Index(call, " ")+1:] }

func sampleIDs() []string { return []string{"invoice", "dealership"} }

func TestInstall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, sample := range sampleIDs() {
		t.Run(sample, func(t *testing.T) {
			h := w.house(t)
			s := w.service(t, h)
			in := install(t, s, h, sample)
			require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_RUNNING, in.GetState())
			require.Zero(t, in.GetProgress())
			require.Empty(t, h.took(), "asking for it returns at once")
			work(t, s)
			requireDone(t, get(t, s, h, sample))
			require.Equal(t, wantCalls(sample), h.took())
			for _, d := range h.delegated {
				require.Equal(t, []string{"admin"}, d.GetRoles(), "no more than the caller had")
			}
			content, err := data.ReadFile("data/" + sample + "/" + map[string]string{"invoice": "invoices.csv", "dealership": "cars.json"}[sample])
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, h.uploaded))

			// Once more changes nothing.
			requireDone(t, install(t, s, h, sample))
			worked, err := s.next(t.Context())
			require.NoError(t, err)
			require.False(t, worked)
			require.Empty(t, h.took())
		})
	}
}

func TestFailureAtEachCallAndRepetition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, sample := range sampleIDs() {
		calls := wantCalls(sample)
		for i, failing := range calls {
			t.Run(sample+" "+bare(failing), func(t *testing.T) {
				h := w.house(t)
				s := w.service(t, h)
				h.hooks(func(call string) error {
					if call == bare(failing) {
						return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not do this", fault.Field("it", "is not yours"))
					}
					return nil
				}, nil)
				install(t, s, h, sample)
				work(t, s)
				require.Equal(t, calls[:i+1], h.took())
				in := get(t, s, h, sample)
				require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_FAILED, in.GetState())
				require.Regexp(t, `^(role|component|publication|file|dataflow|workflow)[a-z_/. ]*: you may not do this; it: is not yours$`, in.GetMessage())
				require.Less(t, in.GetProgress(), int32(100))
				require.NotNil(t, in.GetFinishTime())

				// Asked for again, it goes on at once with the step that failed.
				h.hooks(nil, nil)
				in = install(t, s, h, sample)
				require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_RUNNING, in.GetState())
				require.Empty(t, in.GetMessage())
				require.Nil(t, in.GetFinishTime())
				work(t, s)
				requireDone(t, get(t, s, h, sample))
				got := h.took()
				rest := calls[stepStart(calls, i):]
				require.Len(t, got, len(rest))
				for n, call := range rest { // a new attempt is a new publication
					require.Equal(t, strings.Replace(bare(call), "publication/1", "publication/2", 1), bare(got[n]))
				}
				require.True(t, strings.HasPrefix(got[len(got)-1], "alice@"+h.release+" "), got[len(got)-1])
			})
		}
	}
}

// A crash is a context that ends, before a call had its effect or between the effect and the answer.
func TestCrashAtEachCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, sample := range sampleIDs() {
		for _, failing := range wantCalls(sample) {
			for _, when := range []string{"before", "after"} {
				t.Run(sample+" "+when+" "+bare(failing), func(t *testing.T) {
					h := w.house(t)
					one, two := w.service(t, h), w.service(t, h)
					ctx, crash := context.WithCancel(t.Context())
					defer crash()
					if when == "before" {
						h.hooks(func(call string) error {
							if call == bare(failing) {
								crash()
								return context.Canceled
							}
							return nil
						}, nil)
					} else {
						h.hooks(nil, func(call string) {
							if call == bare(failing) {
								crash()
							}
						})
					}
					install(t, one, h, sample)
					worked, err := one.next(ctx)
					require.True(t, worked)
					require.Error(t, err)
					require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_RUNNING, get(t, two, h, sample).GetState())

					h.hooks(nil, nil)
					worked, err = two.next(t.Context())
					require.NoError(t, err)
					require.False(t, worked, "the lease is not over")
					w.clk.Advance(lease)
					work(t, two)
					requireDone(t, get(t, two, h, sample))
					for call, n := range h.effects {
						if strings.HasPrefix(call, "UploadFile") && when == "after" && call == bare(failing) {
							require.Equal(t, 2, n, "an upload has no request id; the first file is nobody's")
							continue
						}
						require.Equal(t, 1, n, call)
					}
				})
			}
		}
	}
}

func TestUnavailableIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	away := fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "storage is not available")
	for name, busy := range map[string]error{
		"unavailable": away,
		"publication": fault.Conflict(faultv1.Reason_REASON_PUBLICATION_IN_PROGRESS, "another publication is in progress"),
	} {
		t.Run(name, func(t *testing.T) {
			h := w.house(t)
			s := w.service(t, h)
			left := 2
			h.hooks(func(call string) error {
				if strings.HasPrefix(call, "CreatePublication") && left > 0 {
					left--
					return busy
				}
				return nil
			}, nil)
			install(t, s, h, "invoice")
			done := make(chan error, 1)
			go func() {
				_, err := s.next(t.Context())
				done <- err
			}()
			for range 2 {
				w.asleep(t)
				require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_RUNNING, get(t, s, h, "invoice").GetState())
				w.clk.Advance(retryPause)
			}
			require.NoError(t, <-done)
			requireDone(t, get(t, s, h, "invoice"))
		})
	}
	t.Run("not forever", func(t *testing.T) {
		h := w.house(t)
		s := w.service(t, h)
		h.hooks(func(string) error { return away }, nil)
		install(t, s, h, "invoice")
		done := make(chan error, 1)
		go func() {
			_, err := s.next(t.Context())
			done <- err
		}()
		w.asleep(t)
		w.clk.Advance(retryFor + retryPause)
		require.NoError(t, <-done)
		in := get(t, s, h, "invoice")
		require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_FAILED, in.GetState())
		require.Equal(t, "component invoice: storage is not available", in.GetMessage())
	})
	require.Less(t, retryFor+stepTimeout, lease)
}

func TestStopWhileWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.house(t)
	s := w.service(t, h)
	h.hooks(func(string) error {
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the gateway is not available")
	}, nil)
	install(t, s, h, "invoice")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	w.asleep(t)
	stop()
	require.NoError(t, <-done)
	require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_RUNNING, get(t, s, h, "invoice").GetState())
}

func TestRunIsWoken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.house(t)
	s := w.service(t, h)
	started := make(chan struct{})
	h.hooks(nil, func(call string) {
		if strings.HasPrefix(call, "StartRun") {
			close(started)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	w.asleep(t)
	install(t, s, h, "invoice")
	<-started
	w.asleep(t) // again, when it has written the end
	requireDone(t, get(t, s, h, "invoice"))
	stop()
	require.NoError(t, <-done)
}

func TestTwoWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	t.Run("one claims it", func(t *testing.T) {
		h := w.house(t)
		install(t, w.service(t, h), h, "invoice")
		var wg sync.WaitGroup
		worked := make([]bool, 4)
		errs := make([]error, len(worked))
		for i := range worked {
			s := w.service(t, h)
			wg.Go(func() { worked[i], errs[i] = s.next(t.Context()) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.Len(t, slices.DeleteFunc(worked, func(b bool) bool { return !b }), 1)
		require.Equal(t, wantCalls("invoice"), h.took())
	})
	for _, call := range []string{"CreateComponent invoice", "StartRun"} {
		t.Run("one is overtaken at "+call, func(t *testing.T) {
			h := w.house(t)
			slow, quick := w.service(t, h), w.service(t, h)
			var overtaken atomic.Bool
			h.hooks(func(c string) error {
				if !strings.HasPrefix(c, call) || overtaken.Swap(true) {
					return nil
				}
				w.clk.Advance(lease)
				_, err := quick.next(t.Context())
				return err
			}, nil)
			install(t, slow, h, "invoice")
			_, err := slow.next(t.Context())
			require.ErrorIs(t, err, errLost)
			requireDone(t, get(t, slow, h, "invoice"))
			for call, n := range h.effects {
				require.Equal(t, 1, n, call)
			}
		})
	}
}

// Whoever lost the lease to another who is not done yet changes nothing either.
func TestLostLease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.house(t)
	s := w.service(t, h)
	q := db.New(w.db.System())
	var taken db.GatewayInstallation
	h.hooks(func(string) error {
		w.clk.Advance(lease)
		var err error
		taken, err = q.ClaimInstallation(t.Context(), db.ClaimInstallationParams{Until: s.now().Add(lease), Now: s.now()})
		return err
	}, nil)
	install(t, s, h, "invoice")
	_, err := s.next(t.Context())
	require.ErrorIs(t, err, errLost)
	require.Equal(t, []string{"alice@ CreateComponent invoice"}, h.took())

	now := s.now()
	finish := db.FinishInstallationParams{State: 3, Message: "late", Now: &now, TenantID: h.tenant, Sample: "invoice", Held: taken.LeaseUntil.Add(-lease)}
	n, err := q.FinishInstallation(t.Context(), finish)
	require.NoError(t, err)
	require.Zero(t, n)
	row, err := q.GetInstallation(t.Context(), "invoice")
	require.NoError(t, err)
	require.Equal(t, taken, row)
}

func TestWhatIsThereAlready(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.house(t)
	s := w.service(t, h)
	h.components["invoice"] = &libraryv1.Component{Id: "invoice", DisplayName: "My invoices"}
	install(t, s, h, "invoice")
	work(t, s)
	in := get(t, s, h, "invoice")
	require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_FAILED, in.GetState())
	require.Equal(t, `component invoice: there is a component "invoice" already that is not the sample's; the sample needs the name, so delete yours first or install the sample in another organization`, in.GetMessage())
	require.Empty(t, h.roles, "a role would grant rights on a component that is not the sample's")

	// What the sample made itself stays as it is.
	h.roles["accountant"] = true
	delete(h.components, "invoice")
	sample, err := s.find("invoice")
	require.NoError(t, err)
	own := proto.CloneOf(sample.GetComponents()[0])
	own.Uid, own.Revision, own.Model.Fields[0].Id = "x", 1, "f000000000"
	h.components["invoice"] = own
	h.took()
	install(t, s, h, "invoice")
	work(t, s)
	requireDone(t, get(t, s, h, "invoice"))
	require.Equal(t, []string{"alice@ CreateComponent invoice", "alice@ GetComponent invoice 1"}, h.took()[:2])
	require.Same(t, own, h.components["invoice"])
}

func TestMessagesOfFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	many := fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid")
	for range maxViolations + 3 {
		fault.Field("f", "is wrong")(many)
	}
	for _, tc := range []struct {
		name  string
		spoil func(*house)
		want  string
	}{
		{"disabled", func(h *house) {
			h.unable = fault.PermissionDenied(faultv1.Reason_REASON_USER_DISABLED, "the user was removed or disabled")
		}, "component invoice: the user was removed or disabled"},
		{"permission", func(h *house) {
			h.before = func(string) error {
				return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not do this: a permission is missing", fault.Meta("permission", "users.write"))
			}
		}, "component invoice: you may not do this: a permission is missing (users.write)"},
		{"publication", func(h *house) { h.failing = "the table could not be made" }, "publication: the table could not be made"},
		{"internal", func(h *house) {
			h.before = func(string) error { return errors.New("password=secret") }
		}, "component invoice: internal error; install again to go on from here"},
		{"many violations", func(h *house) {
			h.before = func(string) error { return many }
		}, "component invoice: the request has fields that are not valid" + strings.Repeat("; f: is wrong", maxViolations) + "; and 3 more"},
		{"no entry", func(h *house) {
			h.before = func(call string) error {
				if strings.HasPrefix(call, "ListEntries") {
					h.mu.Lock()
					defer h.mu.Unlock()
					h.uploads = 0
				}
				return nil
			}
		}, "workflow invoice/approval: the sample's entry is not there: InvoiceNumber == 'INV-2026-007'"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := w.house(t)
			tc.spoil(h)
			s := w.service(t, h)
			install(t, s, h, "invoice")
			work(t, s)
			in := get(t, s, h, "invoice")
			require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_FAILED, in.GetState())
			require.Equal(t, tc.want, in.GetMessage())
		})
	}
}

func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, other := w.house(t), w.house(t)
	s := w.service(t, mine)
	install(t, s, mine, "invoice")
	work(t, s)
	_, err := s.GetInstallation(as(t.Context(), other.tenant, "bob"), &samplesv1.GetInstallationRequest{Sample: "invoice"})
	require.True(t, fault.Has(err, faultv1.Reason_REASON_SAMPLE_NOT_FOUND), "%v", err)
	// The other tenant's installation is one of its own.
	theirs := w.service(t, other)
	install(t, theirs, other, "invoice")
	require.Equal(t, samplesv1.InstallationState_INSTALLATION_STATE_RUNNING, get(t, theirs, other, "invoice").GetState())
	requireDone(t, get(t, s, mine, "invoice"))
	work(t, theirs)
	requireDone(t, get(t, theirs, other, "invoice"))
}

func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	pgtest.RequireRLS(t, pgtest.Database(t, store.Schema, store.Migrations), store.Schema)
}

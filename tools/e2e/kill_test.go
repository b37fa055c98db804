package e2e_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

const (
	// killedRows are in the table that a publication changes: enough for a rewrite and an index to take a while.
	killedRows  = 50_000
	killedBatch = 10_000
)

// partsTable is a tenant with a table of parts.
func partsTable(t *testing.T, s *site) *user {
	t.Helper()
	u := s.signUp(t)
	u.call(t, "POST", "/v1/components", object{"id": "part", "displayName": "Part", "model": object{"fields": list{
		object{"name": "code", "title": "Code", "type": "FIELD_TYPE_STRING", "required": true, "primaryKey": true},
		object{"name": "shelf", "title": "Shelf", "type": "FIELD_TYPE_STRING"},
		object{"name": "pieces", "title": "Pieces", "type": "FIELD_TYPE_INTEGER"},
		object{"name": "weight", "title": "Weight", "type": "FIELD_TYPE_INTEGER"}}}}).ok()
	u.publish(t, "part")
	return u
}

// batch is a request that creates parts from number first on.
func batch(first, rows int, requestID string) *storagev1.BatchWriteEntriesRequest {
	r := &storagev1.BatchWriteEntriesRequest{Component: "part", RequestId: requestID}
	text := func(format string, n int) *typev1.Value {
		return &typev1.Value{Kind: &typev1.Value_Text{Text: fmt.Sprintf(format, n)}}
	}
	number := func(n int) *typev1.Value { return &typev1.Value{Kind: &typev1.Value_Int{Int: int64(n)}} }
	for i := first; i < first+rows; i++ {
		r.Operations = append(r.Operations, &storagev1.WriteOperation{Action: storagev1.WriteAction_WRITE_ACTION_CREATE,
			Entry: &storagev1.Entry{Fields: map[string]*typev1.Value{
				"code": text("P-%07d", i), "shelf": text("S-%03d", i%500), "pieces": number(i % 97), "weight": number(i),
			}}})
	}
	return r
}

func (u *user) write(t *testing.T, r *storagev1.BatchWriteEntriesRequest) (*storagev1.BatchWriteEntriesResponse, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return storagev1.NewEntriesClient(u.GRPC()).BatchWriteEntries(ctx, r)
}

// TestKillDuringSchemaChange kills the processes behind a publication while it rewrites a column of a large table and builds an
// index beside its users: all the while the release before it serves whoever gets an answer at all, and the publication goes on
// to its end, with nothing half done.
func TestKillDuringSchemaChange(t *testing.T) {
	s := open(t, stand.Six)
	u := partsTable(t, s)
	for first := 0; first < killedRows; first += killedBatch {
		_, err := u.write(t, batch(first, killedBatch, ""))
		require.NoError(t, err)
	}
	// Each round turns one field over: a wider type rewrites the table, and query builds an index.
	rounds := []struct {
		victims []string
		// after is how far the publication is when they are killed, and delay what is added to that.
		after int
		delay time.Duration
		field string
		to    string
	}{
		{[]string{"storage"}, 5, 0, "pieces", "FIELD_TYPE_NUMBER"},
		{[]string{"storage"}, 5, 120 * time.Millisecond, "weight", "FIELD_TYPE_NUMBER"},
		{[]string{"component-library"}, 5, 100 * time.Millisecond, "pieces", "FIELD_TYPE_STRING"},
		{[]string{"component-library", "storage"}, 30, 0, "weight", "FIELD_TYPE_STRING"},
		{[]string{"infra"}, 30, 20 * time.Millisecond, "shelf", "FIELD_TYPE_STRING"},
	}
	for n, round := range rounds {
		t.Run(fmt.Sprintf("%d %v", n, round.victims), func(t *testing.T) {
			old := u.get(t, "/v1/published/components")["release"]
			c := u.get(t, "/v1/components/part")
			model := at(t, c, "model").(object)
			f := field(t, model, round.field)
			f["type"], f["query"] = round.to, true
			u.call(t, "PATCH", "/v1/components/part?updateMask=model", object{"model": model, "etag": c["etag"]}).ok()
			changes := items(t, u.call(t, "POST", "/v1/publications:plan", object{"components": list{"part"}}).ok(), "changes")
			require.NotEmpty(t, changes)
			publication := text(t, u.call(t, "POST", "/v1/publications", object{"components": list{"part"}}).ok(), "id")
			eventually(t, "the publication is under way", func() bool {
				p := u.get(t, "/v1/publications/"+publication)
				return p["progress"] != nil && wholeNumber(t, p["progress"]) >= round.after
			})
			moment := time.NewTimer(round.delay)
			<-moment.C
			for _, v := range round.victims {
				s.end(t, v, syscall.SIGKILL)
			}
			u.serves(t)
			for _, v := range round.victims {
				s.startAgain(t, v)
			}
			var done object
			eventually(t, "the publication ends", func() bool {
				u.serves(t)
				a := u.call(t, "GET", "/v1/publications/"+publication, nil)
				if a.Code == 503 {
					return false
				}
				done = a.ok()
				return done["state"] == "PUBLICATION_STATE_SUCCEEDED" || done["state"] == "PUBLICATION_STATE_FAILED"
			})
			require.Equal(t, "PUBLICATION_STATE_SUCCEEDED", done["state"], "%v", done)
			live := u.get(t, "/v1/published/components")["release"]
			require.Equal(t, done["release"], live)
			require.NotEqual(t, old, live)
			plan := u.call(t, "POST", "/v1/publications:plan", object{"components": list{"part"}}).ok()
			require.Empty(t, plan["changes"], "nothing is half done")
			require.Equal(t, killedRows, u.count(t, "part", ""))
		})
	}
	// What every row says after so many rewrites is what it said before.
	last := u.get(t, entriesPath("part")+query("filter", "weight == '49999' && pieces == '44' && shelf == 'S-499'"))
	require.Equal(t, []any{"P-0049999"}, column(t, items(t, last, "entries"), "fields", "code"))
}

// serves reads an entry: who gets an answer gets it from a whole release, and the value is what it always was.
func (u *user) serves(t *testing.T) {
	t.Helper()
	a := u.call(t, "GET", entriesPath("part")+query("filter", "code == 'P-0000142'"), nil)
	if a.Code == 503 {
		a.refusal()
		return
	}
	found := items(t, a.ok(), "entries")
	require.Len(t, found, 1)
	require.Equal(t, 142, wholeNumber(t, at(t, found[0], "fields", "weight")))
	require.Equal(t, 45, wholeNumber(t, at(t, found[0], "fields", "pieces")))
}

// TestKillDuringBatch kills storage, the edge or Postgres while a batch of 10,000 is written: all of it is there or nothing, and
// asking again with the same request id has it there once.
func TestKillDuringBatch(t *testing.T) {
	s := open(t, stand.Six)
	u := partsTable(t, s)
	start := time.Now()
	_, err := u.write(t, batch(0, killedBatch, random()))
	require.NoError(t, err)
	whole := time.Since(start)
	t.Logf("a batch of %d takes %s", killedBatch, whole)

	written := killedBatch
	for n, round := range []struct {
		victim string
		part   float64 // of the time that the batch takes
	}{{"storage", 0.3}, {"storage", 0.75}, {"storage", 0.97}, {"infra", 0.8}, {"gateway", 0.6}} {
		t.Run(fmt.Sprintf("%d %s", n, round.victim), func(t *testing.T) {
			request := batch(written, killedBatch, random())
			answered := make(chan error, 1)
			go func() {
				_, err := u.write(t, request)
				answered <- err
			}()
			moment := time.NewTimer(time.Duration(float64(whole) * round.part))
			<-moment.C
			s.end(t, round.victim, syscall.SIGKILL)
			first := <-answered
			s.startAgain(t, round.victim)
			eventually(t, "entries are read again", func() bool { return u.call(t, "GET", entriesPath("part"), nil).Code == 200 })
			there := 0
			eventually(t, "a transaction that nobody waits for has ended", func() bool {
				there = u.count(t, "part", "") - written
				return first != nil || there == killedBatch
			})
			require.Contains(t, []int{0, killedBatch}, there, "all or nothing; the answer was %v", first)

			var response *storagev1.BatchWriteEntriesResponse
			eventually(t, "the repeated request is answered", func() bool {
				var err error
				response, err = u.write(t, request)
				if code := status.Code(err); code == codes.Unavailable || code == codes.DeadlineExceeded {
					return false
				}
				require.NoError(t, err)
				return true
			})
			require.EqualValues(t, killedBatch, response.GetCreated())
			again, err := u.write(t, request)
			require.NoError(t, err)
			require.Equal(t, response.GetResults()[killedBatch-1].GetId(), again.GetResults()[killedBatch-1].GetId(), "the same answer")
			written += killedBatch
			require.Equal(t, written, u.count(t, "part", ""), "once")
			id := response.GetResults()[0].GetId()
			require.Len(t, items(t, u.get(t, entriesPath("part")+"/"+id+"/changes"), "changes"), 1, "the history tells of it once")
		})
	}
}

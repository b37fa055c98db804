package e2e_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// Everything that matches comes in one answer, in either form, as far as the caller may read it.
func TestExport(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := partsTable(t, s)
		const rows = 3000
		_, err := u.write(t, batch(0, rows, ""))
		require.NoError(t, err)
		u.create(t, "part", object{"code": "Q", "shelf": "=HYPERLINK(\"http://x\")"})
		path := entriesPath("part") + ":export"

		a := u.call(t, "GET", path+query("orderBy", "weight desc", "filter", "weight >= 500"), nil)
		require.Equal(t, 200, a.Code, "%s", a.Body)
		require.Equal(t, "application/x-ndjson", a.Header.Get("Content-Type"))
		require.Contains(t, a.Header.Get("Content-Disposition"), "part.ndjson")
		var entries []object
		for line := range strings.Lines(string(a.Body)) {
			var e object
			require.NoError(t, json.Unmarshal([]byte(line), &e), line)
			entries = append(entries, e)
		}
		require.Len(t, entries, rows-500)
		require.Equal(t, "P-0002999", at(t, entries[0], "fields", "code"))
		require.Equal(t, u.get(t, entriesPath("part")+"/"+text(t, entries[7], "id")), entries[7], "as one reads it alone")

		a = u.call(t, "GET", path+query("format", "EXPORT_FORMAT_CSV", "fields", "code", "fields", "shelf"), nil)
		require.Equal(t, 200, a.Code, "%s", a.Body)
		table, err := csv.NewReader(strings.NewReader(string(a.Body))).ReadAll()
		require.NoError(t, err)
		require.Len(t, table, rows+2)
		require.Equal(t, []string{"id", "code", "shelf", "create_time", "update_time"}, table[0])
		require.Equal(t, []string{"Q", `'=HYPERLINK("http://x")`}, table[rows+1][1:3], "no formula")

		u.call(t, "GET", path+query("filter", "nothing > 1"), nil).refused(400, "EXPRESSION_INVALID")
		u.call(t, "GET", path+query("fields", "nothing"), nil).refused(400, "UNKNOWN_FIELD")
		u.call(t, "GET", path+query("pageSize", "1"), nil).refused(400, "UNKNOWN_FIELD")
		u.call(t, "GET", path+query("format", "XML"), nil).refused(400, "INVALID_FIELDS")
		u.call(t, "GET", entriesPath("nothing")+":export", nil).refused(404, "COMPONENT_NOT_FOUND")
		require.Empty(t, u.call(t, "GET", path+query("filter", "weight < 0"), nil).Body)
		u.invite(t, "member").call(t, "GET", path, nil).refused(403, "PERMISSION_DENIED")
	})
}

// Who reads all entries of a component reads what the rules let him see, and no more.
func TestExportKeepsRules(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		admin := s.signUp(t)
		admin.build(t, admin.sample(t, "dealership"))
		admin.publish(t)
		for i := range 30 {
			admin.create(t, fleet, object{"car_vin": fmt.Sprintf("VIN%06d", i), "brand": "Ford"})
		}
		for _, role := range []string{"fleet_clerk", "developer"} {
			u := admin.invite(t, role)
			listed := u.call(t, "GET", entriesPath(fleet)+query("pageSize", "1000"), nil)
			a := u.call(t, "GET", entriesPath(fleet)+":export", nil)
			require.Equal(t, listed.Code, a.Code, "%s", role)
			if a.Code == 200 {
				require.Equal(t, len(items(t, listed.ok(), "entries")), strings.Count(string(a.Body), "\n"), role)
			}
		}
	})
}

// Exports are few at a time, and one whose reader has gone makes room for the next.
func TestExportEndsWithItsReader(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := partsTable(t, s)
		for first := 0; first < 40_000; first += killedBatch { // more than the buffers on the way hold
			_, err := u.write(t, batch(first, killedBatch, ""))
			require.NoError(t, err)
		}
		client := storagev1.NewEntriesClient(u.GRPC())
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range 4 {
			stream, err := client.ExportEntries(ctx, &storagev1.ExportEntriesRequest{Component: "part"})
			require.NoError(t, err)
			_, err = stream.Recv() // and then no more
			require.NoError(t, err)
		}
		u.call(t, "GET", entriesPath("part")+":export", nil).refused(429, "OVERLOADED")
		require.Equal(t, 40_000, u.count(t, "part", ""), "others go on")
		cancel()
		eventually(t, "there is room again", func() bool {
			stream, err := client.ExportEntries(t.Context(), &storagev1.ExportEntriesRequest{Component: "part", Filter: "weight < 10"})
			require.NoError(t, err)
			lines := 0
			for {
				piece, err := stream.Recv()
				if errors.Is(err, io.EOF) {
					require.Equal(t, 10, lines)
					return true
				}
				if err != nil {
					_, reason := grpcReason(t, err)
					require.Equal(t, "OVERLOADED", reason)
					return false
				}
				lines += strings.Count(string(piece.GetChunk()), "\n")
			}
		})
	})
}

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadWeb(t *testing.T) {
	t.Parallel()
	const report = `{"testResults": [{"name": "/p/frontend/src/a.test.ts", "assertionResults": [
		{"fullName": "text-field: types", "status": "passed"}, {"fullName": "text-area: types", "status": "failed"},
		{"fullName": "password: hides", "status": "pending"}, {"fullName": "password: shows", "status": "passed"}]}]}`
	results := map[string]string{}
	rows := []string{
		"frontend/src/a.test.ts text-field", "frontend/src/a.test.ts text-area", "frontend/src/a.test.ts password", "frontend/src/a.test.ts",
		"frontend/src/a.test.ts nothing", "frontend/src/b.test.ts",
	}
	require.NoError(t, readWeb([]byte(report), "/p/frontend", rows, results))
	require.Equal(t, map[string]string{rows[0]: "pass", rows[1]: "fail", rows[2]: "skip", rows[3]: "fail"}, results)
	require.Error(t, readWeb([]byte("no tests"), "/p/frontend", rows, results))
}

package aqtra

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNextPort(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"": "localhost:8444", "localhost:9000": "localhost:9001", ":443": "localhost:444", "0.0.0.0:8080": "localhost:8081",
		"localhost:0": "localhost:0", "localhost:65535": "localhost:0", "nonsense": "localhost:0",
	} {
		require.Equal(t, want, nextPort(func(string) (string, bool) { return listen, listen != "" }), listen)
	}
}

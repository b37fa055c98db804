package rpc

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
)

// durations is a histogram whose series are looked up once. There are as many as methods that exist and codes.
type durations struct {
	vec    *prometheus.HistogramVec
	series sync.Map // of durationKey
}

type durationKey struct {
	peer, method string
	code         codes.Code
}

func newDurations(vec *prometheus.HistogramVec) *durations { return &durations{vec: vec} }

// observe counts a call. The label "peer" is left out when it is empty.
func (d *durations) observe(peer, method string, code codes.Code, took time.Duration) {
	key := durationKey{peer, method, code}
	s, ok := d.series.Load(key)
	if !ok {
		labels := []string{method, code.String()}
		if peer != "" {
			labels = []string{peer, method, code.String()}
		}
		s, _ = d.series.LoadOrStore(key, d.vec.WithLabelValues(labels...))
	}
	s.(prometheus.Observer).Observe(took.Seconds())
}

package sandbox

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

type metrics struct {
	calls   *prometheus.CounterVec
	seconds prometheus.Histogram
	starts  prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer, zygotes func() int) (metrics, error) {
	m := metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aqtra_python_calls_total", Help: "Script calls by result.",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "aqtra_python_call_seconds", Help: "Time of script calls, waiting for an interpreter included.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5, 10, 60},
		}),
		starts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "aqtra_python_interpreters_started_total", Help: "Interpreters started.",
		}),
	}
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "aqtra_python_interpreters", Help: "Interpreters that are kept warm.",
	}, func() float64 { return float64(zygotes()) })
	for _, c := range []prometheus.Collector{m.calls, m.seconds, m.starts, gauge} {
		if err := registerer.Register(c); err != nil {
			return metrics{}, fmt.Errorf("register metrics: %w", err)
		}
	}
	// A rate is right from the first failure on only if the counter was there before.
	for _, result := range []string{"ok", "failed", "timeout", "limit", "unavailable", "refused", "canceled"} {
		m.calls.WithLabelValues(result)
	}
	return m, nil
}

// resultOf names the result of a call for a metric.
func resultOf(err error) string {
	f, ok := fault.As(err)
	switch {
	case err == nil:
		return "ok"
	case !ok:
		return "canceled"
	}
	switch f.Reason {
	case faultv1.Reason_REASON_SCRIPT_FAILED:
		return "failed"
	case faultv1.Reason_REASON_SCRIPT_TIMEOUT:
		return "timeout"
	case faultv1.Reason_REASON_SCRIPT_LIMIT:
		return "limit"
	case faultv1.Reason_REASON_SANDBOX_UNAVAILABLE:
		return "unavailable"
	}
	return "refused"
}

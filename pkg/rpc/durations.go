package rpc

import (
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// durations is a histogram whose series are looked up once. There are as many as methods that exist and codes: at the edge
// strangers call whatever they like, and what does not exist is counted as the method "unknown".
type durations struct {
	vec    *prometheus.HistogramVec
	edge   bool
	series sync.Map // of durationKey
}

type durationKey struct {
	peer, method string
	code         codes.Code
}

func newDurations(vec *prometheus.HistogramVec, edge bool) *durations {
	return &durations{vec: vec, edge: edge}
}

// observe counts a call. The label "peer" is left out when it is empty.
func (d *durations) observe(peer, method string, code codes.Code, took time.Duration) {
	key := durationKey{peer, method, code}
	s, ok := d.series.Load(key)
	if !ok {
		if d.edge && !exists(method) {
			method, key.method = "unknown", "unknown"
		}
		labels := []string{method, code.String()}
		if peer != "" {
			labels = []string{peer, method, code.String()}
		}
		s, _ = d.series.LoadOrStore(key, d.vec.WithLabelValues(labels...))
	}
	s.(prometheus.Observer).Observe(took.Seconds())
}

// exists reports whether a linked proto file has the method "/package.Service/Method".
func exists(method string) bool {
	service, name, ok := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	if !ok {
		return false
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return false
	}
	s, ok := d.(protoreflect.ServiceDescriptor)
	return ok && s.Methods().ByName(protoreflect.Name(name)) != nil
}

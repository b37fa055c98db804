// Package backlog measures what waits in the workflow service. The figures are of the whole installation: every process
// reports the same ones.
package backlog

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
)

const (
	// fresh is how long figures count: metrics are read without credentials and must not cost a query each.
	fresh   = 10 * time.Second
	timeout = 2 * time.Second
	// Bound is how far runs and tasks are counted.
	Bound = 100_000
)

// Counts is what waits. Each is counted up to a bound.
type Counts struct {
	// Due are runs that could go on and that nobody has claimed; Oldest is since when the first of them could, zero for none.
	Due    int64
	Oldest time.Time
	// Claimed are runs that some process advances.
	Claimed int64
	// Tasks are questions that nobody has answered.
	Tasks int64
}

// Source counts.
type Source interface {
	// Backlog counts up to bound of each.
	Backlog(ctx context.Context, now time.Time, bound int) (Counts, error)
}

var (
	dueDesc     = prometheus.NewDesc("aqtra_workflow_due_runs", "Runs that could go on and that nobody advances, counted up to 100000.", nil, nil)
	ageDesc     = prometheus.NewDesc("aqtra_workflow_due_age_seconds", "How long the oldest run that could go on has waited, 0 when none waits.", nil, nil)
	claimedDesc = prometheus.NewDesc("aqtra_workflow_claimed_runs", "Runs that some process advances, counted up to 100000.", nil, nil)
	tasksDesc   = prometheus.NewDesc("aqtra_workflow_open_tasks", "Questions that wait for a person's answer, counted up to 100000.", nil, nil)
)

// Collector asks the source when metrics are read. While the source does not answer there are no figures.
type Collector struct {
	source Source
	clk    clock.Clock
	log    *slog.Logger

	mu     sync.Mutex
	asked  time.Time
	counts Counts
	failed bool
}

// New makes a collector.
func New(source Source, clk clock.Clock, log *slog.Logger) *Collector {
	return &Collector{source: source, clk: clk, log: log}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{dueDesc, ageDesc, claimedDesc, tasksDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	n, ok := c.ask()
	if !ok {
		return
	}
	age := 0.0
	if !n.Oldest.IsZero() {
		age = max(c.clk.Now().Sub(n.Oldest).Seconds(), 0)
	}
	gauge := func(d *prometheus.Desc, v float64) { ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	gauge(dueDesc, float64(n.Due))
	gauge(ageDesc, age)
	gauge(claimedDesc, float64(n.Claimed))
	gauge(tasksDesc, float64(n.Tasks))
}

func (c *Collector) ask() (Counts, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clk.Now()
	if since := now.Sub(c.asked); !c.asked.IsZero() && since >= 0 && since < fresh {
		return c.counts, !c.failed
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	n, err := c.source.Backlog(ctx, now, Bound)
	if err != nil && !c.failed {
		c.log.WarnContext(ctx, "backlog not counted", "error", err)
	}
	c.asked, c.counts, c.failed = now, n, err != nil
	return n, err == nil
}

package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
)

const (
	// upFresh is how long an answer counts: metrics are read without credentials and must not cost a query each.
	upFresh = 10 * time.Second
	// upTimeout is short enough for whoever scrapes to get all other metrics while Postgres is away.
	upTimeout = 2 * time.Second
)

var (
	upDesc     = prometheus.NewDesc("aqtra_postgres_up", "1 when Postgres answers this process within 2 s, 0 when not.", nil, nil)
	connsDesc  = prometheus.NewDesc("aqtra_postgres_connections", "Connections to Postgres, by pool and by what they do.", []string{"pool", "state"}, nil)
	maxDesc    = prometheus.NewDesc("aqtra_postgres_connections_max", "Most connections that a pool may have.", []string{"pool"}, nil)
	waitsDesc  = prometheus.NewDesc("aqtra_postgres_waits_total", "Times that work waited for a connection.", []string{"pool"}, nil)
	waitedDesc = prometheus.NewDesc("aqtra_postgres_wait_seconds_total", "Time that work waited for connections.", []string{"pool"}, nil)
)

// Register adds the metrics of the connections, and of whether Postgres answers; that is asked when they are read.
func (db *DB) Register(reg prometheus.Registerer, clk clock.Clock) error {
	return reg.Register(&collector{db: db, clk: clk})
}

type collector struct {
	db  *DB
	clk clock.Clock

	mu    sync.Mutex
	asked time.Time
	up    float64
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{upDesc, connsDesc, maxDesc, waitsDesc, waitedDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(upDesc, prometheus.GaugeValue, c.ask())
	for name, pool := range map[string]*pgxpool.Pool{"tenant": c.db.app, "system": c.db.system} {
		s := pool.Stat()
		ch <- prometheus.MustNewConstMetric(connsDesc, prometheus.GaugeValue, float64(s.AcquiredConns()), name, "busy")
		ch <- prometheus.MustNewConstMetric(connsDesc, prometheus.GaugeValue, float64(s.IdleConns()), name, "idle")
		ch <- prometheus.MustNewConstMetric(maxDesc, prometheus.GaugeValue, float64(s.MaxConns()), name)
		ch <- prometheus.MustNewConstMetric(waitsDesc, prometheus.CounterValue, float64(s.EmptyAcquireCount()), name)
		ch <- prometheus.MustNewConstMetric(waitedDesc, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds(), name)
	}
}

func (c *collector) ask() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if since := c.clk.Now().Sub(c.asked); !c.asked.IsZero() && since >= 0 && since < upFresh {
		return c.up
	}
	ctx, cancel := context.WithTimeout(context.Background(), upTimeout)
	defer cancel()
	c.up = 1
	if c.db.Ready(ctx) != nil {
		c.up = 0
	}
	c.asked = c.clk.Now()
	return c.up
}

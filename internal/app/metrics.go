package app

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// registerProcess adds the metrics of the Go runtime, of the process, and the version that runs.
func registerProcess(r *prometheus.Registry, version string) {
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "gatefold_build_info", Help: "The version that runs; always 1.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()}})
	build.Set(1)
	r.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// newReturned counts what came back, by who told of it and what it was. Both are words of this program.
func newReturned() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gatefold_bounces_total",
		Help: "Notifications about mails, each counted once."}, []string{"source", "kind"})
}

// outboxMetrics are read from the database when they are asked for. All nodes of an installation tell the same.
type outboxMetrics struct {
	outbox  *outbox.Outbox
	waiting *prometheus.Desc
	oldest  *prometheus.Desc
}

func registerOutbox(r *prometheus.Registry, o *outbox.Outbox) {
	r.MustRegister(&outboxMetrics{outbox: o,
		waiting: prometheus.NewDesc("gatefold_outbox_waiting", "Mails that are written and not sent yet.", nil, nil),
		oldest:  prometheus.NewDesc("gatefold_outbox_oldest_seconds", "Age of the oldest mail that waits.", nil, nil)})
}

// Describe implements prometheus.Collector.
func (m *outboxMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.waiting
	ch <- m.oldest
}

// Collect implements prometheus.Collector.
func (m *outboxMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	n, age, err := m.outbox.Backlog(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(m.waiting, err)
		return
	}
	ch <- prometheus.MustNewConstMetric(m.waiting, prometheus.GaugeValue, float64(n))
	ch <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, age.Seconds())
}

// registerFollower adds how far this node is behind what others change.
func registerFollower(r *prometheus.Registry, f *storage.Follower) {
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "gatefold_changes_behind_seconds",
		Help: "Age of the oldest change that this node has not followed yet."}, func() float64 { return f.Behind().Seconds() }))
}

// metricsHandler serves GET /metrics, and nothing else.
func metricsHandler(r *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	// A metric that cannot be read leaves the others standing.
	mux.Handle("GET /metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	return mux
}

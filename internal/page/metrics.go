package page

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count requests by route and status and measure their time.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	routes   sync.Map // routeStatus → *routeMetrics
}

type routeStatus struct {
	route  string
	status int
}

type routeMetrics struct {
	count   prometheus.Counter
	seconds prometheus.Observer
}

// NewMetrics registers the metrics of HTTP requests.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatefold_http_requests_total", Help: "HTTP requests by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gatefold_http_request_seconds", Help: "Time to answer an HTTP request.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5}}, []string{"route"}),
	}
	r.MustRegister(m.requests, m.seconds)
	return m
}

func (m *Metrics) observe(route string, status int, took time.Duration) {
	key := routeStatus{route, status}
	v, ok := m.routes.Load(key)
	if !ok {
		v, _ = m.routes.LoadOrStore(key, &routeMetrics{
			m.requests.WithLabelValues(route, strconv.Itoa(status)), m.seconds.WithLabelValues(route)})
	}
	rm := v.(*routeMetrics)
	rm.count.Inc()
	rm.seconds.Observe(took.Seconds())
}

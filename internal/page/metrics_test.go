package page

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestMetricsCountRoutesNotPaths(t *testing.T) {
	registry := prometheus.NewRegistry()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /articles/{slug}", func(http.ResponseWriter, *http.Request) {})
	c := NewChain(mux, ChainOptions{Metrics: NewMetrics(registry),
		Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) { w.WriteHeader(status) }})
	for _, path := range []string{"/articles/a", "/articles/b", "/articles/c", "/nothing", "/nothing/else"} {
		c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	have, timed := map[string]float64{}, uint64(0)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			switch f.GetName() {
			case "gatefold_http_requests_total":
				have[labels["route"]+" "+labels["status"]] = m.GetCounter().GetValue()
			case "gatefold_http_request_seconds":
				timed += m.GetHistogram().GetSampleCount()
			}
		}
	}
	if len(have) != 2 || have["GET /articles/{slug} 200"] != 3 || have[" 404"] != 2 || timed != 5 {
		t.Errorf("counted %v, timed %d", have, timed)
	}
}

package main

import (
	"strings"
	"testing"
	"time"
)

const wrkReport = `Running 4s test @ http://127.0.0.1:8080/
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   812.33us    1.21ms  31.10ms   93.61%
    Req/Sec    28.67k     2.91k   36.52k    71.25%
  Latency Distribution
     50%  501.00us
     75%    0.87ms
     90%    1.61ms
     99%    5.92ms
  228421 requests in 4.00s, 1.98GB read
Requests/sec:  57071.36
Transfer/sec:    507.51MB
`

func TestParseWrk(t *testing.T) {
	got, err := parseWrk(wrkReport)
	if err != nil {
		t.Fatal(err)
	}
	want := load{requests: 228421, rate: 57071.36, p50: 501 * time.Microsecond, p99: 5920 * time.Microsecond}
	if got != want {
		t.Errorf("parseWrk = %+v, want %+v", got, want)
	}
}

func TestParseWrkRefuses(t *testing.T) {
	for name, c := range map[string]struct{ report, want string }{
		"answers of 500":      {wrkReport + "  Non-2xx or 3xx responses: 3\n", "void round: Non-2xx or 3xx responses: 3"},
		"refused connections": {wrkReport + "  Socket errors: connect 0, read 12, write 0, timeout 0\n", "void round: Socket errors"},
		"no report":           {"unable to connect to 127.0.0.1:1 Connection refused\n", "report lacks"},
		"no 99th percentile":  {strings.Replace(wrkReport, "99%", "98%", 1), "report lacks"},
	} {
		if _, err := parseWrk(c.report); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

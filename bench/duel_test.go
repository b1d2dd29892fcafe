package main

import (
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	same := func(v float64) float64 { return v }
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{4}, 4}, {[]float64{9, 1, 5}, 5}, {[]float64{8, 2, 4, 6}, 5}} {
		if got := median(c.values, same); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
}

func TestPercentile(t *testing.T) {
	var times []time.Duration
	for i := range 100 {
		times = append(times, time.Duration(i+1)*time.Millisecond)
	}
	for p, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.985: 99, 0.99: 99, 1: 100} {
		if got := percentile(times, p); got != want*time.Millisecond {
			t.Errorf("percentile(%v) = %s, want %d ms", p, got, want)
		}
	}
	if got := percentile(nil, 0.5); got != 0 {
		t.Errorf("percentile of none = %s", got)
	}
}

func TestMedians(t *testing.T) {
	rounds := []result{
		{rate: 100, cpu: 30, p50: 5, p99: 90},
		{rate: 300, cpu: 10, p50: 7, p99: 70},
		{rate: 200, cpu: 20, p50: 6, p99: 80},
	}
	if got, want := medians(rounds), (result{rate: 200, cpu: 20, p50: 6, p99: 80}); got != want {
		t.Errorf("medians = %+v, want %+v", got, want)
	}
}

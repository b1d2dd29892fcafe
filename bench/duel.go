package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// contender is one server under load.
type contender struct {
	name    string
	url     string
	headers []string // of each request, "Name: value"
	server  *process // whose processor time is counted
}

// result is a contender's median over the counted rounds.
type result struct {
	rate     float64       // requests a second
	cpu      time.Duration // processor time a request, user and system
	p50, p99 time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("%s/s, %s µs CPU, p50 %s, p99 %s", figure(r.rate), figure(r.cpu.Seconds()*1e6),
		r.p50.Round(10*time.Microsecond), r.p99.Round(10*time.Microsecond))
}

// duel lets two contenders run in turn, A B A B …, each once unmeasured to warm
// up, and returns the medians of both.
func duel(ctx context.Context, o options, a, b contender) (result, result, error) {
	var rounds [2][]result
	for i := range o.rounds + 1 {
		for who, c := range []contender{a, b} {
			r, err := c.round(ctx, o)
			if err != nil {
				return result{}, result{}, fmt.Errorf("%s: %w", c.name, err)
			}
			if i > 0 {
				rounds[who] = append(rounds[who], r)
			}
		}
	}
	return medians(rounds[0]), medians(rounds[1]), nil
}

func (c contender) round(ctx context.Context, o options) (result, error) {
	before, err := c.server.cpu()
	if err != nil {
		return result{}, err
	}
	l, err := wrk(ctx, o, c.url, c.headers)
	if err != nil {
		return result{}, err
	}
	after, err := c.server.cpu()
	if err != nil {
		return result{}, err
	}
	return result{l.rate, (after - before) / time.Duration(max(l.requests, 1)), l.p50, l.p99}, nil
}

func medians(rounds []result) result {
	return result{
		rate: median(rounds, func(r result) float64 { return r.rate }),
		cpu:  time.Duration(median(rounds, func(r result) float64 { return float64(r.cpu) })),
		p50:  time.Duration(median(rounds, func(r result) float64 { return float64(r.p50) })),
		p99:  time.Duration(median(rounds, func(r result) float64 { return float64(r.p99) })),
	}
}

// median of an even number of values is the mean of the middle two.
func median[T any](all []T, value func(T) float64) float64 {
	values := make([]float64, len(all))
	for i, one := range all {
		values[i] = value(one)
	}
	slices.Sort(values)
	n := len(values)
	if n == 0 {
		return 0
	}
	return (values[(n-1)/2] + values[n/2]) / 2
}

// percentile returns the value that p (0–1) of the sorted times do not exceed.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p * float64(len(sorted))))
	return sorted[max(rank-1, 0)]
}

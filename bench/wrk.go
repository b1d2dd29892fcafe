package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// load is what wrk measured in one round.
type load struct {
	requests int
	rate     float64 // requests a second
	p50, p99 time.Duration
}

// wrk asks for url over and over for one round, on keep-alive connections, with
// the headers ("Name: value"). A refused connection, a time-out or an answer of
// 400 or more makes the round void: that is an error, not a slow result.
func wrk(ctx context.Context, o options, url string, headers []string) (load, error) {
	args := []string{
		"--latency",
		"-t", strconv.Itoa(o.threads), "-c", strconv.Itoa(o.conns),
		"-d", fmt.Sprintf("%ds", int(o.round.Seconds())),
	}
	for _, header := range headers {
		args = append(args, "-H", header)
	}
	out, err := exec.CommandContext(ctx, "wrk", append(args, url)...).CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("wrk %s: %w: %s", url, err, out)
	}
	l, err := parseWrk(string(out))
	if err != nil {
		return load{}, fmt.Errorf("wrk %s: %w", url, err)
	}
	return l, nil
}

var (
	wrkRequests = regexp.MustCompile(`(?m)^\s*(\d+) requests in `)
	wrkRate     = regexp.MustCompile(`(?m)^Requests/sec:\s+([\d.]+)$`)
	wrkP50      = regexp.MustCompile(`(?m)^\s+50%\s+([\d.]+(?:us|ms|s|m))$`)
	wrkP99      = regexp.MustCompile(`(?m)^\s+99%\s+([\d.]+(?:us|ms|s|m))$`)
	wrkFaults   = regexp.MustCompile(`(?m)^\s*(Socket errors|Non-2xx or 3xx responses): .*$`)
)

// parseWrk reads the report that wrk 4 prints with --latency.
func parseWrk(out string) (load, error) {
	if fault := wrkFaults.FindString(out); fault != "" {
		return load{}, fmt.Errorf("void round: %s", strings.TrimSpace(fault))
	}
	var found [4]string
	for i, pattern := range []*regexp.Regexp{wrkRequests, wrkRate, wrkP50, wrkP99} {
		match := pattern.FindStringSubmatch(out)
		if match == nil {
			return load{}, fmt.Errorf("report lacks %s:\n%s", pattern, out)
		}
		found[i] = match[1]
	}
	var l load
	var err error
	if l.requests, err = strconv.Atoi(found[0]); err != nil {
		return load{}, fmt.Errorf("read the report: %w", err)
	}
	if l.rate, err = strconv.ParseFloat(found[1], 64); err != nil {
		return load{}, fmt.Errorf("read the report: %w", err)
	}
	if l.p50, err = time.ParseDuration(found[2]); err != nil {
		return load{}, fmt.Errorf("read the report: %w", err)
	}
	if l.p99, err = time.ParseDuration(found[3]); err != nil {
		return load{}, fmt.Errorf("read the report: %w", err)
	}
	return l, nil
}

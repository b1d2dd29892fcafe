package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A reader has three free articles: each of these readers spends them all, on three of these articles.
const (
	unlockReaders  = 20_000
	unlockEach     = 3
	unlockArticles = 300
)

// measureUnlock lets every reader open an article at its wall, and then presses "Read this article" once for each
// reader and free article. Every press must be answered with the way to the article, and be found in the database after
// the server was killed in the middle of its next breath.
func measureUnlock(ctx context.Context, s *stage) ([]row, error) {
	before, err := s.countUnlocks(ctx)
	if err != nil {
		return nil, err
	}
	host := strings.TrimPrefix(s.base, "http://")
	looks, err := fire(ctx, host, s.conns, s.looks())
	if err != nil {
		return nil, err
	}
	if n := looks.statuses[http.StatusOK]; n != len(s.readers) {
		return nil, fmt.Errorf("%d of %d readers saw their article: %v", n, len(s.readers), looks.statuses)
	}
	requests := s.presses()
	v, err := fire(ctx, host, s.conns, requests)
	if err != nil {
		return nil, err
	}
	s.server.kill()
	if n := v.statuses[http.StatusSeeOther]; n != len(requests) {
		return nil, fmt.Errorf("%d of %d unlocks were answered with 303: %v", n, len(requests), v.statuses)
	}
	after, err := s.countUnlocks(ctx)
	if err != nil {
		return nil, err
	}
	if after-before != len(requests) {
		return nil, fmt.Errorf("%d unlocks were answered and %d are in the database", len(requests), after-before)
	}
	detail := fmt.Sprintf("%s unlocks by %s readers over %d connections, all found after kill -9; p50 %s",
		figure(float64(len(requests))), figure(unlockReaders), s.conns, percentile(v.times, 0.5).Round(10*time.Microsecond))
	return []row{
		{what: "unlock over HTTP, durable", value: v.rate(), unit: "/s", bar: 8000, detail: detail},
		{what: "unlock, p99", value: percentile(v.times, 0.99).Seconds() * 1e3, unit: " ms", bar: 25, atMost: true},
	}, s.serve(ctx)
}

// looks are the requests of readers who open the first of their articles: it is how one comes to the button.
func (s *stage) looks() [][]byte {
	requests := make([][]byte, len(s.readers))
	for i, reader := range s.readers {
		requests[i] = get(strings.TrimPrefix(s.base, "http://"), "/articles/"+s.metered[unlockEach*i%len(s.metered)], reader.cookie)
	}
	return requests
}

// presses are the requests of all unlocks: every reader's first, then every reader's second, then the third.
func (s *stage) presses() [][]byte {
	host := strings.TrimPrefix(s.base, "http://")
	requests := make([][]byte, 0, unlockEach*len(s.readers))
	for turn := range unlockEach {
		for i, reader := range s.readers {
			slug := s.metered[(unlockEach*i+turn)%len(s.metered)]
			requests = append(requests, post(host, "/articles/"+slug+"/unlock", reader.cookie, ""))
		}
	}
	return requests
}

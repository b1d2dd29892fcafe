//go:build !race

package web

import (
	"context"
	"strings"
	"testing"
)

// The sweep is some ten thousand requests, one after the other: the race detector would find nothing in them and take
// eight times as long. .ci/run runs it without.
func TestW00CanarySweep(t *testing.T) {
	s := newCanarySite(t)
	s.searchable()
	ctx, stop := context.WithCancel(t.Context())
	improved := make(chan struct{})
	go func() { _ = s.Run(ctx); close(improved) }() // pages are compressed better while they are asked for, as in service
	defer func() { stop(); <-improved }()
	strangers, entitled := s.strangers(t, 0), s.entitled(t)
	everyone := append(strangers, entitled...)
	for _, who := range entitled {
		s.readsEverything(who)
	}
	fill := s.fill()
	all := ways()
	known := map[string]bool{"": true}
	for _, r := range append(s.Routes(), Route{}) {
		known[r.Pattern] = true
		targets, ok := fill[r.Pattern]
		if !ok {
			t.Fatalf("the sweep does not know the route %q: say in fill how to ask for it", r.Pattern)
		}
		if strings.HasPrefix(r.Pattern, "POST ") {
			continue // TestW00CanarySweepForms
		}
		for i, at := range targets {
			for j, who := range everyone {
				for _, w := range share(all, at.path, i*len(everyone)+j, len(targets)*len(everyone)) {
					s.ask(who, at.path, w)
				}
			}
		}
	}
	for pattern := range fill {
		if !known[pattern] {
			t.Errorf("the sweep asks for %q, which is no route", pattern)
		}
	}
	s.withTags(everyone)
	s.silentLogs()
}
